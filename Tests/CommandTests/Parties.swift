import DDCore
import DDTestSupport
import Glibc
import Testing

/// Alice, who posts, and bob, who subscribes, at one switch: with a tree, a configuration and a state of the test's own.
struct Parties {
    /// The switch that they use.
    let running: RunningSwitch
    /// The name of the test's folder in alice's tree; a single word of a topic.
    let name: String
    private let files: TemporaryFolder

    /// Makes alice's folder. Without `running` the switch that all tests share is used.
    init(_ name: String, at running: RunningSwitch? = nil) throws {
        self.running = try running ?? RunningSwitch.shared()
        self.name = name
        files = try TemporaryFolder()
        try SmallFile.makeFolder(source)
        try files.makeFolder("received")
    }

    /// Alice's folder.
    var source: String { running["DD_SOURCE_ROOT"] + "/" + name }
    /// Where bob's files land.
    var received: String { files.path("received") }
    /// The same folder as the switch keeps it, of all days.
    var stored: [String] {
        TemporaryFolder.names(in: running["DD_DOCUMENT_ROOT"]).map { running["DD_DOCUMENT_ROOT"] + "/\($0)/alice/\(name)" }
    }

    /// The URL of the broker for an account, without a password.
    func broker(_ user: String) -> String { "amqp://\(user)@127.0.0.1:\(running["DD_AMQP_PORT"])/" }

    /// One of our programs with the passwords of the switch and a state of its own.
    func command(_ program: String) -> Command {
        let environment = ["DD_CONFIG_HOME": running.folder + "/etc", "DD_STATE_HOME": files.path("state")]
        return Command(program, environment: environment, folder: files.path)
    }

    /// The path of a file of the test's own, outside of all trees.
    func path(_ name: String) -> String { files.path(name) }

    /// The first file in a folder of the state whose name begins and ends so: the digits of a configuration's path are in between.
    func state(_ folder: String, _ head: String, _ tail: String, notIn: String = "/") -> String? {
        let folder = path("state/" + folder)
        let name = TemporaryFolder.names(in: folder).first {
            $0.hasPrefix(head) && $0.hasSuffix(tail) && !$0.dropFirst(head.count).dropLast(tail.count).contains(notIn)
        }
        return name.map { folder + "/" + $0 }
    }

    /// Writes a file of the test's own, outside of all trees; returns its path.
    func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws -> String {
        try files.write(text, to: name, mode: mode)
    }

    /// The words of dd_post as alice. Without paths: her whole folder.
    func postWords(_ options: [String] = [], paths: [String]? = nil) -> [String] {
        let root = running["DD_SOURCE_ROOT"]
        return ["-b", broker("alice"), "-u", running["DD_SOURCE_URL"], "-dr", root] + options + (paths ?? [source])
    }

    /// Posts as alice, to the end.
    func post(_ options: [String] = [], paths: [String]? = nil, seconds: Double = 60) throws -> Command.Outcome {
        try command("dd_post").run(postWords(options, paths: paths), seconds: seconds)
    }

    /// Writes a configuration of bob's for what is in alice's folder; `lines` come last. Returns its path.
    func configure(_ lines: String = "mirror on\nstrip 2", name config: String = "bob") throws -> String {
        // A second broker would be one more, and not another one.
        let own = lines.contains("broker ") ? "" : "broker \(broker("bob"))\n"
        let text = "\(own)subtopic *.alice.\(name).#\ndirectory \(received)\n\(lines)\n"
        return try files.write(text, to: config + ".conf")
    }

    /// Starts dd_subscribe and waits until its queue is bound: what is posted from then on reaches it.
    func subscribe(_ words: [String]) throws -> RunningCommand {
        let bob = try command("dd_subscribe").start(words + ["--log_level", "debug"])
        let stands = waitUntil(seconds: 30) { bob.errors.contains("connected to") || !bob.isRunning }
        try #require(stands && bob.isRunning, "dd_subscribe does not stand: \(bob.errors)")
        return bob
    }

    /// Makes bob's queue, so that what is posted from then on waits for him.
    func prepare(_ config: String) throws {
        let outcome = try command("dd_subscribe").run([config, "--exit_idle", "0"])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// What dd_log tells alice of paths that begin with `pattern`, as soon as `isEnough`, or after a minute.
    func reports(_ pattern: String? = nil, until isEnough: ([ReportLine]) -> Bool) throws -> [ReportLine] {
        var lines: [ReportLine] = []
        _ = try waitUntil(seconds: 60) {
            let words = ["-b", broker("alice"), "--since", "1h", "--exit_idle", "1", pattern ?? "\(name)/"]
            let outcome = try command("dd_log").run(words)
            try #require(outcome.status == 0, "\(outcome.errors)")
            lines = outcome.output.split(separator: "\n").compactMap { ReportLine($0) }
            return isEnough(lines)
        }
        return lines
    }
}

/// A line of dd_log: who says what of which file.
struct ReportLine: CustomStringConvertible {
    let code: String
    let user: String
    let description: String

    init?(_ line: Substring) {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count == 4, let user = words[2].split(separator: "@").first else { return nil }
        (code, self.user, description) = (String(words[1]), String(user), String(line))
    }
}
