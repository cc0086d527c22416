import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// The rules about accounts and names, with real accounts on a real broker.
@Suite("rules that the broker enforces", .enabled(if: RabbitMQ.isInstalled))
struct RuleTests {
    /// What the broker says to a publish, waited for; `nil` when it took the message.
    private func publish(_ topic: String, to exchange: String, as settings: BrokerSettings) throws -> BrokerError? {
        let publisher = try AMQPPublisher(settings)
        do throws(BrokerError) {
            _ = try publisher.publish(WireMessage(topic: topic, body: "x"), to: exchange)
            var isTaken = false
            for _ in 0..<200 where !isTaken {
                var descriptor = pollfd(fd: publisher.descriptor, events: Int16(POLLIN), revents: 0)
                _ = poll(&descriptor, 1, 50)
                try publisher.poll { if case .taken = $0 { isTaken = true } }
            }
            publisher.close()
            return isTaken ? nil : BrokerError(.other, "no answer")
        } catch { return error }
    }

    private func declare(_ name: String, exchange: Bool = false, _ bindings: [Binding] = [], as settings: BrokerSettings) throws
        -> BrokerError?
    {
        let consumer = try AMQPConsumer(settings, prefetch: 1)
        var plan = QueuePlan(name: name)
        plan.hasExchange = exchange
        plan.expires = 60_000
        plan.bindings = bindings
        do throws(BrokerError) {
            try consumer.declare(plan)
            return nil
        } catch { return error }
    }

    private func consume(_ queue: String, as settings: BrokerSettings) throws -> BrokerError? {
        let consumer = try AMQPConsumer(settings, prefetch: 1)
        do throws(BrokerError) {
            try consumer.consume(QueuePlan(name: queue))
            return nil
        } catch { return error }
    }

    @Test("bob posts in his own name, and in nobody else's")
    func posting() throws {
        let desk = try Desk()
        for user in ["bob", "bobby", "alice"] { try desk.add(user) }
        let bob = try desk.settings("bob")
        #expect(try publish("v02.post.a", to: "xs_" + desk.name("bob"), as: bob) == nil)
        #expect(try publish("v02.post", to: "xs_" + desk.name("bob"), as: bob) == nil)
        let foreign = [
            "xs_" + desk.name("alice"), "xs_" + desk.name("bobby"), "xpublic", "xlog", "xctl", "xd_" + desk.name("bob"), "",
        ]
        for exchange in foreign {
            #expect(try publish("v02.post.a", to: exchange, as: bob)?.code == .refused, "\(exchange)")
        }
        #expect(try publish("anything", to: "xs_" + desk.name("bob"), as: bob)?.code == .refused)
    }

    @Test("a consumer reports and posts nothing")
    func consumers() throws {
        let desk = try Desk()
        try desk.add("carl", "--role", "consumer")
        let (carl, own) = (try desk.settings("carl"), "xs_" + desk.name("carl"))
        #expect(try publish("v02.log.a.b", to: own, as: carl) == nil)
        #expect(try publish("v02.report", to: own, as: carl) == nil)
        #expect(try publish("v02.post.a", to: own, as: carl)?.code == .refused)
    }

    @Test("nobody reads another's queue, reports or posts, nor declares exchanges of the switch")
    func reading() throws {
        let desk = try Desk()
        for user in ["bob", "bobby"] { try desk.add(user, "--role", "source") }
        let bob = try desk.settings("bob")
        let (own, other) = (desk.name("bob"), desk.name("bobby"))
        #expect(try declare("q_\(other).x", as: desk.settings("bobby")) == nil)
        #expect(try declare("q_\(own).x", [Binding(exchange: "xpublic", topic: "#")], as: bob) == nil)
        #expect(try consume("q_\(own).x", as: bob) == nil)
        for queue in ["q_\(other).x", "q_\(other).reports", "q_feeder\(desk.word).dd_sara.ingest.\(own)"] {
            #expect(try consume(queue, as: bob)?.code == .refused, "\(queue)")
        }
        for exchange in ["xl_\(other)", "xs_\(own)", "xs_\(other)", "xlog", "xctl", "xp_\(other)"] {
            let binding = Binding(exchange: exchange, topic: "#")
            #expect(try declare("q_\(own).y", [binding], as: bob)?.code == .refused, "\(exchange)")
        }
        for exchange in ["xs_\(own)", "xs_mine", "xpublic", "x_\(own)", "mine"] {
            #expect(try declare(exchange, exchange: true, as: bob)?.code == .refused, "\(exchange)")
        }
        #expect(try declare("q_\(own).retry", exchange: true, as: bob) == nil)
    }

