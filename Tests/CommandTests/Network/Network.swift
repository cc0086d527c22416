import DDCore
import DDTestSupport
import Glibc
import Testing

/// Whole switches of the test's own, joined by links as an administrator makes them.
final class Network {
    private let switches: [String: RunningSwitch]
    private let first: RunningSwitch
    private var links: [String: RunningCommand] = [:]
    private let files: TemporaryFolder
    /// Each switch is a machine of its own, and links are wires of this kind; `nil`: all are on this machine.
    private let kind: PacketWire.Properties?
    private let machines: [String: NetworkNamespace]
    private var wires: [Set<String>: PacketWire] = [:]

    /// Starts switches with these names; `options` are more of `dd_switch up`. With `wires` each has its own network, and the links between them
    /// are of that kind.
    init(_ names: [String], _ options: [String] = [], over wires: PacketWire.Properties? = nil) throws {
        files = try TemporaryFolder()
        kind = wires
        var machines: [String: NetworkNamespace] = [:]
        if wires != nil {
            for (number, name) in names.enumerated() { machines[name] = try NetworkNamespace("10.77.0.\(number + 1)") }
        }
        self.machines = machines
        let started = Guarded<[String: Result<RunningSwitch, any Error>]>([:])
        for name in names {
            let machine = machines[name]
            let words = ["--cluster", name] + options + (machine.map { ["--listen", $0.address] } ?? [])
            try Thread.start(for: "a switch") {
                let result = Result {
                    try machine.map { try $0.inside { try RunningSwitch(words) } } ?? RunningSwitch(words)
                }
                started.withLock { $0[name] = result }
            }
        }
        _ = waitUntil(seconds: 160) { started.withLock(\.count) == names.count }
        switches = try started.withLock { try $0.mapValues { try $0.get() } }
        first = try #require(switches[names[0]])
    }

    deinit {
        links = [:]
        for node in switches.values { node.stop() }
    }

    /// The switch of that name.
    subscript(_ name: String) -> RunningSwitch {
        if let found = switches[name] { return found }
        Issue.record("the test has no switch \(name)")
        return first
    }

    /// One of our programs, at a switch.
    func command(_ program: String, at name: String) -> Command {
        let folder = self[name].folder
        var command = Command(program, environment: ["DD_CONFIG_HOME": folder + "/etc", "DD_STATE_HOME": folder + "/state"])
        command.network = machines[name]
        return command
    }

