import DDCore
import DDTestSupport
import Glibc
import Testing

/// What a switch announces of files that come in blocks can be fetched by everybody to whom it is announced.
@Suite("files in blocks, announced to all", .serialized, .enabled(if: SwitchTests.installed))
struct WholeFileTests {
    private let seed = Seed()

    /// Five blocks of a file of alice's, four of which have come to the switch.
    private func begin(_ parties: Parties) throws -> (path: String, poster: BlockPoster) {
        var generator = seed.generator()
        let path = parties.source + "/file.bin"
        try Tree.write(Tree.bytes(4 << 20 + 4_321, &generator), to: path)
        return (path, try BlockPoster(parties, file: "file.bin", blockSize: 1 << 20))
    }

    // Found before: v2 asked for blocks under a name that was not there yet, gave them up, and left a part of the file under its name.
    @Test("the field's own tools have the whole file, and ours the blocks before", arguments: [FieldTool.v2, .sr3])
    func theirs(_ tool: FieldTool) throws {
        let parties = try Parties("wholeto\(tool.rawValue)")
        let (path, poster) = try begin(parties)
        let folder = parties.path("theirs")
        let theirs = try FieldHome(parties).subscribe(tool, into: folder)
        let bob = try parties.subscribe([try parties.configure()])
        let client = try RawClient(parties.running["DD_BROKER_BOB"])
        let heard = "q_bob.heard.\(parties.name)"
        try client.declareQueue(heard, numbers: ["x-expires": 600_000])
        try client.bind(queue: heard, to: "xpublic", "v02.post.*.alice.\(parties.name).#")

        for block: Int64 in [2, 0, 3, 1] { try poster.post(block) }
        let blocks = try parties.reports { $0.count { $0.user == "bob" && $0.code == "206" } >= 4 }
        #expect(blocks.count { $0.user == "bob" && $0.code == "206" } == 4, "\(blocks) \(bob.errors)")
        #expect(try client.getAll(heard).isEmpty && TemporaryFolder.tree(folder).isEmpty)
        try poster.post(4)
        let copy = "\(folder)/\(parties.name)/file.bin"
        let arrives = waitUntil(seconds: 40) { Tree.content(copy) == Tree.content(path) }
        #expect(arrives, "\(TemporaryFolder.tree(folder)) \(theirs.output)\(theirs.errors)")
        #expect(Tree.content("\(parties.received)/\(parties.name)/file.bin") == Tree.content(path), "\(bob.errors)")
        let announced = try client.getAll(heard)
        #expect(announced.count == 1, "\(announced)")
        #expect(announced.first?.headers.contains { $0.hasPrefix("parts=1,\(4 << 20 + 4_321),") } == true, "\(announced)")
        // Ours has it once: nothing more is fetched, reported or given to programs.
        let reports = try parties.reports { $0.contains { $0.user == "bob" && $0.code == "201" } }
        #expect(reports.count { $0.user == "bob" && $0.code == "206" && $0.description.contains("127.0.0.1") } <= 5, "\(reports)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        theirs.kill()
    }

    @Test("who subscribes when some blocks are through has the file, too, and its program runs once")
    func late() throws {
        let parties = try Parties("latecomer")
        let (path, poster) = try begin(parties)
        let script = try parties.write("#!/bin/sh\necho \"$1\" >> \(parties.path("seen"))\n", to: "seen.sh", mode: 0o755)
        for block: Int64 in [0, 1] { try poster.post(block) }
        let stored = try parties.reports { $0.count { $0.user == "feeder" && $0.code == "206" } >= 2 }
        #expect(stored.count { $0.code == "206" } >= 2, "\(stored)")
        let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\nretry_waits 1s\non_file \(script)")])
        for block: Int64 in [2, 3, 4] { try poster.post(block) }
        let copy = "\(parties.received)/latecomer/file.bin"
        #expect(waitUntil(seconds: 40) { Tree.content(copy) == Tree.content(path) }, "\(bob.errors)")
        #expect(waitUntil(seconds: 10) { (SmallFile.text(parties.path("seen")) ?? "").contains("file.bin") })
        // A block that comes once more finds the file complete, and nothing unfinished stays.
        try poster.post(2)
        try poster.post(0)
        let reports = try parties.reports { $0.count { $0.user == "bob" && $0.code == "304" } >= 1 }
        #expect(reports.count { $0.user == "bob" && $0.code == "201" } == 1, "\(reports) \(bob.errors)")
        #expect(TemporaryFolder.names(in: "\(parties.received)/latecomer") == ["file.bin"])
        #expect(SmallFile.text(parties.path("seen"))?.split(separator: "\n").count == 1)
        bob.send(SIGTERM)
        _ = try bob.outcome()
    }
}
