import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// The guides in `docs`: their commands, one after the other, as somebody types them who has the accounts and addresses of a switch of the test's.
@Suite("guides", .serialized, .enabled(if: SwitchTests.installed))
struct GuideTests {
    private let running: RunningSwitch
    private let home: TemporaryFolder

    init() throws {
        running = try RunningSwitch()
        home = try TemporaryFolder()
    }

    /// What stands in blocks of the guide that are marked as commands, with the names of the test's switch.
    private func commands(_ guide: String) throws -> String {
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let text = try #require(SmallFile.text("\(root)/docs/\(guide).md"))
        let blocks = text.split(separator: "```sh\n").dropFirst().compactMap { $0.split(separator: "\n```").first }
        try #require(blocks.count > 3, "\(guide) has commands")
        var script = blocks.joined(separator: "\n")
        let broker = "127.0.0.1:\(running["DD_AMQP_PORT"])"
        for (written, meant) in [
            ("amqps://alice:PASSWORD@switch.example/", running["DD_BROKER_ALICE"]),
            ("amqps://bob:PASSWORD@switch.example/", running["DD_BROKER_BOB"]),
            ("amqps://alice@switch.example/", "amqp://alice@\(broker)/"),
            ("amqps://bob@switch.example/", "amqp://bob@\(broker)/"),
            (" bob@switch.example:", " --plain bob@\(broker):"), ("https://data.alice.example/", running["DD_SOURCE_URL"]),
            ("https://data.switch.example/", running["DD_URL"]), ("/srv/alice", running["DD_SOURCE_ROOT"]),
        ] { script = script.replacing(written, with: meant) }
        #expect(!script.contains("example/") && !script.contains("PASSWORD"))
        return script
    }

    private func follow(_ guide: String) throws -> Command.Outcome {
        let environment = ["HOME": home.path, "PATH": Command.folderOfBundle + ":/usr/bin:/bin"]
        let shell = Command(path: "/bin/sh", environment: environment, folder: home.path)
        let outcome = try shell.run(["-c", "set -ex\n" + commands(guide)], seconds: 120)
        #expect(outcome.status == 0, "\(outcome)")
        return outcome
    }

    @Test("of those who get files")
    func consumer() throws {
        defer { running.stop() }
        let isOver = Guarded(false)
        let (running, root) = (running, running["DD_SOURCE_ROOT"])
        try Thread.start(for: "alice") {
            for number in 0..<200 where !isOver.withLock({ $0 }) {
                try? Tree.write([1], to: "\(root)/radar/\(number)")
                _ = try? Command("dd_post").run([
                    "-b", running["DD_BROKER_ALICE"], "-u", running["DD_SOURCE_URL"], "-dr", root, "\(root)/radar/\(number)",
                ])
                usleep(500_000)
            }
        }
        let outcome = try follow("consumer")
        isOver.withLock { $0 = true }
        #expect(
            outcome.output.contains("/alice/radar/") && outcome.output.contains("place  \(home.path)/data/radar/a.gif"),
            "\(outcome)")
        #expect(outcome.output.contains("radar 1: running"), "\(outcome)")
        #expect(TemporaryFolder.tree(home.path("data")).contains { $0.hasPrefix("radar/") && !$0.hasSuffix("/") })
    }

    @Test("of those who have files")
    func source() throws {
        defer { running.stop() }
        let outcome = try follow("source")
        #expect(outcome.output.contains("radar/first, announced ") && outcome.output.contains("201 feeder@"), "\(outcome)")
        #expect(outcome.output.contains("radar/second, announced "), "\(outcome)")
    }

    @Test("of files for some people only", .enabled(if: Installed.has("/usr/bin/age-keygen")))
    func privateData() throws {
        defer { running.stop() }
        try SmallFile.makeFolder(home.path(".config/dd"))
        try home.write(running["DD_BROKER_ALICE"] + "\n", to: ".config/dd/credentials.conf", mode: 0o600)
        let lines = "broker amqp://alice@127.0.0.1:\(running["DD_AMQP_PORT"])/\nurl \(running["DD_SOURCE_URL"])\n"
        try home.write(lines + "document_root \(running["DD_SOURCE_ROOT"])\n", to: ".config/dd/default.conf")
        let outcome = try follow("private-data")
        #expect(outcome.output.contains("letter, announced ") && outcome.output.contains("reports\tbob@local\n"), "\(outcome)")
        #expect(outcome.output.contains("reports\tnobody\n"), "\(outcome)")
        let stored = TemporaryFolder.tree(running["DD_DOCUMENT_ROOT"])
        #expect(stored.contains { $0.hasSuffix("/letter") && $0.contains("/dd-private/") }, "\(stored)")
    }
}
