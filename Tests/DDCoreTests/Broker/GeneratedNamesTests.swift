import DDTestSupport
import Testing

@testable import DDCore

@Suite("generated names")
struct GeneratedNamesTests {
    private static let sources = [
        "alice", "again", "retry", "retry.5s", "retry.1h", "a.again", "waiting.again", "b.retry.5s", "ingest", "x@y", "control",
    ]
    private static let configurations = [
        "ingest", "a", "a.b", "a.again", "ingest.retry", "~waiting", "ingest~waiting", "a~2Eb", "a b", "é", "A.B", "a..b",
        "waiting",
        String(repeating: "x", count: 300), String(repeating: "x", count: 299) + "y", String(repeating: ".", count: 60),
    ]

    private func retries(_ config: String) throws -> [String] {
        try #require(RetryQueues(base: QueueName.retries(config: config), waits: [.seconds(5), .seconds(3600)])).plans.map(\.name)
    }

    @Test("no source and no configuration can be called so that two of the switch's queues have one name")
    func distinct() throws {
        var owners: [String: String] = [:]
        func add(_ name: String, _ owner: String) {
            #expect(name.utf8.count <= 255, "\(name)")
            let other = owners.updateValue(owner, forKey: name)
            #expect(other == nil, "\(name): \(owner) and \(other ?? "")")
        }
        add(QueueName.control(), "control")
        add(QueueName.unrouted(), "unrouted")
        add(QueueName.requests(cluster: "local"), "requests")
        for source in Self.sources { add(QueueName.logRouting(user: source), "reports of \(source)") }
        for config in Self.configurations {
            for name in try retries(config) { add(name, "retries of \(config)") }
            for source in Self.sources { add(QueueName.ingest(config: config, source: source), "\(source) in \(config)") }
        }
    }

    @Test("random names of sources and configurations never meet")
    func random() throws {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("ab.~@_-s5retrywaiting ")
        func word(_ valid: Bool) -> String {
            var text = ""
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                text.append(letters[Int.random(in: 0..<letters.count, using: &generator)])
            }
            return valid && !AccountName.isValid(text) ? "a" : text
        }
        var owners: [String: String] = [:]
        for _ in 0..<2000 {
            let (config, source) = (word(false), word(true))
            for (name, owner) in try [(QueueName.ingest(config: config, source: source), "\(config)/\(source)")]
                + retries(config).map({ ($0, "\(config)//") })
            {
                let other = owners.updateValue(owner, forKey: name)
                #expect(other == nil || other == owner, "\(name): \(owner) and \(other ?? "")")
            }
        }
    }

    @Test("an account or a vhost of more than 255 bytes is an error of the URL, not a lost connection")
    func urls() {
        let long = String(repeating: "x", count: 256)
        for url in ["amqp://\(long):secret@h/", "amqp://h/\(long)"] {
            let error = #expect(throws: ConfigError.self) { try BrokerURL(url) }
            #expect(error?.description.contains("256 bytes") == true && error?.description.contains("secret") == false)
        }
    }

    @Test("the usual configuration keeps the names that its queues have always had")
    func usual() {
        #expect(QueueName.ingest(source: "alice") == "q_feeder.dd_sara.ingest.alice")
        #expect(QueueName.ingest(config: "in_2-b", source: "a.b") == "q_feeder.dd_sara.in_2-b.a.b")
    }

    @Test("the names of earlier retry queues are no account's")
    func reserved() {
        for name in ["again", "retry", "retry.5s"] {
            #expect(throws: ConfigError.self) { try NameRules.check(name, others: [], records: []) }
        }
        for name in ["again.x", "retrying", "a.retry.5s"] {
            #expect(throws: Never.self) { try NameRules.check(name, others: [], records: []) }
        }
    }
}
