import DDCore
import DDTestSupport
import Glibc
import Testing

/// Files in blocks, between the field's older tool and ours; docs/interop.md tells what was seen.
@Suite("blocks with the field's own tools", .serialized, .enabled(if: SwitchTests.installed))
struct BlockInteropTests {
    private let seed = Seed()

    @Test("what the older tool posts in blocks is put together by ours, over our switch")
    func theirsToOurs() throws {
        let parties = try Parties("blocksfromv2")
        var generator = seed.generator()
        let path = parties.source + "/file.bin"
        try Tree.write(Tree.bytes(3 << 20 + 4_321, &generator), to: path)
        let bob = try parties.subscribe([try parties.configure()])
        let posted = try FieldHome(parties).post(.v2, "v02", path, "parts i,1M")
        #expect(posted.status == 0, "\(posted.output)\(posted.errors)")
        let copy = parties.received + "/blocksfromv2/file.bin"
        let arrives = waitUntil(seconds: 30) { Tree.content(copy) == Tree.content(path) }
        #expect(arrives, "\(posted.output)\(posted.errors)\(bob.errors)")
        let reports = try parties.reports { lines in lines.contains { $0.user == "bob" && $0.code == "201" } }
        #expect(reports.count { $0.user == "bob" && $0.code == "206" } == 4, "\(reports)")
        #expect(reports.count { $0.user == "bob" && $0.code == "201" } == 1, "\(reports)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    @Test("what ours posts in blocks is put together by the older tool", arguments: [false, true])
    func oursToTheirs(shuffled: Bool) throws {
        let parties = try Parties(shuffled ? "shuffledtov2" : "blockstov2")
        var generator = seed.generator()
        let path = parties.source + "/file.bin"
        try Tree.write(Tree.bytes(3 << 20 + 4_321, &generator), to: path)
        let folder = parties.path("v2")
        let theirs = try FieldHome(parties).subscribe(.v2, into: folder)
        let words = [
            "-b", parties.broker("feeder"), "-ex", "xpublic", "-sub", "20260101.alice.\(parties.name)", "-u",
            parties.running["DD_SOURCE_URL"], "-dr", parties.running["DD_SOURCE_ROOT"], "-p", "i,1M",
        ]
        let posted = try parties.command("dd_post").run(words + (shuffled ? ["-r"] : []) + [path])
        #expect(posted.status == 0 && posted.output.split(separator: "\n").count == 4, "\(posted.errors)")
        let arrives = waitUntil(seconds: 40) {
            TemporaryFolder.tree(folder).contains { Tree.content("\(folder)/\($0)") == Tree.content(path) }
        }
        #expect(arrives, "\(TemporaryFolder.tree(folder)) \(theirs.output)\(theirs.errors)")
        // In the middle of its pauses it does not heed a signal for long.
        theirs.kill()
    }
}
