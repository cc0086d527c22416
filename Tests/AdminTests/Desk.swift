import DDCore
import DDTestSupport
import Testing

/// An administrator's configuration for the tests' own broker, in a vhost that is this test's alone.
final class Desk {
    let broker: PrivateBroker
    let files: TemporaryFolder
    /// The vhost, and a word in the names of this test's accounts: those are common to the whole broker.
    let word: String

    /// Makes the vhost on the broker that all share, or on another one; with `initialised`, the switch stands in it. `lines` are added to
    /// `switch.conf`.
    init(initialised: Bool = true, at other: PrivateBroker? = nil, _ lines: String = "") throws {
        broker = try other ?? PrivateBroker.shared()
        files = try TemporaryFolder()
        word = "t\(UInt32.random(in: 0...(.max)))"
        let api = "http://guest:guest@127.0.0.1:\(broker.managementPort)/"
        try files.write(
            api + "\namqp://feeder\(word):feederpassword@127.0.0.1:\(broker.port)/\n", to: "credentials.conf", mode: 0o600)
        try files.write(
            """
            broker amqp://feeder\(word)@127.0.0.1:\(broker.port)/\(word)
            management http://guest@127.0.0.1:\(broker.managementPort)/
            cluster \(word)
            document_root \(files.path)
            url http://127.0.0.1/
            \(lines)

            """, to: "switch/switch.conf")
        _ = try curl("PUT", "vhosts/\(word)")
        _ = try curl("PUT", "permissions/\(word)/guest", #"{"configure":".*","write":".*","read":".*"}"#)
        guard initialised else { return }
        let outcome = try self("init")
        try #require(outcome.status == 0, "\(outcome)")
    }

    /// Runs `dd_switch` to its end.
    @discardableResult
    func callAsFunction(_ words: String..., input: String = "") throws -> Command.Outcome {
        try run(words, input: input)
    }

    func run(_ words: [String], input: String = "") throws -> Command.Outcome {
        let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        return try Command("dd_switch", environment: environment).run(words, input: input)
    }

    /// The account of this test called `name`.
    func name(_ name: String) -> String { name + word }

    /// Adds a user with a known password.
    func add(_ user: String, _ options: String...) throws {
        let outcome = try run(["user", "add", name(user), "--password", "password-of-it"] + options)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// How an account reaches the vhost.
    func settings(_ user: String, _ password: String = "password-of-it") throws -> BrokerSettings {
        BrokerSettings(url: try BrokerURL(broker.url(name(user), password, vhost: word)), name: "test")
    }

    /// Asks the management API with curl(1), which knows nothing of ours.
    func curl(_ method: String, _ path: String, _ body: String = "{}") throws -> String {
        let arguments = [
            "-s", "-u", "guest:guest", "-X", method, "-H", "Content-Type: application/json", "-d", body,
            "http://127.0.0.1:\(broker.managementPort)/api/\(path)",
        ]
        return try Command(path: "/usr/bin/curl").run(arguments).output
    }

    /// What the broker has of our vhost, without what changes by itself.
    func definitions() throws -> String { try curl("GET", "definitions/\(word)", "") }

    /// The same as its members, sorted: the management API promises no order.
    func members() throws -> [Substring] { try definitions().split { "{}[],".contains($0) }.sorted() }
}
