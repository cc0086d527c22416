import CRabbitMQ
import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// Queues and bindings that users make for themselves: what the broker bounds, and what `check` finds.
@Suite("queues and bindings of users", .enabled(if: RabbitMQ.isInstalled))
struct QueueRuleTests {
    private func bind(_ queue: String, to exchange: String, _ topic: String, as settings: BrokerSettings) throws -> BrokerError? {
        let consumer = try AMQPConsumer(settings, prefetch: 1)
        var plan = QueuePlan(name: queue)
        plan.bindings = [Binding(exchange: exchange, topic: topic)]
        do throws(BrokerError) {
            try consumer.declare(plan)
            return nil
        } catch { return error }
    }

    @Test("a binding that would make the broker search for seconds is refused, by each way that has a name")
    func costlyBindings() throws {
        let desk = try Desk()
        try desk.add("bob")
        try desk.add("alice", "--role", "source")
        let (settings, bob) = (try desk.settings("bob"), desk.name("bob"))
        for topic in ["#", "v02.post.#", "v02.post.*.CWAO.#.GIF", "#.CWAO.#"] {
            #expect(try bind("q_\(bob).x", to: "xpublic", topic, as: settings) == nil, "\(topic)")
        }
        for exchange in ["xpublic", "xl_\(bob)", "xp_\(bob)"] {
            let deep = Array(repeating: "#", count: 60).joined(separator: ".")
            for topic in ["#.#.#", "v02.#.a.#.b.#", deep] {
                #expect(try bind("q_\(bob).x", to: exchange, topic, as: settings)?.code == .refused, "\(exchange) \(topic)")
            }
        }
        let raw = try RawLink(desk, "bob")
        try raw.exchange("q_\(bob).own")
        #expect(throws: BrokerError.self) { try RawLink(desk, "bob").bind("q_\(bob).own", to: "xpublic", "#.#.#") }
        // What cannot be refused is found: by an exchange of one's own, and one that ends with its owner's connection, too.
        try raw.bind("q_\(bob).own", to: "xpublic", "#")
        try raw.temporary("q_\(bob).hidden", to: "q_\(bob).own", "#.#.#.#.#")
        let advice = try desk("doctor")
        let binding = "binding q_\(bob).own -> q_\(bob).hidden #.#.#.#.#"
        #expect(advice.output.contains("\(binding) makes the broker search"), "\(advice.output)")
        #expect(advice.output.contains("dd_switch user stop \(bob)"))
        #expect(try desk("check").status == 2)
    }

