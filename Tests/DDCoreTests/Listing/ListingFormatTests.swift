import DDTestSupport
import Testing

@testable import DDCore

@Suite("listings of servers")
struct ListingFormatTests {
    private func read(_ text: String, _ format: any ListingFormat = IndexPage("http://host/a/")) throws -> [ListedLine] {
        try Self.read(text, format)
    }

    /// What a lister learns from a listing at its second reading.
    static func read(_ text: String, _ format: any ListingFormat) throws -> [ListedLine] {
        var format = format
        var lines: [ListedLine] = []
        for isSecond in [false, true] {
            lines = []
            if isSecond { format.rewind() }
            // By bytes: to Swift a line's end of two bytes is one character, and not this one.
            for piece in text.utf8.split(separator: format.separator, omittingEmptySubsequences: false) {
                lines += try format.read(Substring(piece))
            }
            lines += try format.finish()
        }
        return lines
    }

    private func file(_ name: String, _ size: Int64?, _ time: String?, step: Int64 = 60) throws -> ListedLine {
        let modified = try time.map { try Timestamp(wire: $0) }
        return .entry(ListedEntry(name: name, isFolder: false, size: size, modified: modified, step: modified == nil ? 1 : step))
    }

    private func folder(_ name: String, _ time: String?, step: Int64 = 60) throws -> ListedLine {
        let modified = try time.map { try Timestamp(wire: $0) }
        return .entry(ListedEntry(name: name, isFolder: true, size: nil, modified: modified, step: modified == nil ? 1 : step))
    }

