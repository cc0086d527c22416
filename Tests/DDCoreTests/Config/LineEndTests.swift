import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// Texts from systems that end lines with CR and LF. To Swift the two are one character, which no split by a line feed finds.
@Suite("lines that end in CR and LF")
struct LineEndTests {
    @Test("settings are read as those of other files, and their lines counted alike")
    func configuration() throws {
        let lines = ["broker amqp://h", "", "# a comment", "subtopic a.#", "accept .*é"]
        let reader = OptionFile(SubscribeOptions.table)
        let values = try ["\n", "\r\n"].map { end in
            try reader.parse(lines.joined(separator: end) + end, path: "c").map { "\($0.name)=\($0.value) \($0.origin)" }
        }
        #expect(values[0] == values[1] && values[0].count == 3)
        let wrong = failure { () throws(ConfigError) in _ = try reader.parse("broker amqp://h\r\nnonsense on\r\n", path: "c") }
        #expect(wrong.contains("c:2") && !wrong.contains("\r"), "\(wrong)")
    }

    @Test("accounts have no carriage return in their password or options")
    func credentials() throws {
        var credentials = Credentials()
        try credentials.add("amqp://a:one@h/\r\nftp://b:two@h/ passive\r\n", path: "c")
        let broker = credentials.complete(try URLParts("amqp://a@h/"))
        #expect(broker.password?.reveal() == "one")
        #expect(credentials.entry(for: try URLParts("ftp://b@h/x"))?.url.password?.reveal() == "two")
    }

    @Test("a list of paths on standard input names the same files; with NUL between them a carriage return belongs to the name")
    func paths() throws {
        func read(_ text: String, _ separator: Character) throws -> [String] {
            let files = try TemporaryFolder()
            let descriptor = open(try files.write(text, to: "list"), O_RDONLY)
            defer { close(descriptor) }
            let list = PathList(descriptor: descriptor, separator: separator.asciiValue ?? 0)
            var paths: [String] = []
            while case .path(let bytes) = list.next() { paths.append(String(decoding: bytes, as: UTF8.self)) }
            return paths
        }
        #expect(try read("/a\r\n/b c\r\n\r\n/d", "\n") == ["/a", "/b c", "/d"])
        #expect(try read("/a\r\n/d\r", "\n") == ["/a", "/d"])
        #expect(try read("/a\r\0/b\0", "\0").map { Array($0.utf8) } == [Array("/a\r".utf8), Array("/b".utf8)])
    }

    @Test("listings of all kinds name the same entries")
    func listings() throws {
        let page = "<html><head><title>Index of /</title></head>\n<a href=\"f1\">f1</a> 21-Nov-2026 16:39 7\n</html>\n"
        let long = "total 1\n-rw-r--r--    1 bob      users        1234 Nov 21 2025 a name.txt\n"
        for (text, format) in [
            (page, IndexPage("http://host/") as any ListingFormat), (long, LongListing(now: Timestamp(seconds: 1_800_000_000))),
            ("type=file;size=7; a name.txt\n", MachineListing()),
        ] {
            let read = try ["\n", "\r\n"].map { try ListingFormatTests.read(text.replacing("\n", with: $0), format) }
            #expect(read[0] == read[1] && read[0].count == 1, "\(read)")
        }
    }
}
