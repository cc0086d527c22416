import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("one subscription at two brokers", .serialized, .enabled(if: SwitchTests.installed))
struct TwoBrokersTests {
    /// Two switches that get the same files from the same source, and somebody who is subscribed to both.
    private final class Ground {
        let switches: [RunningSwitch]
        let files: TemporaryFolder
        let names: [String]

        init(_ count: Int) throws {
            let network = try Network(["a", "b"])
            self.network = network
            switches = [network["a"], network["b"]]
            files = try TemporaryFolder()
            names = (0..<count).map { "two/\($0 % 20)/\($0)" }
            for node in switches {
                for name in names { try Tree.write(Array("\(name)\n".utf8), to: "\(node["DD_SOURCE_ROOT"])/\(name)") }
            }
            try files.write(
                switches.map { "broker \($0["DD_BROKER_BOB"])\n" }.joined()
                    + "directory \(files.path("got"))\nmirror on\nstrip 2\n"
                    + "on_file \(try script())\nallow_url \(switches[0]["DD_URL"])\nallow_url \(switches[1]["DD_URL"])\n",
                to: "two.conf", mode: 0o600)
        }

        private let network: Network

        /// Writes a line for each file.
        private func script() throws -> String {
            try files.write("#!/bin/sh\necho \"$1\" >>\(files.path("triggered"))\n", to: "note", mode: 0o755)
        }

        func command(_ program: String) -> Command {
            Command(program, environment: ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")])
        }

        func subscribe() throws -> RunningCommand {
            let running = try command("dd_subscribe").start([files.path("two.conf"), "--log_level", "info"])
            try #require(
                waitUntil(seconds: 20) { running.errors.split(separator: "\n").count { $0.contains("connected to") } >= 2 })
            return running
        }

        /// Posts all files at one of the switches.
        func post(_ number: Int) throws -> RunningCommand {
            let at = switches[number]
            let root = at["DD_SOURCE_ROOT"]
            return try command("dd_post").start(
                ["-b", at["DD_BROKER_ALICE"], "-u", at["DD_SOURCE_URL"], "-dr", root, "\(root)/two"])
        }

        /// How many files the second switch's source is told to have been brought by the other, when it is `wanted` or time is over.
        func reports(_ wanted: Int) throws -> Int {
            let words = ["-b", switches[1]["DD_BROKER_ALICE"], "--since", "1h", "--exit_idle", "1"]
            var count = 0
            _ = waitUntil(seconds: 40) {
                let lines = (try? command("dd_log").run(words).output)?.split(separator: "\n") ?? []
                count = lines.count { $0.contains(" 304 bob@") && $0.contains(FirstCopyWorker.words) }
                return count >= wanted
            }
            return count
        }

        var got: [String] { TemporaryFolder.tree(files.path("got")) }
        /// What the program was started for, each as often as it was.
        var triggered: [String: Int] {
            let lines = (SmallFile.text(files.path("triggered")) ?? "").split(separator: "\n").map(String.init)
            return Dictionary(lines.map { ($0, 1) }, uniquingKeysWith: +)
        }
    }

    @Test("each file comes once, though both announce it and one of them dies under load")
    func once() throws {
        let ground = try Ground(1_000)
        let running = try ground.subscribe()
        let posts = try [0, 1].map { try ground.post($0) }
        #expect(waitUntil(seconds: 60) { ground.got.count > 300 }, "\(running.errors.suffix(2000))")
        ground.switches[0].stop(SIGKILL)
        let cut = Monotonic.now()
        let count = ground.got.count
        #expect(waitUntil(seconds: 30) { ground.got.count > count || ground.got.count == 1_000 })
        let gap = Monotonic.now() - cut
        #expect(try posts[1].outcome(seconds: 60).status == 0)
        #expect(waitUntil(seconds: 60) { ground.triggered.count == 1_000 }, "\(ground.triggered.count)")
        usleep(500_000)
        let triggered = ground.triggered
        #expect(triggered.count == 1_000 && triggered.values.allSatisfy { $0 == 1 }, "\(triggered.filter { $0.value > 1 })")
        #expect(ground.got.count == 1_000 && gap < 2, "\(gap) s")
        running.send(SIGHUP)
        #expect(waitUntil(seconds: 20) { running.errors.contains("read again") }, "\(running.errors.suffix(1000))")
        running.send(SIGTERM)
        let outcome = try running.outcome(seconds: 30)
        #expect(outcome.status == 0 && outcome.errors.contains("trying again"), "\(outcome.errors.suffix(3000))")
    }

