import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// What users do with queues and exchanges that are their own, against all who publish or listen there.
    @Suite("attacks with queues of one's own")
    struct QueueAttackTests {
        /// A queue of mallory's that takes one message and refuses all others; deleted after `body`.
        private func withRefusingQueue(
            _ ground: AttackGround, at exchange: String, _ body: (_ mallory: RawClient) throws -> Void
        ) throws {
            let mallory = try RawClient(ground.broker("mallory"))
            let queue = "q_mallory.refuses.\(ground.name)"
            let numbers: [String: Int64] = ["x-max-length": 1, "x-expires": 600_000]
            try mallory.declareQueue(queue, ["x-overflow": "reject-publish"], numbers: numbers)
            defer { try? RawClient(ground.broker("mallory")).deleteQueue(queue) }
            try mallory.bind(queue: queue, to: exchange)
            try body(mallory)
        }

        @Test("a full queue that refuses is passed by: others have each announcement at most twice, and nothing is left waiting")
        func announcements() throws {
            let ground = try AttackGround("refusing")
            let ingest = try ground.ingest()
            let heard = try ground.listen("bob", to: "xpublic", "v02.post.*.carol.#")
            try withRefusingQueue(ground, at: "xpublic") { _ in
                try ground.expectBystanderIsServed(files: 30)
                let queue = ground.ingestQueue("carol")
                let admin = try RawClient(ground.broker("admin"))
                #expect(waitUntil(seconds: 10) { ingest.errors.contains("refuses messages") }, "\(ingest.errors)")
                #expect(ingest.errors.split(separator: "\n").count { $0.contains("refuses messages") } == 1)
                ingest.send(SIGTERM)
                _ = try ingest.outcome()
                #expect(try admin.facts(queue).messages == 0)
            }
            let paths = try RawClient(ground.broker("bob")).getAll(heard).compactMap { $0.body.split(separator: " ").last }
            let counts = Dictionary(grouping: paths) { $0 }.mapValues(\.count)
            #expect(counts.count == 30 && counts.values.allSatisfy { $0 <= 2 }, "\(counts)")
            // One that asks whether the queue still refuses, at each of the two exchanges.
            #expect(paths.count <= 32, "\(paths.count)")
        }

        @Test("a source whose own queue refuses its reports hears less, and nobody else does")
        func reports() throws {
            let ground = try AttackGround("deaf")
            for number in 0..<20 { try Tree.write([1], to: ground.tree(of: "mallory") + "/\(number)") }
            let ingest = try ground.ingest()
            let heard = try ground.listen("admin", to: "xlog")
            try withRefusingQueue(ground, at: "xl_mallory") { _ in
                #expect(try ground.post("mallory").status == 0)
                try ground.expectBystanderIsServed()
                let queue = ground.ingestQueue("mallory")
                let admin = try RawClient(ground.broker("admin"))
                #expect(waitUntil(seconds: 20) { ground.stored.count { $0.hasPrefix("mallory/deaf/") } == 20 })
                // Told to go, it leaves nothing that it has not acknowledged.
                #expect(waitUntil(seconds: 10) { ingest.errors.contains("xl_mallory on") }, "\(ingest.errors)")
                ingest.send(SIGTERM)
                _ = try ingest.outcome()
                #expect(try admin.facts(queue).messages == 0)
            }
            let told = try RawClient(ground.broker("admin")).getAll(heard).filter { $0.body.contains(" deaf/") }
            #expect(told.count == 20, "\(told.count)")
            try RawClient(ground.broker("admin")).deleteQueue(heard)
        }

        @Test("exchanges and queues of one source that are deleted stop nobody else, and what waited for them goes on")
        func deleted() throws {
            let ground = try AttackGround("deleted")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/first")
            let ingest = try ground.ingest()
            let admin = try RawClient(ground.broker("admin"))
            #expect(try ground.post("mallory").status == 0)
            #expect(waitUntil(seconds: 20) { ground.stored.contains("mallory/deleted/first") })
            for exchange in ["xd_mallory", "xl_mallory"] { try admin.deleteExchange(exchange) }
            let remade = { (exchange: String) in try? RawClient(ground.broker("admin")).declareExchange(exchange) }
            defer {
                _ = remade("xl_mallory")
                try? RawClient(ground.broker("admin")).bind(queue: QueueName.reports(of: "mallory"), to: "xl_mallory")
            }
            try Tree.write([2], to: ground.tree(of: "mallory") + "/second")
            #expect(try ground.post("mallory", paths: [ground.tree(of: "mallory") + "/second"]).status == 0)
            try ground.expectBystanderIsServed()
            #expect(waitUntil(seconds: 20) { ingest.errors.contains("exchange xd_mallory on") }, "\(ingest.errors)")
            // Made again, it gets what was to be announced there.
            _ = remade("xd_mallory")
            try admin.bind(exchange: "xpublic", to: "xd_mallory")
            let heard = try ground.listen("bob", to: "xd_mallory")
            let isAnnounced = waitUntil(seconds: 20) {
                ((try? RawClient(ground.broker("bob")).getAll(heard)) ?? []).contains { $0.body.hasSuffix("deleted/second") }
            }
            #expect(isAnnounced, "\(ingest.errors)")
            // Its queue is made again while the program runs.
            try admin.deleteQueue(ground.ingestQueue("mallory"))
            try ground.expectBystanderIsServed(files: 5)
            let isConsumed = waitUntil(seconds: 20) {
                ((try? RawClient(ground.broker("admin")).facts(ground.ingestQueue("mallory")).consumers) ?? 0) == 1
            }
            #expect(isConsumed && ingest.isRunning, "\(ingest.errors)")
            ingest.send(SIGTERM)
            _ = try ingest.outcome()
        }

        @Test("an ingest whose one source has no exchange takes in all others', and that one's when it is made again")
        func withoutExchange() throws {
            let ground = try AttackGround("without")
            let admin = try RawClient(ground.broker("admin"))
            try admin.deleteExchange("xs_mallory")
            let cleaned = { try? RawClient(ground.broker("admin")).declareExchange("xs_mallory") }
            defer {
                _ = cleaned()
                let routing = QueueName.logRouting(user: "mallory")
                for topic in ["v02.log.#", "v02.report.#"] {
                    try? RawClient(ground.broker("admin")).bind(queue: routing, to: "xs_mallory", topic)
                }
            }
            let ingest = try ground.ingest("", awaiting: ["carol"])
            #expect(waitUntil(seconds: 20) { ingest.errors.contains("xs_mallory") }, "\(ingest.errors)")
            try ground.expectBystanderIsServed(files: 5)
            _ = cleaned()
            #expect(
                waitUntil(seconds: 30) { ingest.errors.contains("queue \(ground.ingestQueue("mallory")) is consumed") },
                "\(ingest.errors)")
            ingest.send(SIGTERM)
            _ = try ingest.outcome()
        }
    }
}
