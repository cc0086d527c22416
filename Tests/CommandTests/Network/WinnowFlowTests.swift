import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("dd_winnow at work", .serialized, .enabled(if: SwitchTests.installed))
struct WinnowFlowTests {
    /// Two exchanges of sources, one of what is winnowed, and a queue that collects it.
    private final class Ground {
        let running: RunningSwitch
        let files: TemporaryFolder
        let names: [String]
        let word: String
        var config: String { files.path("w.conf") }
        var queue: String { "q_feeder.collect.\(word)" }

        init(_ word: String, _ count: Int, _ lines: String = "") throws {
            running = try RunningSwitch()
            files = try TemporaryFolder()
            self.word = word
            names = (0..<count).map { "\(word)/\($0 % 10)/\($0)" }
            let admin = try RawClient(running["DD_BROKER_ADMIN"])
            for name in ["one", "two", "out"] { try admin.declareExchange("xw_\(word)_\(name)") }
            let feeder = try RawClient(running["DD_BROKER_FEEDER"])
            try feeder.declareQueue(queue)
            try feeder.bind(queue: queue, to: "xw_\(word)_out")
            for name in names { try files.write("\(name)\n", to: "tree/\(name)") }
            try files.write(
                "source_broker \(running["DD_BROKER_FEEDER"])\nsource_exchange xw_\(word)_one\nsource_exchange xw_\(word)_two\n"
                    + "broker \(running["DD_BROKER_FEEDER"])\nexchange xw_\(word)_out\n" + lines, to: "w.conf", mode: 0o600)
        }

        deinit { running.stop() }

        func command(_ program: String) -> Command {
            Command(program, environment: ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")])
        }

        func winnow() throws -> RunningCommand {
            let winnow = try command("dd_winnow").start([config])
            try #require(waitUntil(seconds: 20) { winnow.errors.contains("connected") }, "\(winnow.errors)")
            return winnow
        }

        /// Posts the tree as one of the sources.
        func post(_ source: String) throws -> RunningCommand {
            let words = [
                "-b", running["DD_BROKER_FEEDER"], "-ex", "xw_\(word)_\(source)", "-u", "http://\(source)/", "-dr",
                files.path("tree"),
            ]
            return try command("dd_post").start(words + [files.path("tree")])
        }

        /// Waits until so many posts have come out, and nothing has come after them for two seconds.
        func waits(for count: Int) throws -> Bool {
            let client = try RawClient(running["DD_BROKER_FEEDER"])
            var (last, since) = (-1, Monotonic.now())
            return try waitUntil(seconds: 60) {
                let messages = try client.facts(queue).messages
                if messages != last { (last, since) = (messages, Monotonic.now()) }
                return messages >= count && Monotonic.now() - since >= 2
            }
        }

        /// The paths that came out, each as often as it did.
        func came() throws -> [String: Int] {
            let bodies = try RawClient(running["DD_BROKER_FEEDER"]).getAll(queue).map(\.body)
            let paths = bodies.compactMap { $0.split(separator: " ", maxSplits: 2).last.map(String.init) }
            return Dictionary(paths.map { ($0, 1) }, uniquingKeysWith: +)
        }
    }

    @Test("the faster of two sources is killed in mid-flow: everything comes once")
    func killedSource() throws {
        let ground = try Ground("killed", 5_000)
        let winnow = try ground.winnow()
        let fast = try ground.post("one")
        #expect(waitUntil(seconds: 20) { fast.output.utf8.count > 20_000 }, "\(fast.errors)")
        let slow = try ground.post("two")
        fast.send(SIGKILL)
        #expect(try slow.outcome(seconds: 60).status == 0)
        #expect(try ground.waits(for: 5_000))
        winnow.send(SIGTERM)
        let outcome = try winnow.outcome()
        #expect(outcome.status == 0 && outcome.errors.contains("doubles dropped"), "\(outcome)")
        let came = try ground.came()
        #expect(came.count == 5_000 && came.values.allSatisfy { $0 == 1 }, "\(came.count)")
    }

    @Test("killed again and again, and several at once, it drops nothing, and passes next to nothing twice")
    func killed() throws {
        let ground = try Ground("again", 4_000)
        let first = try ground.winnow()
        let posts = try ["one", "two"].map { try ground.post($0) }
        var winnows = [first, try ground.winnow()]
        for round in 0..<5 {
            usleep(150_000)
            winnows[round % 2].send(SIGKILL)
            _ = try winnows[round % 2].outcome()
            winnows[round % 2] = try ground.winnow()
        }
        for post in posts { #expect(try post.outcome(seconds: 60).status == 0) }
        #expect(try ground.waits(for: 4_000))
        for winnow in winnows {
            winnow.send(SIGTERM)
            _ = try winnow.outcome()
        }
        let came = try ground.came()
        #expect(came.count == 4_000, "\(came.count)")
        #expect(came.values.reduce(0, +) < 4_000 + 5 * 1_500, "\(came.values.reduce(0, +))")
    }

    @Test("what makes no sense is refused with one line")
    func refusals() throws {
        let ground = try Ground("bad", 0)
        func fails(_ lines: String, _ text: String) throws {
            try ground.files.write("source_broker amqp://a:b@h/\nbroker amqp://a:b@h/\n" + lines, to: "bad.conf", mode: 0o600)
            let outcome = try ground.command("dd_winnow").run([ground.files.path("bad.conf")])
            #expect(outcome.status == 78 && outcome.errors.contains(text), "\(outcome)")
        }
        try fails("exchange x\n", "source_exchange is needed")
        try fails("source_exchange x\nexchange x\n", "would come back")
        try fails("source_exchange x\nexchange y\nbasis sum\n", "bad value 'sum' for 'basis'")
        try fails("source_exchange x\nexchange y\nremember_count 1\n", "remember_count")
        // It can be looked at, and forgotten.
        #expect(try ground.command("dd_winnow").run([ground.config, "status"]).status == 3)
        #expect(try ground.command("dd_winnow").run([ground.config, "--exit_idle", "0"]).status == 0)
        #expect(try ground.command("dd_winnow").run([ground.config, "cleanup"]).status == 0)
    }
}
