import DDCore
import DDTestSupport
import Glibc
import Testing

/// A broker that dies, or stands still, under the programs.
@Suite("a lost broker", .serialized, .enabled(if: SwitchTests.installed && Seed.isLong))
struct BrokerLossTests {
    @Test("a broker that is killed while files are posted comes back, and everything arrives")
    func killed() throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("lost", at: running)
        let seed = Seed()
        var generator = seed.generator()
        for number in 0..<1_500 {
            try Tree.write(
                Tree.bytes(.random(in: 0...500, using: &generator), &generator), to: "\(parties.source)/\(number % 7)/\(number)")
        }
        let wanted = Tree.facts(parties.source)
        let bob = try parties.subscribe([try parties.configure()])
        let alice = try parties.command("dd_post").start(parties.postWords(["--wait", "60", "--window", "2"]))
        // Some have come through, most not yet.
        #expect(
            waitUntil(seconds: 30) { TemporaryFolder.tree(parties.received).count > Int.random(in: 1...100, using: &generator) })
        #expect(alice.isRunning)
        let other = try parties.command("dd_post").start(parties.postWords(["--window", "2"]))
        usleep(300_000)
        try running.signalBroker(SIGKILL)

        // What was confirmed before is told, also by one who does not wait for the broker to come back.
        #expect(waitUntil(seconds: 10) { other.errors.contains("trying again") })
        other.send(SIGTERM)
        let told = try other.outcome(seconds: 10)
        #expect(told.status == 143 && !told.output.isEmpty && told.errors.contains("were not confirmed"), "\(told.errors)")

        let posted = try alice.outcome(seconds: 90)
        try #require(posted.status == 0, "\(seed): \(posted.errors)")
        #expect(posted.errors.contains("trying again") && posted.errors.contains("connected again"), "\(posted.errors)")
        let lines = posted.output.split(separator: "\n")
        #expect(lines.count == 1_500 && Set(lines).count == 1_500)
        let copy = parties.received + "/lost"
        _ = waitUntil(seconds: 60) { TemporaryFolder.tree(copy).count >= wanted.count }
        usleep(300_000)
        #expect(Tree.differences(wanted, Tree.facts(copy)) == "", "\(seed): \(running.log)")
        #expect(bob.errors.contains("connected again"))
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0, "\(bob.errors)")
        #expect(running.log.contains("broker ended with status 137, is started again"))
    }

    @Test("a broker that stands still does not keep programs from ending")
    func hanging() throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("hanging", at: running)
        for number in 0..<2_000 { try Tree.write([UInt8(number & 255)], to: "\(parties.source)/\(number)") }
        let config = try parties.configure()
        let bob = try parties.subscribe([config])
        let alice = try parties.command("dd_post").start(parties.postWords(["--window", "5"]))
        #expect(waitUntil(seconds: 30) { TemporaryFolder.tree(parties.received).count > 20 })
        #expect(alice.isRunning)
        try running.signalBroker(SIGSTOP)
        usleep(200_000)

        let start = Monotonic.now()
        for program in [alice, bob] { program.send(SIGTERM) }
        let posted = try alice.outcome(seconds: 100)
        #expect(Monotonic.now() - start < 5)
        #expect(posted.status == 143, "\(posted.errors)")
        let confirmed = posted.output.split(separator: "\n").count
        let said = posted.errors.matches(of: /(\d+) posts read so far were not confirmed/).first.flatMap { Int($0.1) }
        #expect(confirmed > 0 && said.map { 1...6 ~= $0 } == true, "\(posted.errors)")
        let outcome = try bob.outcome(seconds: 100)
        #expect(Monotonic.now() - start < 15)
        #expect(outcome.status == 0, "\(outcome.errors)")
        try running.signalBroker(SIGCONT)

        // Nothing that was confirmed is lost.
        let rest = try parties.command("dd_subscribe").run([config, "--exit_idle", "3"])
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(TemporaryFolder.tree(parties.received).count >= confirmed)
    }

    @Test("a broker that was away for ten seconds is served again within three, and a program says few lines meanwhile")
    func returned() throws {
        let broker = try PrivateBroker()
        defer { broker.stop() }
        let files = try TemporaryFolder()
        try files.write(broker.url("guest", "guest") + "\n", to: "credentials.conf", mode: 0o600)
        let words = ["broker amqp://guest@127.0.0.1:\(broker.port)/", "exchange amq.topic", "subtopic #", "log_back off"]
        let config = try files.write(words.joined(separator: "\n") + "\n", to: "returned.conf")
        let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        let subscribe = Command("dd_subscribe", environment: environment)
        let program = try subscribe.start([config, "--notify_only", "--log_level", "debug"])
        #expect(waitUntil(seconds: 30) { program.errors.contains("connected to") }, "\(program.errors)")
        broker.stop()
        usleep(10_000_000)
        try broker.start()
        let start = Monotonic.now()
        #expect(waitUntil(seconds: 20) { program.errors.contains("connected again") }, "\(program.errors)")
        #expect(Monotonic.now() - start <= 3, "\(Monotonic.now() - start) s: \(program.errors)")
        #expect(program.errors.split(separator: "\n").count { $0.contains("trying again") } <= 12, "\(program.errors)")
        program.send(SIGTERM)
        #expect(try program.outcome().status == 0)
    }
}
