import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// What an administrator, or a user with objects of its own, deletes under a program that runs, and makes again.
@Suite("objects that are deleted and made again", .serialized, .enabled(if: SwitchTests.installed))
struct RemadeTests {
    /// Counts deliveries, and is content with all.
    private final class Counter: Intake {
        let count = Guarded(0)

        func consider(_ delivery: Delivery) -> Consideration {
            count.withLock { $0 += 1 }
            return .settled(Outcome(.done))
        }
    }

    @Test("an exchange that was deleted and made again is bound again though nobody says anything to the program")
    func rebound() throws {
        let running = try RunningSwitch.shared()
        let bob = try RawClient(running["DD_BROKER_BOB"])
        let exchange = "q_bob.remade.exchange"
        try bob.declareExchange(exchange)
        var plan = QueuePlan(name: "q_bob.remade.queue")
        plan.expires = 600_000
        plan.bindings = [Binding(exchange: exchange, topic: "#")]
        var settings = PumpSettings(
            source: BrokerSettings(url: try BrokerURL(running["DD_BROKER_BOB"]), name: "a test"), queues: [plan])
        settings.rebinding = 0.2
        settings.exitAfter = 2
        settings.patience = 30
        let counter = Counter()
        let count = counter.count
        let ended = Guarded<Result<Tally, any Error>?>(nil)
        nonisolated(unsafe) let pump = try Pump(
            settings, intake: counter, stop: StopSignal(), log: Log(program: "test", level: .error))
        try Thread.start(for: "a test") {
            let result = Result { try pump.run() }
            ended.withLock { $0 = result }
        }
        /// Publishes until so many deliveries have come: what the exchange does not know where to send is lost.
        func publish(until wanted: Int) throws -> Bool {
            try waitUntil(seconds: 20) {
                if count.withLock({ $0 }) < wanted {
                    try bob.publish(exchange, "v02.post.a", body: [1], as: "bob")
                    usleep(50_000)
                }
                return count.withLock { $0 } >= wanted
            }
        }
        #expect(try publish(until: 1))
        try bob.deleteExchange(exchange)
        usleep(500_000)
        try bob.declareExchange(exchange)
        #expect(try publish(until: 2))
        #expect(waitUntil(seconds: 10) { ended.withLock { $0 != nil } })
        if case .failure(let error)? = ended.withLock({ $0 }) { Issue.record("\(error)") }
        try bob.deleteExchange(exchange)
        try bob.deleteQueue(plan.name)
    }

    @Test("dd_subscribe waits for a queue and an exchange that were deleted, says so, and goes on")
    func subscriber() throws {
        let parties = try Parties("remade")
        let bob = try RawClient(parties.running["DD_BROKER_BOB"])
        let exchange = "q_bob.remade.posts"
        try bob.declareExchange(exchange)
        defer { try? RawClient(parties.running["DD_BROKER_BOB"]).deleteExchange(exchange) }
        let config = try parties.write(
            "broker \(parties.broker("bob"))\nexchange \(exchange)\nsubtopic #\nqueue q_bob.remade.work\nlog_back off\n"
                + "directory \(parties.received)\nnotify_only on\n", to: "remade.conf")
        let subscriber = try parties.subscribe([config])
        try bob.deleteExchange(exchange)
        try bob.deleteQueue("q_bob.remade.work")
        #expect(waitUntil(seconds: 20) { subscriber.errors.contains("404") }, "\(subscriber.errors)")
        #expect(subscriber.isRunning)
        try bob.declareExchange(exchange)
        #expect(waitUntil(seconds: 20) { subscriber.errors.contains("connected again") }, "\(subscriber.errors)")
        let body = "\(Timestamp.now().wire) http://h/ remade/file"
        try bob.publish(exchange, "v02.post.remade", ["sum": "0,0", "parts": "1,1,1,0,0"], body: Array(body.utf8), as: "bob")
        #expect(waitUntil(seconds: 20) { subscriber.output.contains("http://h/remade/file") }, "\(subscriber.errors)")
        subscriber.send(SIGTERM)
        #expect(try subscriber.outcome().status == 0)
        try bob.deleteQueue("q_bob.remade.work")
    }

    @Test("dd_post waits for its exchange when that is deleted in the middle, and tells of each post once")
    func poster() throws {
        let parties = try Parties("outbox")
        let bob = try RawClient(parties.running["DD_BROKER_BOB"])
        let exchange = "q_bob.remade.outbox"
        try bob.declareExchange(exchange)
        defer { try? RawClient(parties.running["DD_BROKER_BOB"]).deleteExchange(exchange) }
        for number in 0..<3_000 { try Tree.write([UInt8(number & 255)], to: "\(parties.source)/\(number)") }
        let words = ["-b", parties.broker("bob"), "--exchange", exchange, "-u", "http://127.0.0.1:1/", "-dr", parties.source]
        let poster = try parties.command("dd_post").start(words + ["--window", "1", "--wait", "30", parties.source])
        #expect(waitUntil(seconds: 20) { !poster.output.isEmpty })
        try bob.deleteExchange(exchange)
        #expect(waitUntil(seconds: 20) { poster.errors.contains("404") || !poster.isRunning }, "\(poster.errors)")
        #expect(poster.isRunning, "\(poster.output.split(separator: "\n").count) were posted")
        try bob.declareExchange(exchange)
        let outcome = try poster.outcome(seconds: 90)
        let lines = outcome.output.split(separator: "\n")
        #expect(outcome.status == 0 && lines.count == 3_000 && Set(lines).count == 3_000, "\(lines.count) \(outcome.errors)")
        // What goes on for seconds is not said at each try.
        #expect(outcome.errors.split(separator: "\n").count { $0.contains("404") } <= 8, "\(outcome.errors)")
    }
}
