import DDTestSupport
import Testing

@testable import DDCore

extension Attacks {
    /// What the permissions of the accounts keep from a user who speaks to the broker directly.
    @Suite("attacks that the broker refuses")
    struct BrokerAttackTests {
        @Test("nobody posts as another, whether by the other's exchange or in his name")
        func posting() throws {
            let ground = try AttackGround("posting")
            let body = Array("20240229120000.0 http://h/ f".utf8)
            for (user, exchange) in [
                ("mallory", "xs_carol"), ("mallory", "xs_alice"), ("bob", "xs_bobby"), ("bobby", "xs_bob"),
                ("mallory", "xd_mallory"),
                ("mallory", "xpublic"), ("mallory", "xlog"), ("mallory", "xctl"), ("mallory", "xl_carol"),
                ("mallory", "xl_mallory"),
                ("mallory", "xp_mallory"), ("mallory", "amq.topic"), ("feeder", "xs_carol"), ("feeder", "xctl"),
                ("admin", "xs_carol"),
            ] {
                let refusal = try RawClient.refusal(ground.broker(user)) { try $0.publish(exchange, "v02.post", body: body) }
                #expect(refusal == .refused, "\(user) on \(exchange): \(String(describing: refusal))")
            }
            let forged = try RawClient.refusal(ground.broker("mallory")) {
                try $0.publish("xs_mallory", "v02.post", body: body, as: "carol")
            }
            #expect(forged == .mismatch)
        }

        @Test("nobody reaches another's queue by the default exchange, which takes the name of any queue as its topic")
        func defaultExchange() throws {
            let ground = try AttackGround("default")
            for user in ["mallory", "bobby", "admin"] {
                for queue in ["q_alice.reports", ground.ingestQueue("carol"), "q_\(user).own"] {
                    let refusal = try RawClient.refusal(ground.broker(user)) { try $0.publish("", queue, body: [1]) }
                    #expect(refusal == .refused, "\(user) to \(queue)")
                }
            }
        }

        @Test("nobody reads another's reports, posts or queue, nor takes away what waits there")
        func reading() throws {
            let ground = try AttackGround("reading")
            let own = try ground.listen("mallory", to: "xl_mallory")
            for exchange in ["xl_carol", "xl_alice", "xs_alice", "xs_carol", "xs_mallory", "xp_carol", "xlog", "xctl"] {
                let refusal = try RawClient.refusal(ground.broker("mallory")) { try $0.bind(queue: own, to: exchange) }
                #expect(refusal == .refused, "\(exchange)")
            }
            let others = [
                "q_alice.reports", "q_carol.reports", "q_feeder.dd_sara.ingest.alice", QueueName.logRouting(user: "carol"),
            ]
            for queue in others {
                for (what, attempt) in [
                    ("consume", { try $0.consume(queue) }), ("get", { _ = try $0.get(queue) }),
                    ("purge", { try $0.purge(queue) }),
                    ("delete", { try $0.deleteQueue(queue) }), ("bind", { try $0.bind(queue: queue, to: "xpublic") }),
                ] as [(String, (RawClient) throws -> Void)] {
                    let refusal = try RawClient.refusal(ground.broker("mallory"), attempt)
                    #expect(refusal == .refused, "\(what) \(queue): \(String(describing: refusal))")
                }
            }
            try RawClient(ground.broker("mallory")).deleteQueue(own)
        }

        @Test("a user makes and deletes what begins with his own name and a dot, and nothing else")
        func declaring() throws {
            let ground = try AttackGround("declaring")
            for name in [
                "xs_mallory2", "xd_evil", "xpublic2", "evil", "q_mallory", "q_malloryx", "q_carol.x", "q_alice.x", "amq.x",
            ] {
                let exchange = try RawClient.refusal(ground.broker("mallory")) { try $0.declareExchange(name) }
                let queue = try RawClient.refusal(ground.broker("mallory")) { try $0.declareQueue(name) }
                #expect(exchange == .refused && queue == .refused, "\(name)")
            }
            for name in ["xs_mallory", "xs_carol", "xd_mallory", "xpublic", "xlog", "xctl", "xl_carol"] {
                let refusal = try RawClient.refusal(ground.broker("mallory")) { try $0.deleteExchange(name) }
                #expect(refusal == .refused, "\(name)")
            }
            let own = try RawClient.refusal(ground.broker("mallory")) {
                try $0.declareQueue("q_mallory.mine")
                try $0.declareExchange("q_mallory.retry")
                try $0.deleteExchange("q_mallory.retry")
                try $0.deleteQueue("q_mallory.mine")
            }
            #expect(own == nil)
        }

        @Test("bob and bobby do not reach each other's queues, and a name that would is none that can be given")
        func similarNames() throws {
            let ground = try AttackGround("similar")
            for (user, other) in [("bob", "bobby"), ("bobby", "bob")] {
                let queue = try ground.listen(other, to: "xpublic")
                for attempt in [
                    { try $0.consume(queue) }, { try $0.declareQueue("q_\(other).new") },
                    { try $0.declareQueue("q_\(other)_new") },
                    { try $0.deleteQueue(queue) },
                ] as [(RawClient) throws -> Void] {
                    #expect(try RawClient.refusal(ground.broker(user), attempt) == .refused, "\(user) at \(queue)")
                }
                try RawClient(ground.broker(other)).deleteQueue(queue)
            }
            for name in ["bob_b", "bob.x", "alice_", "bob"] {
                #expect(["alice", "bob"].contains { Permissions.collide($0, name) })
            }
        }

        @Test("a dead letter reaches only exchanges that its owner may publish to")
        func deadLetters() throws {
            let ground = try AttackGround("letters")
            for exchange in ["xs_carol", "xpublic", "xlog", "xctl", "xl_carol", "xd_mallory"] {
                let refusal = try RawClient.refusal(ground.broker("mallory")) {
                    try $0.declareQueue("q_mallory.letters", ["x-dead-letter-exchange": exchange])
                }
                #expect(refusal == .refused, "\(exchange): \(String(describing: refusal))")
            }
            // The default exchange, in the words of an argument.
            let refusal = try RawClient.refusal(ground.broker("mallory")) {
                try $0.declareQueue(
                    "q_mallory.letters", ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "q_alice.reports"])
            }
            #expect(refusal == .refused, "\(String(describing: refusal))")
        }
    }
}
