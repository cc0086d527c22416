import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Messages that one broker bears and another does not: a small `frame_max`, a small `max_message_size`.
    @Suite("messages that cannot be sent", .enabled(if: RabbitMQ.isInstalled))
    struct UnsendableTests {
        /// A broker that takes little, with an exchange `xs_guest` and `xpublic`, each with a queue; and a tree to be posted.
        private final class Ground {
            static let queue = "posted"
            private static let one = Guarded<Result<PrivateBroker, any Error>?>(nil)

            let broker: PrivateBroker
            let files: TemporaryFolder
            let client: RawClient
            var url: String { "amqp://guest@127.0.0.1:\(broker.port)/" }
            var tree: String { files.path("tree") }

            init() throws {
                broker = try Self.one.withLock { known in
                    if let known { return try known.get() }
                    let result = Result { try PrivateBroker("frame_max = 4096\nmax_message_size = 400") }
                    known = result
                    atexit {
                        Ground.one.withLock {
                            try? $0?.get().stop(); $0 = nil
                        }
                    }
                    return try result.get()
                }
                files = try TemporaryFolder()
                try files.makeFolder("tree")
                try files.write(broker.url("guest", "guest") + "\n", to: "credentials.conf", mode: 0o600)
                client = try RawClient(broker.url("guest", "guest"))
                try client.declareQueue(Self.queue)
                try client.purge(Self.queue)
                for exchange in ["xs_guest", "xpublic"] {
                    try client.declareExchange(exchange)
                    try client.bind(queue: Self.queue, to: exchange)
                }
            }

            /// A folder and a file in it whose announcement is longer than the broker takes.
            func writeLong() throws -> String {
                let folder = "d" + String(repeating: "x", count: 240)
                try Tree.write([1], to: "\(tree)/\(folder)/" + "f" + String(repeating: "y", count: 240))
                return folder
            }

            /// Posts, for at most `seconds`.
            func post(_ options: [String] = [], paths: [String]? = nil, seconds: Double = 30) throws -> Command.Outcome {
                let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
                return try Command("dd_post", environment: environment, folder: files.path).run(
                    ["-b", url, "-u", "http://h.example/", "-dr", tree] + options + (paths ?? [tree]), seconds: seconds)
            }

            /// The names that were posted, sorted.
            func posted() throws -> [Substring] {
                try client.getAll(Self.queue).map { $0.body.split(separator: " ").last?.split(separator: "/").last ?? "" }
                    .sorted()
            }
        }

        @Test("dd_post names the post whose headers are larger than a frame, and posts the others")
        func frame() throws {
            let ground = try Ground()
            for name in ["a", "z"] { try Tree.write([1], to: "\(ground.tree)/\(name)") }
            symlink(String(repeating: "x", count: 4000), ground.tree + "/link")
            let outcome = try ground.post()
            #expect(outcome.status == 1, "\(outcome)")
            let said = outcome.errors.split(separator: "\n")
            #expect(
                said.count == 1 && said.allSatisfy { $0.contains("/link cannot be posted") && $0.contains("4096 (frame_max)") },
                "\(said)")
            #expect(try ground.posted() == ["a", "z"])
            #expect(outcome.output.split(separator: "\n").count == 2, "\(outcome.output)")
        }

        @Test("what fits to the byte is taken by the broker, one byte more is refused here, and the connection goes on")
        func boundary() throws {
            let ground = try Ground()
            let publisher = try AMQPPublisher(
                BrokerSettings(url: try BrokerURL(ground.broker.url("guest", "guest")), name: "a test"))
            defer { publisher.close() }
            func message(_ count: Int) -> WireMessage {
                WireMessage(
                    topic: "v02.post", headers: ["note": String(repeating: "x", count: count), "sum": "0,0"], body: "a b \(count)"
                )
            }
            let fits = try #require((1...5000).last { publisher.limits.fault(of: message($0), to: "xpublic") == nil })
            #expect(publisher.limits.frameMax == 4096 && (3900..<4096).contains(fits))
            func publish(_ count: Int) throws -> Bool {
                let sequence = try publisher.publish(message(count), to: "xpublic")
                var isTaken = false
                _ = try waitUntil(seconds: 10) {
                    try publisher.poll { if case .taken(let last, _) = $0, last >= sequence { isTaken = true } }
                    return isTaken
                }
                return isTaken
            }
            #expect(try publish(fits))
            do {
                _ = try publish(fits + 1)
                Issue.record("it was sent")
            } catch let error as BrokerError {
                #expect(error.code == .unsendable && !error.isTemporary, "\(error)")
            }
            #expect(try publish(1))
            for (message, word) in [
                (WireMessage(topic: String(repeating: "t", count: 256), body: ""), "topic"),
                (WireMessage(topic: "t", headers: ["": "x"], body: ""), "empty"),
                (WireMessage(topic: "t", headers: [String(repeating: "n", count: 256): "x"], body: ""), "256 bytes"),
            ] {
                #expect(publisher.limits.fault(of: message, to: "xpublic")?.contains(word) == true)
            }
            #expect(publisher.limits.fault(of: message(1), to: String(repeating: "e", count: 256))?.contains("256 bytes") == true)
            _ = try ground.posted()
        }

        @Test("a post over which the broker ends the connection is found out, named and left, and the others are posted")
        func suspect() throws {
            let ground = try Ground()
            _ = try ground.writeLong()
            for number in 0..<20 { try Tree.write([1], to: "\(ground.tree)/\(number)") }
            let outcome = try ground.post(["--wait", "20"])
            #expect(outcome.status == 1, "\(outcome)")
            let said = outcome.errors.split(separator: "\n").filter { $0.contains("cannot be posted") }
            #expect(said.count == 1 && said.allSatisfy { $0.contains("yyy") && $0.contains("message size") }, "\(outcome.errors)")
            #expect(Set(try ground.posted()) == Set((0..<20).map { Substring("\($0)") }))
        }

        @Test("a broker that lets in and takes nothing is given up after the time of option wait")
        func nothing() throws {
            let ground = try Ground()
            let folder = try ground.writeLong()
            let began = Monotonic.now()
            let outcome = try ground.post(["--wait", "3"], paths: ["\(ground.tree)/\(folder)"])
            #expect(outcome.status == 1 || outcome.status == 69, "\(outcome)")
            #expect(outcome.errors.contains("message size"), "\(outcome)")
            #expect(Monotonic.now() - began < 15)
        }

        @Test("names that AMQP does not carry are errors of usage, before anything is posted")
        func names() throws {
            let ground = try Ground()
            try Tree.write([1], to: "\(ground.tree)/a")
            let long = String(repeating: "x", count: 300)
            for option in ["--exchange", "--topic_prefix", "--subtopic"] {
                let outcome = try ground.post([option, long, "--mandatory=off"], seconds: 15)
                #expect(outcome.status == 64 && outcome.errors.contains("300 bytes"), "\(option): \(outcome)")
            }
            // One that does not fit with what is put in front of it.
            let config = try ground.files.write(
                "broker \(ground.url)\nsubtopic \(String(repeating: "x", count: 250))\ndirectory \(ground.files.path)\n",
                to: "long.conf")
            let environment = ["DD_CONFIG_HOME": ground.files.path, "DD_STATE_HOME": ground.files.path("state")]
            let outcome = try Command("dd_subscribe", environment: environment, folder: ground.files.path)
                .run([config, "--exit_idle", "1"], seconds: 15)
            #expect(outcome.status == 78 && outcome.errors.contains("AMQP carries 255"), "\(outcome)")
            let flow = try ground.post(["--flow", String(repeating: "x", count: 5000)], seconds: 15)
            #expect(flow.status == 1 && flow.errors.contains("'flow'"), "\(flow)")
            #expect(try ground.posted().isEmpty)
        }

        @Test("a dd_sara whose next broker takes less refuses what that does not take, tells its source, and carries on the rest")
        func next() throws {
            let small = try Ground()
            let ground = try AttackGround("nextbroker")
            let accounts = SmallFile.text(ground.files.path("credentials.conf")) ?? ""
            try ground.files.write(accounts + small.broker.url("guest", "guest") + "\n", to: "credentials.conf", mode: 0o600)
            let setAside = try ground.listen("admin", to: "xunrouted")
            let ingest = try ground.ingest("broker \(small.url)\nexchange xpublic\nparallel 1")
            defer { ingest.kill() }
            let long = "d" + String(repeating: "x", count: 240) + "/f" + String(repeating: "y", count: 240)
            for name in ["a", "big", "c", long, "e", "f"] { try Tree.write([1], to: "\(ground.tree(of: "mallory"))/\(name)") }
            for name in ["a", "big", "c", long, "e", "f"] {
                try ground.forge("nextbroker/\(name)", name == "big" ? ["note": String(repeating: "x", count: 6000)] : [:])
            }
            // What was confirmed and not acknowledged yet when the connection ended is announced and reported again.
            func names(_ reports: [ReportLine]) -> Set<String> {
                Set(
                    reports.map {
                        $0.description.split(separator: " ").first { $0.contains("/nextbroker/") }.map { String($0.suffix(1)) }
                            ?? ""
                    })
            }
            let reports = try ground.reports("mallory", ".*nextbroker/") { names($0).count >= 6 }
            let refused = reports.filter { $0.code == "413" }.map(\.description)
            #expect(names(reports).count == 6 && refused.count == 2, "\(reports) \(ingest.errors.suffix(3000))")
            #expect(refused.contains { $0.contains("nextbroker/big") && $0.contains("frame_max") }, "\(refused)")
            #expect(refused.contains { $0.contains("yyy") && $0.contains("broker has ended the connection") }, "\(refused)")
            #expect(try Set(small.posted()) == ["a", "c", "e", "f"])
            // Found before it was fetched; the other could not be.
            #expect(ground.stored.allSatisfy { !$0.hasSuffix("nextbroker/big") })
            let kept = try RawClient(ground.broker("admin")).getAll(setAside).filter { $0.body.contains("yyy") }
            #expect(kept.count == 1 && kept.allSatisfy { $0.headers.contains { $0.contains("a post is set aside") } }, "\(kept)")
            #expect(ingest.errors.split(separator: "\n").count { $0.contains("trying again in") } <= 6, "\(ingest.errors)")
        }

        @Test("what an earlier version left in its retry queues is tried by this one")
        func former() throws {
            let ground = try AttackGround("former")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/file")
            try ground.ingest().kill()
            let admin = try RawClient(ground.broker("feeder"))
            let again = QueueName.formerRetries(config: "attack") + ".again"
            try admin.declareQueue(again, numbers: ["x-expires": 600_000])
            try admin.declareExchange(again)
            defer { _ = try? (admin.deleteQueue(again), admin.deleteExchange(again)) }
            try admin.bind(queue: again, to: again)
            let body = "\(Timestamp.now().wire) \(ground.url(of: "mallory")) former/file"
            try admin.publish(
                again, "v02.post.former",
                [
                    "sum": "0,0", "parts": "1,1,1,0,0", "dd-exchange": "xs_mallory", "dd-attempt": "1",
                    "dd-first": Timestamp.now().wire,
                ],
                body: Array(body.utf8), as: "feeder")
            let ingest = try ground.command("dd_sara").start([ground.files.path("attack.conf")])
            defer { ingest.kill() }
            let reports = try ground.reports("mallory", ".*former/") { !$0.isEmpty }
            #expect(reports.map(\.code) == ["201"], "\(reports) \(ingest.errors)")
        }
    }
}