    @Test("an operator reads what the administrator announces, and writes none of it")
    func operators() throws {
        let desk = try Desk()
        try desk.add("olga", "--role", "operator")
        let olga = try desk.settings("olga")
        #expect(try declare("q_\(desk.name("olga")).ctl", [Binding(exchange: "xctl", topic: "#")], as: olga) == nil)
        #expect(try publish("v02.ctl.stop", to: "xctl", as: olga)?.code == .refused)
    }

    @Test("an older client may declare its own exchange when it was added for that, and no other")
    func legacy() throws {
        let desk = try Desk()
        try desk.add("old", "--legacy")
        let old = try desk.settings("old")
        // As it stands: another type would be 406, which comes after permission.
        #expect(try declare("xs_" + desk.name("old"), exchange: true, as: old)?.code == .mismatch)
        #expect(try declare("xs_other", exchange: true, as: old)?.code == .refused)
    }

    @Test("a stop closes open connections and keeps new ones out; resume lets them in", arguments: ["stop", "passwd"])
    func revoked(action: String) throws {
        let desk = try Desk()
        try desk.add("bob")
        let bob = try desk.settings("bob")
        let open = try AMQPPublisher(bob)
        let words = ["user", action, desk.name("bob")] + (action == "passwd" ? ["--password", "another-password"] : [])
        let outcome = try desk.run(words)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let isClosed = waitUntil(seconds: 20) {
            do throws(BrokerError) {
                try open.poll { _ in }
                return false
            } catch { return true }
        }
        #expect(isClosed)
        #expect(RequestSender.refusal(bob) != nil)
        if action == "stop" {
            #expect(try desk("user", "resume", desk.name("bob")).status == 0)
            #expect(RequestSender.refusal(bob) == nil)
        } else {
            #expect(RequestSender.refusal(try desk.settings("bob", "another-password")) == nil)
        }
    }

    @Test("a change is announced with all that holds for the user, and a program that starts later reads it")
    func announced() throws {
        let desk = try Desk()
        let feeder = BrokerSettings(
            url: try BrokerURL(desk.broker.url("feeder\(desk.word)", "feederpassword", vhost: desk.word)), name: "test")
        try desk.add("bob", "--role", "source", "--url", "http://127.0.0.1:8000/")
        _ = try desk("quota", desk.name("bob"), "--messages", "50")
        _ = try desk("user", "stop", "--discard", desk.name("bob"))
        var plan = QueuePlan(name: QueueName.control(feeder: "feeder\(desk.word)"))
        plan.streamOffset = .first
        let consumer = try AMQPConsumer(feeder, prefetch: 10)
        try consumer.consume(plan)
        var messages: [ControlMessage] = []
        _ = try waitUntil(seconds: 20) {
            while let delivery = try consumer.receive() { messages.append(try ControlMessage(delivery.message)) }
            return messages.count >= 3
        }
        #expect(messages.map(\.action) == [.add, .quota, .stop])
        let last = try #require(messages.last).user
        #expect(last.name == desk.name("bob") && last.role == .source && last.urls == ["http://127.0.0.1:8000/"])
        #expect(last.stopped == .discard && last.quota.messages == 50)
    }
}
