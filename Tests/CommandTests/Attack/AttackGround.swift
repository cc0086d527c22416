import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// Everything that uses the ground below: one test after the other, because their sources and ingest queues are the same.
@Suite("attacks", .serialized, .enabled(if: SwitchTests.installed))
struct Attacks {}

/// The ground of the attacks, at the switch that all tests share: mallory, who attacks, and carol, two more sources; bobby, whose name
/// begins like bob's. What the two post is taken in by an ingest of the test's own.
struct AttackGround {
    static let sources = ["mallory", "carol"]
    /// The users that `DIR/env` does not know.
    static let users = sources + ["bobby"]
    private static let isPrepared = Guarded(false)

    let running: RunningSwitch
    /// The name of the test's folder in each source's tree.
    let name: String
    let files: TemporaryFolder

    init(_ name: String) throws {
        let running = try RunningSwitch.shared()
        try Self.isPrepared.withLock { isPrepared in
            guard !isPrepared else { return }
            try running.addUsers(Self.users)
            try Self.makeObjects(RawClient(running["DD_BROKER_ADMIN"]))
            isPrepared = true
        }
        self.running = running
        self.name = name
        files = try TemporaryFolder()
        let accounts = Self.users.map { running.broker($0, password: $0 + "-secret") } + [running["DD_BROKER_FEEDER"]]
        try files.write(accounts.joined(separator: "\n") + "\n", to: "credentials.conf", mode: 0o600)
        for source in Self.sources { try SmallFile.makeFolder(tree(of: source)) }
    }

    /// A user's URL of the broker, with the password.
    func broker(_ user: String) -> String {
        Self.users.contains(user)
            ? running.broker(user, password: user + "-secret") : running["DD_BROKER_\(user.uppercased())"]
    }

    /// The test's folder in a source's tree.
    func tree(of source: String) -> String { "\(running["DD_SOURCE_ROOT"])/\(source)/\(name)" }

    /// The URL of a source's whole tree: all that the ingest may fetch of that source.
    func url(of source: String) -> String { "\(running["DD_SOURCE_URL"])\(source)/" }

    /// The document root of the test's ingest.
    var root: String { files.path("data") }

    /// Where the test's ingest keeps aside what is refused.
    var quarantine: String {
        let folder = files.path("state/dd_sara")
        return folder + "/" + (TemporaryFolder.names(in: folder).first { $0.hasSuffix(".quarantine") } ?? "none")
    }

    /// One of our programs with the passwords of the ground and a state of its own.
    func command(_ program: String) -> Command {
        let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        return Command(program, environment: environment, folder: files.path)
    }

    /// Starts an ingest of what mallory and carol post from now on; `lines` are added to its configuration. It returns when the queues of
    /// the sources in `awaited` are consumed, or of all.
    func ingest(
        _ lines: String = "", without source: String? = nil, awaiting awaited: [String]? = nil
    ) throws -> RunningCommand {
        let sources = Self.sources.filter { $0 != source }
        let feeder = "amqp://feeder@127.0.0.1:\(running["DD_AMQP_PORT"])/"
        let text = """
            source_broker \(feeder)
            \(sources.map { "source_exchange xs_\($0)" }.joined(separator: "\n"))
            source_from_exchange on
            \(sources.map { "allow_url \($0) \(url(of: $0))" }.joined(separator: "\n"))
            document_root \(root)
            broker \(feeder)
            url http://switch.example/
            cluster local
            \(lines)

            """
        let config = try files.write(text, to: "attack.conf")
        // What earlier tests have left waiting is theirs.
        let cleaned = try command("dd_sara").run([config, "cleanup"])
        try #require(cleaned.status == 0, "\(cleaned.errors)")
        let ingest = try command("dd_sara").start([config, "--log_level", "debug"])
        let stands = waitUntil(seconds: 30) {
            let said = ingest.errors
            return (awaited ?? sources).allSatisfy { said.contains("queue \(ingestQueue($0)) is consumed") } || !ingest.isRunning
        }
        try #require(stands && ingest.isRunning, "dd_sara does not stand: \(ingest.errors)")
        return ingest
    }

