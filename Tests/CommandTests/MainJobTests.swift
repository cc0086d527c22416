import DDCore
import DDTestSupport
import Glibc
import Testing

/// What it is all for: alice's folder comes to bob as she has it, whatever its files are called.
@Suite("the main job", .serialized, .enabled(if: SwitchTests.installed))
struct MainJobTests {
    /// Names that some tool of the field, or a careless URL, topic or shell, has stumbled over.
    static let oddNames = [
        "a b.txt", " space in front", "and behind ", "#hash", "100%", "%", "%41", "a%41b", "a%2Fb", "%zz", "a+b", "a&b=c;d,e",
        "it's \"so\"",
        "back\\slash", "what?", "[x]{y}", "*", "12:30:00.txt", "~tilde", "^|<>$`!", "-n", "--remove", "é.txt", "e\u{301}.txt",
        "日本.txt", "😀",
        ".hidden", "..two", "...", "x", "x.tmp", ".x.tmp", "x.dd.tmp.txt", "v02.post", "@", "=",
    ]

    @Test("a tree is received as it was posted, and its source is told")
    func mainJob() throws {
        let parties = try Parties("main")
        let seed = Seed()
        try Self.makeTree(parties.source, seed)
        let wanted = Tree.facts(parties.source)
        #expect(wanted.count > 130)
        let bob = try parties.subscribe([try parties.configure()])

        let posted = try parties.post()
        #expect(posted.status == 0, "\(posted.errors)")
        let lines = posted.output.split(separator: "\n")
        #expect(lines.count == wanted.count)
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            #expect(fields.count == 3 && fields[0].hasPrefix(parties.running["DD_SOURCE_URL"] + "main/"), "\(line)")
            #expect(line.utf8.allSatisfy { 0x20..<0x7f ~= $0 || $0 == 9 }, "\(line)")
        }

        let copy = parties.received + "/main"
        _ = waitUntil(seconds: 60) { TemporaryFolder.tree(copy).count >= TemporaryFolder.tree(parties.source).count }
        _ = waitUntil(seconds: 20) { Tree.facts(copy).count >= wanted.count }
        bob.send(SIGTERM)
        let outcome = try bob.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(Tree.differences(wanted, Tree.facts(copy)) == "", "\(seed)")
        for folder in [parties.received] + parties.stored { #expect(Tree.leftovers(folder) == []) }

        let reports = try parties.reports { lines in
            ["feeder", "bob"].allSatisfy { user in lines.count { $0.user == user } >= wanted.count }
        }
        for user in ["feeder", "bob"] { #expect(reports.count { $0.user == user && $0.code == "201" } == wanted.count) }
        #expect(reports.count == 2 * wanted.count)
        try traces(parties)
    }

    @Test("what is posted a second time is not fetched again")
    func again() throws {
        let parties = try Parties("again")
        try Tree.write(Array("once".utf8), to: parties.source + "/file")
        let config = try parties.configure()
        let bob = try parties.subscribe([config])
        for _ in 0..<2 { #expect(try parties.post().status == 0) }
        let reports = try parties.reports { $0.count >= 3 }
        #expect(reports.map { "\($0.user) \($0.code)" }.sorted() == ["bob 201", "feeder 201", "feeder 304"])
        // Other content under the same name is.
        try Tree.write(Array("twice".utf8), to: parties.source + "/file")
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { SmallFile.text(parties.received + "/again/file") == "twice" })
        bob.send(SIGINT)
        #expect(try bob.outcome().status == 0)
    }

    /// The way of a file is found under the name that its source gave it.
    private func traces(_ parties: Parties) throws {
        for name in ["main/a b.txt", "main/#hash", "main/a%41b", "main/日本.txt", "main/deep/er/still/100%"] {
            let outcome = try parties.command("dd_log").run(["-b", parties.broker("alice"), "--trace", name])
            #expect(outcome.status == 0, "\(name): \(outcome.errors)")
            #expect(
                outcome.output.hasPrefix("\(name), announced ") && outcome.output.contains(" by alice\n"), "\(outcome.output)")
            for user in ["feeder", "bob"] { #expect(outcome.output.contains("201 \(user)@"), "\(outcome.output)") }
        }
    }

    /// About 150 files, links and an empty folder.
    private static func makeTree(_ root: String, _ seed: Seed) throws {
        var generator = seed.generator()
        let folders = ["", "deep/", "deep/er/still/", "d.o.t.s/", "folder with space/", "#folder %41 é/"]
        for folder in folders {
            let names = folder.isEmpty || folder == "deep/er/still/" ? oddNames : Array(oddNames.prefix(12))
            for name in names { try Tree.write(Array("\(folder)\(name)\n".utf8), to: "\(root)/\(folder)\(name)") }
        }
        for number in 0..<30 {
            let bytes = Tree.bytes(Int.random(in: 0...5_000, using: &generator), &generator)
            try Tree.write(bytes, to: "\(root)/many/\(number % 3)/\(number)")
        }
        for name in ["empty", "many/empty too"] { try Tree.write([], to: "\(root)/\(name)") }
        try Tree.write(Tree.bytes(3 << 20, &generator), to: root + "/3 MiB")
        // As long as names may be with room for a few letters, and folders whose topic is longer than a topic may be.
        try Tree.write([1], to: root + "/" + String(repeating: "n", count: 250))
        let long = String(repeating: "é", count: 100)
        try Tree.write([2], to: "\(root)/\(long)/\(long)/file")
        try SmallFile.makeFolder(root + "/an empty folder")
        for (name, target) in [
            ("link", "x"), ("deep/up", "../a b.txt"), ("link to folder", "folder with space"), ("link to nothing", "é nowhere"),
            ("deep/er/to link", "../../link"), ("#folder %41 é/link %", "a%41b"),
        ] {
            guard symlink(target, "\(root)/\(name)") == 0 else { throw ProcessError("cannot make the link \(name)", errno) }
        }
    }
}
