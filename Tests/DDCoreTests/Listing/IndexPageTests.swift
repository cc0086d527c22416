import DDTestSupport
import Testing

@testable import DDCore

/// Pages of web servers as they are in the field: what is understood, what is no entry, and what must not pass for an empty folder.
@Suite("pages of web servers")
struct IndexPageTests {
    private let url = "http://host/a/b%20c/"

    private func read(_ body: String, title: String = "Index of /a/b c/") throws -> [ListedLine] {
        try ListingFormatTests.read("<html><head><title>\(title)</title></head><body>\(body)</body></html>\n", IndexPage(url))
    }

    private func names(_ body: String) throws -> [String] {
        try read(body).map { line in
            switch line {
            case .entry(let entry): entry.name + (entry.isFolder ? "/" : "")
            case .unusable: "unusable"
            }
        }
    }

    @Test(
        "an entry is one however its link is written",
        arguments: [
            #"<a href="x.txt">x.txt</a>"#, #"<a href='x.txt'>x.txt</a>"#, "<a href=x.txt>x.txt</a>",
            #"<A class=f HREF = "x.txt" >x.txt</A>"#, #"<a href="./x.txt">x.txt</a>"#, #"<a href="/a/b%20c/x.txt">x.txt</a>"#,
            #"<a href="/a/b c/x.txt">x.txt</a>"#, #"<a href="http://host/a/b%20c/x.txt">x.txt</a>"#,
            #"<a href="//host/a/b%20c/x.txt">x.txt</a>"#, "<a\n title=\"a > b\" href=\"x.txt\">\n x.txt\n</a>",
            #"<a href="x.txt"><img src="i.gif"> x.txt</a>"#, #"<a href="x.txt" title="a < b">x.txt</a>"#,
        ])
    func links(link: String) throws {
        #expect(try names("<ul><li>\(link)</li></ul>") == ["x.txt"])
        #expect(try names("<pre>\(link)  21-Nov-2026 16:39  12\n</pre>") == ["x.txt"])
    }

    @Test("several on one line, and cut names")
    func lines() throws {
        #expect(try names("<a href='1'>1</a> <a href='2/'>2/</a><a href='3'>3</a>") == ["1", "2/", "3"])
        let long = "a-name-that-is-cut-where-it-is-shown.txt"
        #expect(try names("<a href='\(long)'>a-name-that-is-..&gt;</a><a href='l/'>l@</a>") == [long, "l/"])
    }

    @Test("names that cannot be used are said", arguments: ["%2e%2e/", "a%2Fb", "%0a", "%ff", "%2e%2e"])
    func unusable(reference: String) throws {
        #expect(try names("<a href='\(reference)'>x</a>") == ["unusable"])
    }

    @Test("what leads out of the folder is no entry, and a page of nothing else is not understood")
    func elsewhere() throws {
        for link in ["/etc/passwd", "http://other/x", "a/b", "x?y", "x#y", "//other/a/b%20c/x", "/a/x", "../x"] {
            #expect(try names("<a href='x'>x</a><a href='\(link)'>y</a>") == ["x"], "\(link)")
            #expect(throws: ListingError.self, "\(link)") { try read("<a href='\(link)'>y</a>") }
        }
        // An empty folder's page has these.
        for link in ["../", "..", "./", "/", "/a/", "/a/b%20c/", "?C=N;O=D", "#top", "", "mailto:root@host", "javascript:sort()"]
        {
            #expect(try names("<a href='\(link)'>y</a>") == [], "\(link)")
        }
    }

    @Test("links in a text before or behind the list are not announced")
    func texts() throws {
        let list = "<pre><a href='f'>f</a>  21-Nov-2026 16:39  12\n<a href='sub'>sub</a>  21-Nov-2026 16:39  -\n</pre>"
        let text = "<p>See <a href='other.html'>other.html</a>, <a href='http://elsewhere/'>elsewhere</a></p>"
        #expect(try names(text + list + text) == ["f", "sub/"])
        // Without dates: what stands behind the list.
        #expect(try names("<ul><li><a href='f'>f</a></ul>" + text) == ["f"])
        #expect(try names("<ul><li><a href='f'>f</a></ul><!-- <a href='g'>g</a> --><script>'<a href=h>h</a>'</script>") == ["f"])
    }

    @Test(
        "a page that does not show the folder says nothing of it",
        arguments: [
            ("", "Sign in"), ("<form>Name <input name=u><input type='password'></form>", "Index of /a/"),
            ("<div id=app></div><script src=app.js></script>", "Index of /a/"),
            ("<a href='/login'>sign in</a>", "Index of /a/"),
        ])
    func others(body: String, title: String) throws {
        #expect(throws: ListingError.self) { try read(body, title: title) }
    }

    @Test("sizes and times are those that the page says exactly")
    func facts() throws {
        let lines = try read(
            "<table><tr><td><a href='a'>a</a></td><td>2026-Nov-21 16:39:07</td><td>77</td></tr>"
                + "<tr><td><a href='b'>b</a></td><td>2026-11-21 16:39</td><td>1.2K</td></tr></table>")
        let day = try Timestamp(wire: "20261121163900")
        #expect(
            lines == [
                .entry(
                    ListedEntry(
                        name: "a", isFolder: false, size: 77, modified: Timestamp(seconds: day.seconds + 7), step: 1)),
                .entry(ListedEntry(name: "b", isFolder: false, size: nil, modified: day, step: 60)),
            ])
    }
}