    /// The wire between two switches, which is laid when it is not there.
    @discardableResult
    func wire(_ one: String, _ other: String) throws -> PacketWire {
        if let known = wires[[one, other]] { return known }
        let (near, far, kind) = try (#require(machines[one]), #require(machines[other]), #require(kind))
        let wire = try PacketWire(near, far, number: wires.count, kind)
        wires[[one, other]] = wire
        return wire
    }

    /// Lets `lower` take posts from `upper`, behind which, as seen from there, lies what `reaches` names; and starts the dd_sara of it.
    func link(from upper: String, to lower: String, reaches: String? = nil) throws {
        let password = files.path("\(upper)-\(lower)")
        let words = ["link", "add", lower, "--password_file", password] + (reaches.map { ["--reaches", $0] } ?? [])
        let given = try command("dd_switch", at: upper).run(words)
        try #require(given.status == 0, "\(given)")
        let secret = try #require(SmallFile.text(password)).split(separator: "\n")[0]
        if kind != nil { try wire(upper, lower) }
        let url = "amqp://link_\(lower):\(secret)@\(machines[upper]?.address ?? "127.0.0.1"):\(self[upper]["DD_AMQP_PORT"])/"
        let taken = try command("dd_switch", at: lower).run(["link", "add", upper, "--from", url])
        try #require(taken.status == 0, "\(taken)")
        #expect(!(taken.output + taken.errors).contains(secret))
        try start(upper, lower)
    }

    /// Starts the dd_sara of a link.
    func start(_ upper: String, _ lower: String) throws {
        links["\(upper)-\(lower)"] = try command("dd_sara", at: lower).start(["link_\(upper)"])
    }

    /// Ends the dd_sara of a link.
    func cut(_ upper: String, _ lower: String, _ signal: Int32 = SIGTERM) throws {
        let running = links.removeValue(forKey: "\(upper)-\(lower)")
        let link = try #require(running)
        link.send(signal)
        _ = try link.outcome(seconds: 60)
    }

    /// Starts the dd_sara of a link anew, with these lines in its configuration.
    func set(_ upper: String, _ lower: String, _ lines: String) throws {
        try cut(upper, lower)
        let path = self[lower].folder + "/etc/sara/link_\(upper).conf"
        try SmallFile.write(try #require(SmallFile.text(path)) + lines, to: path)
        try start(upper, lower)
    }

    /// The bytes of all files below the document root of a switch.
    func occupied(at name: String) -> Int {
        let root = self[name]["DD_DOCUMENT_ROOT"]
        return TemporaryFolder.tree(root).reduce(0) { sum, path in
            var info = stat()
            return lstat("\(root)/\(path)", &info) == 0 ? sum + Int(info.st_blocks) * 512 : sum
        }
    }

    /// What the dd_sara of a link says.
    func said(_ upper: String, _ lower: String) -> String { links["\(upper)-\(lower)"]?.errors ?? "" }

    /// Posts files of alice at a switch, each with its name as content; `clusters` is `to_clusters`.
    func post(at name: String, _ files: [String], to clusters: String?, _ more: [String] = []) throws {
        let at = self[name]
        for file in files { try Tree.write(Array("\(file) of \(name)\n".utf8), to: "\(at["DD_SOURCE_ROOT"])/\(file)") }
        let root = at["DD_SOURCE_ROOT"]
        let words =
            ["-b", at["DD_BROKER_ALICE"], "-u", at["DD_SOURCE_URL"], "-dr", root] + (clusters.map { ["-tc", $0] } ?? []) + more
        let outcome = try command("dd_post", at: name).run(words + files.map { "\(root)/\($0)" })
        try #require(outcome.status == 0, "\(outcome)")
    }

    /// Where a file of `source` is at a switch, below the folder of any day.
    func stored(_ file: String, of source: String, at name: String) -> String? {
        let root = self[name]["DD_DOCUMENT_ROOT"]
        return TemporaryFolder.names(in: root).map { "\(root)/\($0)/\(source)/\(file)" }.first { access($0, F_OK) == 0 }
    }

    /// Whether it comes there.
    func comes(_ file: String, of source: String, at name: String) -> Bool {
        waitUntil(seconds: 30) { self.stored(file, of: source, at: name) != nil }
    }

    /// Starts bob's dd_subscribe at a switch, when its queue stands.
    func subscribe(at name: String) throws -> RunningCommand {
        let bob = try command("dd_subscribe", at: name).start(["bob"])
        try #require(waitUntil(seconds: 20) { bob.errors.contains("connected") }, "\(bob.errors)")
        return bob
    }

    /// The paths of what bob has at a switch, without the day.
    func received(at name: String) -> [String] {
        TemporaryFolder.tree(self[name].folder + "/received").map { $0.split(separator: "/").dropFirst().joined(separator: "/") }
            .sorted()
    }

    /// The way of a file of alice, as she is shown it.
    func trace(_ file: String, at name: String) throws -> String {
        try command("dd_log", at: name).run(["-b", self[name]["DD_BROKER_ALICE"], "--trace", file]).output
    }

    /// What alice is shown of the way to other switches.
    func route(to clusters: String, from name: String) throws -> Command.Outcome {
        try command("dd_post", at: name).run(["-b", self[name]["DD_BROKER_ALICE"], "--trace_route", clusters, "--wait", "20"])
    }

    /// The reports that alice has at a switch about files with `word` in their path: `code user`.
    func reports(at name: String, about word: String) throws -> [String] {
        let words = ["-b", self[name]["DD_BROKER_ALICE"], "--since", "1h", "--exit_idle", "1", "--json"]
        let lines = try command("dd_log", at: name).run(words).output.split(separator: "\n")
        return try lines.map { try JSONParser.parse(String($0)) }.filter { $0["path"]?.string?.contains(word) ?? false }
            .map { "\($0["code"]?.integer ?? 0) \($0["user"]?.string ?? "")" }.sorted()
    }
}
