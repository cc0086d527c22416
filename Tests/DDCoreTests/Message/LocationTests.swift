import DDCore
import Testing

@Suite("where the bytes are")
struct LocationTests {
    @Test(
        "base and relpath make the URL",
        arguments: [
            // base, relpath, complete, encoded URL, name
            ("http://h/", "/a/b.txt", false, "http://h/a/b.txt", "b.txt"),
            ("http://h:8780", "//a/b.txt", false, "http://h:8780/a/b.txt", "b.txt"),
            ("http://h/d//", "a", false, "http://h/d/a", "a"),
            ("http://h/dlr2", "x/link.txt", false, "http://h/dlr2/x/link.txt", "link.txt"),
            ("http://h/x/y.txt", "in/y.txt", true, "http://h/x/y.txt", "y.txt"),
            ("http://h/x/y.txt", "in/", true, "http://h/x/y.txt", "y.txt"),
            ("http://h/x/y.txt", "", true, "http://h/x/y.txt", "y.txt"),
            ("http://h/x/y.txt/", "in/y.txt", false, "http://h/x/y.txt/in/y.txt", "y.txt"),
            ("http://h", "h", false, "http://h/h", "h"),
            ("http://h/", "d/", false, "http://h/d/", "d"),
            ("sftp://u@h//abs/", "a", false, "sftp://u@h//abs/a", "a"),
            ("sftp://u@h//", "abs/a", false, "sftp://u@h//abs/a", "a"),
            ("sftp://u@h/", "rel/a", false, "sftp://u@h/rel/a", "a"),
            ("ftp://u:p@h", "rel/a", false, "ftp://u@h/rel/a", "a"),
            ("file:/", "d/a", false, "file:/d/a", "a"),
            ("file:///", "d/a", false, "file:///d/a", "a"),
            ("http://[::1]:80/é b/", "日?#%.txt", false, "http://[::1]:80/%C3%A9%20b/%E6%97%A5%3F%23%25.txt", "日?#%.txt"),
            ("http://h/", "a!$&'()*+,;=:@~-_", false, "http://h/a!$&'()*+,;=%3A%40~-_", "a!$&'()*+,;=:@~-_"),
        ])
    func url(_ base: String, _ relpath: String, _ complete: Bool, _ encoded: String, _ name: String) {
        let location = Location(base: base, relpath: relpath)
        #expect(location.isCompleteURL == complete)
        #expect(location.encodedURL == encoded)
        #expect(location.fileName == name)
        #expect(location.url == (try? Percent.decode(encoded)))
    }

    @Test("names are encoded in the body as the wire has it")
    func encoding() throws {
        #expect(Percent.encodeBody("a b#c%d%41%4") == "a%20b%23c%d%2541%4")
        #expect(try Percent.decode("a%20b%23c%d%2541%4") == "a b#c%d%41%4")
        #expect(try Percent.decode("%C3%a9") == "é")
        #expect(Percent.encodeSegment("a/b") == "a%2Fb")
        #expect(Percent.encodePath("a b/c?d") == "a%20b/c%3Fd")
    }
}