    @Test("nginx")
    func nginx() throws {
        let page = """
            <html>\r
            <head><title>Index of /a/</title></head>\r
            <body>\r
            <h1>Index of /a/</h1><hr><pre><a href="../">../</a>\r
            <a href="sp%20ace/">sp ace/</a>                                            21-Nov-2026 16:39                   -\r
            <a href="%C3%A9t%C3%A9%23.txt">été#.txt</a>                                          01-Feb-2024 07:05                1234\r
            <a href="12%3A30.txt">12:30.txt</a>                                          01-Feb-2024 07:05          5000000000\r
            <a href="a&amp;b.txt">a&amp;b.txt</a>                                          01-Feb-2024 07:05                   0\r
            </pre><hr></body>\r
            </html>\r

            """
        let lines = try read(page)
        #expect(
            try lines == [
                folder("sp ace", "20261121163900"), file("été#.txt", 1234, "20240201070500"),
                file("12:30.txt", 5_000_000_000, "20240201070500"), file("a&b.txt", 0, "20240201070500"),
            ])
    }

    @Test("Apache, as a table and plain, and lighttpd")
    func others() throws {
        let apache = """
            <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
            <html><head><title>Index of /data</title></head><body>
            <tr><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th></tr>
            <tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="/">Parent Directory</a></td></tr>
            <tr><td valign="top"><img src="/icons/folder.gif" alt="[DIR]"></td><td><a href="d/">d/</a></td><td align="right">2026-11-21 16:39  </td><td align="right">  - </td><td>&nbsp;</td></tr>
            <tr><td><a href="x.bin"><img src="/icons/binary.gif"></a></td><td><a href="x.bin">x.bin</a></td><td align="right">2026-11-21 16:39  </td><td align="right">1.2K</td><td>&nbsp;</td></tr>
            <a href="mailto:root@host">Root</a>
            </body></html>
            """
        #expect(try read(apache) == [folder("d", "20261121163900"), file("x.bin", nil, "20261121163900")])
        let lighttpd = """
            <html><head><title>Index of /data/</title></head><body>
            <tr class="d"><td class="n"><a href="../">..</a>/</td><td class="m">&nbsp;</td><td class="s">- &nbsp;</td></tr>
            <tr><td class="n"><a href="f.txt">f.txt</a></td><td class="m">2026-Nov-21 16:39:07</td><td class="s">77</td></tr>
            </body></html>
            """
        #expect(try read(lighttpd) == [file("f.txt", 77, "20261121163907", step: 1)])
    }

    @Test("a page that is cut short, or is no index, says nothing")
    func notWhole() {
        let cut = "<html><head><title>Index of /</title></head><body>\n<a href=\"a\">a</a>  21-Nov-2026 16:39  1\n"
        #expect(throws: ListingError.self) { try read(cut) }
        #expect(throws: ListingError.self) { try read("<html><body>Be back soon: <a href=\"mirror/\">mirror</a></body></html>") }
        #expect(throws: ListingError.self) { try read("") }
    }

    @Test("ls -l, as vsftpd, proftpd and sftp list")
    func long() throws {
        let now = try Timestamp(wire: "20261121120000")
        let text = """
            total 12\r
            drwxr-xr-x    2 0        0            4096 Nov 21 11:39 sp ace\r
            -rw-r--r--    1 1000     1000   5000000000 Jan  2  2025 old.txt\r
            -rw-r--r--    1 bob      users           3 Nov 22 10:00  two spaces  in front.txt\r
            -rw-r--r--   1 ftp      ftp            77 Dec 31 23:59 last year.txt\r
            -rw-r--r--   1 ftp          12 Mar  1 00:00 no group\r
            lrwxrwxrwx    1 0        0               7 Nov 21 11:39 link -> target\r
            drwxr-xr-x    2 0        0            4096 Nov 21 11:39 .\r

            """
        let lines = try read(text, LongListing(now: now))
        #expect(
            try lines == [
                folder("sp ace", "20261121113900"), file("old.txt", 5_000_000_000, "20250102000000", step: 86_400),
                file(" two spaces  in front.txt", 3, "20261122100000"), file("last year.txt", 77, "20251231235900"),
                file("no group", 12, "20260301000000"),
            ])
        for line in [
            "11-21-26  04:39PM       <DIR>          windows", "-rw-r--r-- 1 a b x Nov 21 11:39 n", "550 Failed",
            "-rw-r--r-- 1 a b 5 Nov 21 11:39 /tree/n", "550 Failed\ndrwxr-xr 1 a b 5 Nov 21 11:39 n",
        ] {
            #expect(throws: ListingError.self) { try read(line, LongListing(now: now)) }
        }
    }

    @Test("random lines are read or refused")
    func random() {
        var generator = Seed().generator()
        let pieces = [
            "<a href=\"", "\">", "</a>", "%41", "%", "é", " ", "21-Nov-2026", "16:39", "-", "12", "&amp;", "Nov", "drwxr-xr-x",
            "type=file;", "'", "\n", "<!--", "-->",
            "/", "İ",
        ]
        for _ in 0..<5_000 {
            let line = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &generator)]
            }
            let page = "<title>Index of /</title><pre>\(line.joined())</pre></html>"
            for (text, format) in [
                (page, IndexPage("http://h/a/") as any ListingFormat), (line.joined(), LongListing(now: .now())),
                (line.joined(), MachineListing()),
            ] {
                for case .entry(let entry) in (try? Self.read(text, format)) ?? [] {
                    #expect(!entry.name.isEmpty && !entry.name.utf8.contains(UInt8(ascii: "/")))
                }
            }
        }
    }

    @Test("what a server lists more roughly later is no change")
    func changes() throws {
        func entry(_ time: String?, _ step: Int64, size: Int64? = 1) throws -> ListedEntry {
            ListedEntry(name: "a", isFolder: false, size: size, modified: try time.map { try Timestamp(wire: $0) }, step: step)
        }
        let minute = try entry("20260301123400", 60)
        #expect(try !entry("20260301000000", 86_400).differs(from: minute))
        #expect(try entry("20260302000000", 86_400).differs(from: minute))
        #expect(try entry("20260301123500", 60).differs(from: minute))
        #expect(try entry("20260301123400", 60, size: 2).differs(from: minute))
        #expect(try entry(nil, 1).differs(from: minute))
        #expect(try !entry(nil, 1).differs(from: entry(nil, 1)))
        #expect(try minute.describes(size: 1, modified: Timestamp(wire: "20260301123459.9")))
        #expect(try !entry(nil, 1).describes(size: 1, modified: Timestamp(wire: "20260301123459.9")))
    }

    @Test("folders that no subscription can want are not looked into")
    func beginnings() {
        for (pattern, beginning, can) in [
            ("#", "a.b", true), ("radar.*.gif.#", "radar", true), ("radar.*.gif.#", "radar.x", true),
            ("radar.*.gif.#", "radar.x.png", false),
            ("radar.*.gif.#", "radar.x.gif.deep", true), ("a.b", "a.b", true), ("a.b", "a.b.c", false), ("a.b", "x", false),
        ] {
            #expect(Topic.matches(pattern: pattern, beginning: beginning) == can, "\(pattern) \(beginning)")
        }
    }
}
