import DDTestSupport
import Testing

@testable import DDCore

@Suite("where the file of a post goes")
struct PlacementTests {
    static let seed = Seed()
    static let now = Timestamp(seconds: 1_600_000_000)

    private func path(
        _ placement: Placement, _ relpath: String, base: String = "http://h/", rename: String? = nil, source: String? = "alice"
    ) throws -> String {
        var post = Sample.post(relpath, base: base)
        (post.rename, post.source) = (rename, source)
        return try placement.place(for: post, now: Self.now).relpath
    }

    @Test("its last name alone, or with its directories")
    func mirror() throws {
        #expect(try path(Placement(mirrors: false), "a/b/c.txt") == "c.txt")
        #expect(try path(Placement(mirrors: true), "a/b/c.txt") == "a/b/c.txt")
        #expect(try path(Placement(mirrors: true), "a//b/c.txt") == "a/b/c.txt")
        #expect(try path(Placement(mirrors: true), "", base: "http://h/a/c.txt") == "c.txt")
        #expect(try path(Placement(mirrors: true), "c.txt/", base: "http://h/x/d.txt") == "c.txt")
    }

    @Test("without leading directories, of which there may be fewer; the name stays")
    func strip() throws {
        #expect(try path(Placement(mirrors: true, strip: 1), "a/b/c.txt") == "b/c.txt")
        #expect(try path(Placement(mirrors: true, strip: 2), "a/b/c.txt") == "c.txt")
        func stripped(_ pattern: String, _ relpath: String) throws -> String {
            try path(Placement(mirrors: true, strip: StripChoice(pattern), flatten: nil), relpath)
        }
        #expect(try stripped(".*/data/", "x/data/b/c.txt") == "b/c.txt" && stripped("x", "x/b/c.txt") == "b/c.txt")
        #expect(try stripped("b/", "a/b/c.txt") == "a/b/c.txt" && stripped(".*", "a/b/c.txt") == "c.txt")
        #expect(throws: FileError.self) { try stripped("(x+)+$", String(repeating: "x", count: 40) + "/y") }
        #expect(throws: FileError.self) { try stripped("a/", "a/../b") }
        for bad in ["(", "1001", "-1"] { #expect(throws: ConfigError.self) { try StripChoice(bad) } }
        #expect(try path(Placement(mirrors: true, strip: 1_000), "a/b/c.txt") == "c.txt")
    }

    @Test("as one name")
    func flatten() throws {
        #expect(try path(Placement(mirrors: false, flatten: "_"), "a/b/c.txt") == "a_b_c.txt")
        #expect(try path(Placement(mirrors: true, strip: 1, flatten: "::"), "a/b/c.txt") == "b::c.txt")
        #expect(try path(Placement(mirrors: true, flatten: "/"), "a/b/c.txt") == "a/b/c.txt")
        let long = Array(repeating: String(repeating: "x", count: 100), count: 3).joined(separator: "/")
        #expect(throws: FileError.self) { try path(Placement(mirrors: true, flatten: "_"), long) }
    }

    @Test("below the day of the announcement and its source")
    func daily() throws {
        let placement = Placement(mirrors: false, daily: true)
        #expect(try path(placement, "a/b/c.txt") == "20200913/alice/a/b/c.txt")
        for source in [nil, "", "a/b", "..", ".", "/", "a/\u{301}b", "a\0"] {
            let error = #expect(throws: FileError.self, "\(source ?? "none")") { try path(placement, "c.txt", source: source) }
            #expect(error?.code == .notAllowed)
        }
    }

    @Test("a day that is not near today's is not believed", arguments: [-172_801, -172_800, -172_799, 0, 172_799, 172_800, .max])
    func day(difference: Int64) throws {
        var post = Sample.post("c.txt")
        post.source = "alice"
        let far = abs(difference) >= 172_800
        post.time = Timestamp(seconds: difference == .max ? .max : Self.now.seconds + difference)
        let day = try Placement(mirrors: false, daily: true).place(for: post, now: Self.now).directories[0]
        #expect(day == (far ? Self.now.day : post.time.day))
    }

    @Test("rename takes the place of the path; one that ends in / is a directory for the file")
    func rename() throws {
        let placement = Placement(mirrors: true)
        #expect(try path(placement, "a/b.txt", rename: "x/y.txt") == "x/y.txt")
        #expect(try path(placement, "a/b.txt", rename: "x/") == "x/b.txt")
        #expect(try path(placement, "a/b.txt", rename: "/x/y.txt") == "x/y.txt")
        #expect(try path(placement, "a/b.txt", rename: "") == "a/b.txt")
        #expect(try path(placement, "a/b.txt", rename: "/") == "b.txt")
        #expect(try path(Placement(mirrors: false), "a/b.txt", rename: "x/y.txt") == "y.txt")
        for rename in ["..", "../x", "x/../../y", "x/..", "..//", "../\u{301}x/y"] {
            #expect(throws: FileError.self, "\(rename)") { try path(placement, "a/b.txt", rename: rename) }
        }
    }

    @Test("any path lands below the root or is refused")
    func hostile() throws {
        let pieces = [
            "..", "..", ".", "/", "/", "/", "a", "b.txt", "\u{301}", "\u{200d}", "\0", "\n", "\u{7f}", "%2e%2e", "\\", "~", " ",
            "é",
            String(repeating: "n", count: 300),
        ]
        for number in 0..<5_000 {
            var random = Self.seed.generator(case: number)
            func text() -> String {
                (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            }
            var post = Sample.post(
                text(), base: ["http://h/", "http://h/d/f.txt", "http://h/.."].randomElement(using: &random) ?? "")
            post.source = Bool.random(using: &random) ? "alice" : text()
            if Bool.random(using: &random) { post.rename = text() }
            let placement = Placement(
                mirrors: Bool.random(using: &random), strip: Int.random(in: 0...3, using: &random),
                flatten: [nil, "_", ".", "/", ""].randomElement(using: &random) ?? nil, daily: Bool.random(using: &random))
            guard let place = try? placement.place(for: post, now: Self.now) else { continue }
            for word in place.directories + [place.name] {
                let bytes = Array(word.utf8)
                let isName = !bytes.contains { $0 == 0x2f || $0 < 0x20 } && 1...255 ~= bytes.count && bytes != [0x2e]
                try #require(isName && bytes != [0x2e, 0x2e], "\(bytes): \(Self.seed) case \(number)")
            }
        }
    }
}