    @Test("no name and no kind of queue escapes the bounds")
    func bounds() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "consumer")
        try desk.add("alice", "--role", "source")
        let (raw, bob) = (try RawLink(desk, "bob"), desk.name("bob"))
        try raw.queue("q_\(bob).x.reports")
        try raw.queue("q_\(bob).reports")
        try raw.queue("q_\(bob)_old")
        try raw.queue("q_\(bob).s", ["x-queue-type": "stream"])
        // The broker says every few seconds what holds for a queue.
        func policy(_ queue: String) throws -> JSONValue? {
            var found: JSONValue?
            _ = try waitUntil(seconds: 20) {
                found = try JSONParser.parse(desk.curl("GET", "queues/\(desk.word)/\(queue)", ""))["effective_policy_definition"]
                return found?["max-length-bytes"] != nil
            }
            return found
        }
        for queue in ["q_\(bob).x.reports", "q_\(bob).reports", "q_\(bob)_old"] {
            let found = try policy(queue)
            #expect(found?["max-length-bytes"]?.integer == 2 << 30 && found?["max-length"]?.integer == 10_000_000, "\(queue)")
            #expect(found?["message-ttl"]?.integer == 14 * 86_400_000 && found?["expires"]?.integer == 28 * 86_400_000)
        }
        #expect(try policy("q_\(bob).s")?["max-length-bytes"]?.integer == 2 << 30)
        #expect(try policy("q_\(desk.name("alice")).reports")?["max-length-bytes"]?.integer == 2 << 30)
        let before = try desk("doctor").output
        #expect(!before.contains("without a bound"), "\(before)")
        _ = try desk.curl("DELETE", "operator-policies/\(desk.word)/dd_streams")
        _ = try desk.curl("DELETE", "operator-policies/\(desk.word)/dd_queues")
        var after = ""
        _ = try waitUntil(seconds: 20) {
            after = try desk("doctor").output
            return ["q_\(bob).x.reports", "q_\(bob).s"].allSatisfy { after.contains("\($0) of \(bob) may grow without a bound") }
        }
        for queue in ["q_\(bob).x.reports", "q_\(bob).s"] {
            #expect(after.contains("\(queue) of \(bob) may grow without a bound"), "\(after)")
        }
    }

    @Test("check names a queue that refuses what is announced, by whatever way it is bound, and who has too many")
    func refusing() throws {
        let desk = try Desk("user_queues 4\nuser_bindings 6")
        try desk.add("bob", "--role", "consumer")
        let (raw, bob) = (try RawLink(desk, "bob"), desk.name("bob"))
        try raw.exchange("q_\(bob).own")
        try raw.bind("q_\(bob).own", to: "xpublic", "#")
        for queue in ["near", "far", "apart"] {
            try raw.queue("q_\(bob).\(queue)", ["x-overflow": "reject-publish"])
        }
        try raw.bind(queue: "q_\(bob).near", to: "xpublic", "#")
        try raw.bind(queue: "q_\(bob).far", to: "q_\(bob).own", "#")
        let advice = try desk("doctor").output
        for queue in ["near", "far"] {
            #expect(advice.contains("q_\(bob).\(queue) of \(bob) refuses announcements"), "\(advice)")
        }
        #expect(!advice.contains("apart") && !advice.contains("more than"))
        for number in 0..<4 {
            try raw.queue("q_\(bob).\(number)")
            try raw.bind(queue: "q_\(bob).\(number)", to: "xpublic", "v02.post.\(number)")
        }
        let many = try desk("doctor").output
        #expect(many.contains("\(bob) has 7 queues, more than 4"), "\(many)")
        #expect(many.contains("\(bob) has 7 bindings, more than 6"), "\(many)")
    }

    @Test("what dd_sara holds on purpose is no queue that nobody serves, and the list of users says so")
    func held() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "source")
        let (feeder, bob) = ("feeder" + desk.word, desk.name("bob"))
        #expect(try desk("doctor").output.contains("nobody consumes q_\(feeder).dd_sara.ingest.\(bob)"))
        #expect(try desk("user", "list").output.contains("\(bob) source active"))
        let url = try BrokerURL(desk.broker.url(feeder, "feederpassword", vhost: desk.word))
        let consumer = try AMQPConsumer(BrokerSettings(url: url, name: "test"), prefetch: 1)
        var plan = QueuePlan(name: QueueName.hold(feeder: feeder, source: bob))
        plan.isTemporary = true
        try consumer.declare(plan)
        let advice = try desk("doctor").output
        #expect(!advice.contains("dd_sara.ingest.\(bob)") && advice.contains("dd_sara holds the posts of \(bob)"), "\(advice)")
        #expect(try desk("user", "list").output.contains("\(bob) source held (quota)"))
        #expect(try desk("user", "list", "--json").output.contains(#""held":"quota""#))
        consumer.close()
        #expect(waitUntil(seconds: 10) { (try? desk("user", "list").output.contains("\(bob) source active")) ?? false })
    }

    @Test("a control stream that was deleted is made again by init, which tells again who is a user")
    func controlStream() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "source")
        let stream = "q_feeder\(desk.word).control"
        _ = try desk.curl("DELETE", "queues/\(desk.word)/\(stream)")
        let outcome = try desk("init")
        #expect(outcome.status == 0 && outcome.output.contains("\(desk.name("bob")) is announced again"), "\(outcome)")
        let url = try BrokerURL(desk.broker.url("feeder" + desk.word, "feederpassword", vhost: desk.word))
        let consumer = try AMQPConsumer(BrokerSettings(url: url, name: "test"), prefetch: 10)
        var plan = QueuePlan(name: stream)
        plan.streamOffset = .first
        try consumer.consume(plan)
        var names: [String] = []
        _ = try waitUntil(seconds: 20) {
            while let delivery = try consumer.receive() { names.append(try ControlMessage(delivery.message).user.name) }
            return !names.isEmpty
        }
        #expect(names == [desk.name("bob")])
    }

    @Test("an exchange of the switch that was deleted is made again by init, with the bindings of all users that went with it")
    func publicExchange() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "source")
        _ = try desk.curl("DELETE", "exchanges/\(desk.word)/xpublic")
        #expect(try desk("doctor").output.contains("exchange xpublic is missing"))
        let outcome = try desk("init")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("+ binding xd_\(desk.name("bob")) -> xpublic #"), "\(outcome)")
        #expect(try !desk("doctor").output.contains("xd_\(desk.name("bob")) -> xpublic # is missing"))
    }

    @Test("a limit of connections is waited for: said, tried again, and over when there is room")
    func connectionLimit() throws {
        let desk = try Desk()
        try desk.add("bob")
        let bob = desk.name("bob")
        #expect(try desk("quota", bob, "--connections", "1").status == 0)
        let settings = try desk.settings("bob")
        let first = try AMQPPublisher(settings)
        var refusal: BrokerError?
        _ = waitUntil(seconds: 10) {
            do throws(BrokerError) { try AMQPConsumer(settings, prefetch: 1).close() } catch { refusal = error }
            return refusal != nil
        }
        #expect(refusal?.code == .limited, "\(String(describing: refusal))")
        #expect(refusal?.isTemporary == true && refusal?.exitStatus == 77)
        let account = "amqp://\(bob):password-of-it@127.0.0.1:\(desk.broker.port)/\n"
        try desk.files.write(account, to: "bob/credentials.conf", mode: 0o600)
        let environment = ["DD_CONFIG_HOME": desk.files.path("bob"), "DD_STATE_HOME": desk.files.path("bob/state")]
        let words = ["-b", "amqp://\(bob)@127.0.0.1:\(desk.broker.port)/\(desk.word)", "--notify_only"]
        let config = try desk.files.write("subtopic #\nlog_back off\n", to: "bob/limited.conf")
        let subscriber = try Command("dd_subscribe", environment: environment).start([config] + words + ["--log_level", "debug"])
        #expect(waitUntil(seconds: 20) { subscriber.errors.contains("connection limit (1) is reached") }, "\(subscriber.errors)")
        #expect(subscriber.isRunning)
        first.close()
        let isServed = waitUntil(seconds: 40) { subscriber.errors.contains("connected to") }
        let open = try desk.curl("GET", "connections/username/\(bob)", "")
        #expect(isServed, "\(subscriber.errors) \(open)")
        subscriber.send(SIGTERM)
        #expect(try subscriber.outcome().status == 0)
    }
}