    @Test("killed in the middle, it goes on where it was, and what one broker brought is not fetched for the other")
    func killed() throws {
        let ground = try Ground(500)
        var running = try ground.subscribe()
        let first = try ground.post(0)
        #expect(waitUntil(seconds: 60) { ground.got.count > 100 }, "\(running.errors.suffix(2000))")
        running.send(SIGKILL)
        _ = try running.outcome()
        running = try ground.subscribe()
        #expect(try waitUntil(seconds: 60) { ground.got.count == 500 } && first.outcome(seconds: 60).status == 0)
        // Once more from a new start, when all is settled: the copies are told from what was remembered, not from what is there.
        running.send(SIGTERM)
        #expect(try running.outcome(seconds: 30).status == 0)
        TemporaryFolder.remove(ground.files.path("got"))
        running = try ground.subscribe()
        #expect(try ground.post(1).outcome(seconds: 60).status == 0)
        let copies = try ground.reports(500)
        #expect(copies == 500 && ground.got.isEmpty, "\(copies) \(ground.got.count)")
        running.send(SIGTERM)
        #expect(try running.outcome(seconds: 30).status == 0)
    }

    @Test("a broker that is away, refuses or is written twice: the other goes on, and each is told")
    func away() throws {
        let ground = try Ground(3)
        let port = try #require(FreePort.find())
        let text = try #require(SmallFile.text(ground.files.path("two.conf")))
        func config(_ first: String) throws {
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("broker") }.joined(separator: "\n")
            let brokers = "broker \(first)\nbroker \(ground.switches[1]["DD_BROKER_BOB"])\n"
            try ground.files.write(brokers + lines + "\n", to: "two.conf", mode: 0o600)
        }
        func run(_ words: String...) throws -> Command.Outcome {
            try ground.command("dd_subscribe").run([ground.files.path("two.conf")] + words)
        }
        try config("amqp://bob:x@127.0.0.1:\(port)/")
        _ = try run("--exit_idle", "2")
        #expect(try ground.post(1).outcome(seconds: 30).status == 0)
        let away = try run("--exit_idle", "6")
        #expect(
            away.status == 0 && ground.got.count == 3 && away.errors.contains("the rest of the brokers is not reached"), "\(away)"
        )
        let wrong = ground.switches[0]["DD_BROKER_BOB"].replacing(":", with: ":wrong", maxReplacements: 2)
            .replacing("amqp:wrong", with: "amqp:")
        try config(wrong)
        let refused = try run("--exit_idle", "2")
        #expect(refused.status == 1 && refused.errors.contains("is given up, the others go on"), "\(refused)")
        try config(ground.switches[1]["DD_BROKER_BOB"])
        let twice = try run()
        #expect(twice.status == 78 && twice.errors.contains("is written twice"), "\(twice)")
        try config(ground.switches[0]["DD_BROKER_BOB"])
        let many = try run("--instances", "2")
        #expect(many.status == 64 && many.errors.contains("several brokers exclude each other"), "\(many)")
        #expect(try run("cleanup").status == 0)
        #expect(
            TemporaryFolder.tree(ground.files.path("state")).allSatisfy { !$0.hasSuffix(".copies") && !$0.hasSuffix(".queue") })
    }
}
