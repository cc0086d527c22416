import DDCore
import DDTestSupport
import Glibc
import Testing

/// dd_post cuts files.
@Suite("posting in blocks", .serialized)
struct BlockPostTests {
    private let files: TemporaryFolder

    init() throws { files = try TemporaryFolder() }

    private func dryRun(_ words: [String], seconds: Double = 60) throws -> (outcome: Command.Outcome, parts: [String]) {
        let command = Command("dd_post", environment: ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path])
        let common = ["-n", "-b", "amqp://alice:pw@localhost/", "-u", "http://h/", "-dr", files.path]
        let outcome = try command.run(common + words, seconds: seconds)
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: "\t") }
        return (outcome, lines.map { $0.count == 3 ? String($0[1]) : "\($0)" })
    }

    @Test("each form of --parts gives the posts it says")
    func forms() throws {
        let path = files.path("é#.bin")
        try Tree.write([UInt8](repeating: 1, count: 2_500), to: path)
        #expect(try dryRun(["-p", "1", path]).parts == ["1,2500,1,0,0"])
        #expect(try dryRun(["-p", "auto", path]).parts == ["1,2500,1,0,0"])
        #expect(try dryRun(["-p", "i,1K", path]).parts == ["i,1024,3,452,0", "i,1024,3,452,1", "i,1024,3,452,2"])
        #expect(try dryRun(["--parts", "p,2000B", path]).parts == ["p,2000,2,500,0", "p,2000,2,500,1"])
        #expect(try dryRun(["-p", "i,1", path]).parts.count == 2_500)
        #expect(try dryRun(["-p", "i,1T", path]).parts == ["1,2500,1,0,0"])
        let shuffled = try dryRun(["-r", "-p", "i,10", path]).parts
        #expect(shuffled.count == 250 && Set(shuffled).count == 250 && shuffled[0..<5] != ["i,10,250,0,0"])
        #expect(try dryRun(["-p", "i,1K", path]).outcome.output.hasPrefix("http://h/%C3%A9%23.bin\ti,1024,3,452,0\td,"))
    }

    // Found before: the program refused to look at such a file, as one outside of its document root.
    @Test("a name that begins with a combining mark is a name like any other")
    func combiningMark() throws {
        let path = files.path("\u{301}x")
        try Tree.write([1], to: path)
        for spelled in [path, files.path("d/../\u{301}x")] {
            let run = try dryRun([spelled])
            #expect(run.outcome.status == 0 && run.outcome.output.hasPrefix("http://h/%CC%81x\t"), "\(run)")
        }
        #expect(try dryRun([files.path("../\u{301}x")]).outcome.status == 64)
    }

    @Test("without a word a file above 64 MiB goes in blocks of as much, however much larger it is")
    func automatic() throws {
        for (size, wanted) in [
            (64 << 20, "1,67108864,1,0,0"), (64 << 20 + 1, "i,67108864,2,1,0"), (200 << 20, "i,67108864,4,8388608,0"),
        ] {
            let path = files.path("large")
            try Tree.write([], to: path)
            #expect(truncate(path, off_t(size)) == 0)
            #expect(try dryRun([path]).parts.first == wanted)
        }
    }

    @Test(
        "a bad value for --parts is said and nothing is posted",
        arguments: ["i", "i,0", "i,-1", "q,4", "i,4X", "1,4", "p", "i,1,2", "0", ""])
    func badValues(value: String) throws {
        let outcome = try dryRun(["-p", value, files.path("nothing")]).outcome
        #expect(outcome.status == 64 || outcome.status == 78, "\(outcome)")
        #expect(outcome.errors.contains("parts") && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    @Test("of a hundred thousand blocks each is announced once")
    func manyBlocks() throws {
        let path = files.path("many")
        try Tree.write([], to: path)
        #expect(truncate(path, off_t(100_000 << 10)) == 0)
        let (outcome, parts) = try dryRun(["-r", "-p", "i,1K", "-sum", "xxh128", path])
        #expect(outcome.status == 0 && Set(parts).count == 100_000)
    }
}