    func ingestQueue(_ source: String) -> String { QueueName.ingest(config: "attack", source: source) }

    /// Posts a source's folder of the test, or other paths of its tree.
    func post(_ source: String, _ options: [String] = [], paths: [String]? = nil) throws -> Command.Outcome {
        let words = ["-b", "amqp://\(source)@127.0.0.1:\(running["DD_AMQP_PORT"])/", "-u", url(of: source)]
        let root = "\(running["DD_SOURCE_ROOT"])/\(source)"
        return try command("dd_post").run(words + ["-dr", root] + options + (paths ?? [tree(of: source)]))
    }

    /// Publishes as mallory, as she pleases, what looks like a post of one of her files.
    func forge(
        _ relpath: String, _ headers: [String: String] = [:], base: String? = nil, lists: [String: [String]] = [:],
        to exchange: String = "xs_mallory", topic: String = "v02.post"
    ) throws {
        let body = "\(Timestamp.now().wire) \(base ?? url(of: "mallory")) \(relpath)"
        let headers = ["sum": "0,0", "parts": "1,1,1,0,0"].merging(headers) { $1 }
        try RawClient(broker("mallory")).publish(exchange, topic, headers, lists: lists, body: Array(body.utf8), as: "mallory")
    }

    /// The reports that a source can read about paths that `pattern` matches, as soon as `isEnough`, or after 20 seconds.
    func reports(_ source: String, _ pattern: String = ".*", until isEnough: ([ReportLine]) -> Bool) throws -> [ReportLine] {
        var lines: [ReportLine] = []
        _ = try waitUntil(seconds: 20) {
            let url = "amqp://\(source)@127.0.0.1:\(running["DD_AMQP_PORT"])/"
            let outcome = try command("dd_log").run(["-b", url, "--since", "1h", "--exit_idle", "1", pattern])
            try #require(outcome.status == 0, "\(outcome.errors)")
            lines = outcome.output.split(separator: "\n").compactMap { ReportLine($0) }
            return isEnough(lines)
        }
        return lines
    }

    /// The files below the test's document root, without the day in front.
    var stored: [String] {
        TemporaryFolder.tree(root).map { $0.split(separator: "/").dropFirst().joined(separator: "/") }
    }

    /// A queue of a user's, bound to an exchange, from which a test reads what was published there from now on.
    func listen(_ user: String, to exchange: String, _ topic: String = "#") throws -> String {
        let queue = "q_\(user).listen.\(name).\(UInt32.random(in: 0...UInt32.max))"
        let client = try RawClient(broker(user))
        try client.declareQueue(queue, numbers: ["x-expires": 600_000])
        try client.bind(queue: queue, to: exchange, topic)
        return queue
    }

    private static func makeObjects(_ admin: RawClient) throws {
        for user in users {
            for exchange in ["xs_", "xl_", "xp_"] { try admin.declareExchange(exchange + user) }
            let routing = QueueName.logRouting(user: user)
            try admin.declareBoundedQueue(routing)
            for topic in ["v02.log.#", "v02.report.#"] { try admin.bind(queue: routing, to: "xs_" + user, topic) }
            // As consumers: what they post is taken in by the test's own ingest alone.
            let message = ControlMessage(.add, UserRecord(name: user, role: .consumer), by: "admin").wire
            try admin.publish("xctl", message.topic, body: Array(message.body.utf8), as: "admin")
        }
        for source in sources {
            try admin.declareExchange("xd_" + source)
            try admin.bind(exchange: "xpublic", to: "xd_" + source)
            let stream = ["x-queue-type": "stream", "x-max-age": "7D"]
            try admin.declareQueue(QueueName.reports(of: source), stream, numbers: ["x-max-length-bytes": 100_000_000])
            try admin.bind(queue: QueueName.reports(of: source), to: "xl_" + source)
        }
    }
}