/// A user's connection that declares as it pleases.
private final class RawLink {
    private let connection: AMQPConnection
    private let scratch = AMQPScratch()

    init(_ desk: Desk, _ user: String) throws { connection = try AMQPConnection(try desk.settings(user)) }

    deinit { connection.close() }

    func exchange(_ name: String) throws {
        scratch.reset()
        amqp_exchange_declare(
            connection.handle, 1, scratch.bytes(name), scratch.bytes("topic"), 0, 1, 0, 0, amqp_table_t())
        try check("declare")
    }

    func queue(_ name: String, _ arguments: [String: String] = [:]) throws {
        scratch.reset()
        for (name, value) in arguments { _ = scratch.put(name, value) }
        amqp_queue_declare(connection.handle, 1, scratch.bytes(name), 0, 1, 0, 0, scratch.table)
        try check("declare")
    }

    func temporary(_ name: String, to exchange: String, _ topic: String) throws {
        scratch.reset()
        amqp_queue_declare(connection.handle, 1, scratch.bytes(name), 0, 0, 1, 0, amqp_table_t())
        try check("declare")
        try bind(queue: name, to: exchange, topic)
    }

    func bind(queue: String, to exchange: String, _ topic: String) throws {
        scratch.reset()
        amqp_queue_bind(
            connection.handle, 1, scratch.bytes(queue), scratch.bytes(exchange), scratch.bytes(topic), amqp_table_t())
        try check("bind")
    }

    func bind(_ destination: String, to exchange: String, _ topic: String) throws {
        scratch.reset()
        amqp_exchange_bind(
            connection.handle, 1, scratch.bytes(destination), scratch.bytes(exchange), scratch.bytes(topic), amqp_table_t())
        try check("bind")
    }

    private func check(_ doing: String) throws { try AMQPReply.check(amqp_get_rpc_reply(connection.handle), doing) }
}
