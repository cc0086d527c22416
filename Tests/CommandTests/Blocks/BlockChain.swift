import DDCore
import DDTestSupport
import Glibc
import Testing

/// Two switches in a row: alice posts at the first, a link carries it to the second, bob subscribes there. Ingest, link and bob are two
/// processes each, on one queue.
final class BlockChain {
    let name: String
    let first: RunningSwitch
    let second: RunningSwitch
    private let files: TemporaryFolder
    private var instances: [Instance] = []
    private(set) var kills: [String] = []

    /// One process that is started again when it was killed.
    private struct Instance {
        let name: String
        let program: Command
        let words: [String]
        var running: RunningCommand
    }

    /// The switches, without the programs of the second hop.
    init(_ name: String) throws {
        self.name = name
        first = try RunningSwitch(["--access_log"])
        second = try RunningSwitch(["--cluster", "second"])
        files = try TemporaryFolder()
        try SmallFile.makeFolder(source)
    }

    /// Ends everything.
    func stop() {
        for instance in instances { instance.running.kill() }
        first.stop()
        second.stop()
    }

    /// Alice's folder.
    var source: String { "\(first["DD_SOURCE_ROOT"])/\(name)" }
    /// Where bob's files land.
    var received: String { files.path("received") }
    /// What bob's `on_file` wrote: `DD_RETRY` and a path for each call.
    var calls: [String] { (SmallFile.text(files.path("calls")) ?? "").split(separator: "\n").map(String.init) }

    /// The place of a file of alice's at each of the two switches.
    func stored(_ file: String) -> [String] {
        [first, second].map { place in
            let root = place["DD_DOCUMENT_ROOT"]
            let days = TemporaryFolder.names(in: root)
            return "\(root)/\(days.last ?? "none")/alice/\(name)/\(file)"
        }
    }

    /// Starts the second ingest, the two links and bob's two subscribers. Bob's queue stands when this returns, and the link's.
    /// `link` is added to the link's configuration.
    func start(link lines: String = "") throws {
        let script = try files.write("#!/bin/sh\necho \"$DD_RETRY $1\" >>'\(files.path("calls"))'\n", to: "on_file", mode: 0o755)
        let accounts = [first["DD_BROKER_BOB"], second["DD_BROKER_FEEDER"], second["DD_BROKER_BOB"]]
        _ = try files.write(accounts.map { $0 + "\n" }.joined(), to: "etc/credentials.conf", mode: 0o600)
        let link = try files.write(
            """
            source_broker \(Self.masked(first["DD_BROKER_BOB"]))
            source_exchange xpublic
            queue q_bob.dd_sara.link.\(name)
            allow_url \(first["DD_URL"])
            document_root \(second["DD_DOCUMENT_ROOT"])
            broker \(Self.masked(second["DD_BROKER_FEEDER"]))
            url \(second["DD_URL"])
            cluster second
            \(lines)

            """, to: "link.conf")
        let bob = try files.write(
            """
            broker \(Self.masked(second["DD_BROKER_BOB"]))
            subtopic *.alice.\(name).#
            directory \(received)
            mirror on
            strip 2
            on_file \(script)

            """, to: "bob.conf")
        for number in 1...2 { try add("bob \(number)", "dd_subscribe", [bob]) }
        for number in 1...2 { try add("link \(number)", "dd_sara", [link]) }
        let home = first.folder
        try add(
            "ingest 2", "dd_sara", [home + "/etc/sara/ingest.conf"],
            ["DD_CONFIG_HOME": home + "/etc", "DD_STATE_HOME": home + "/state"])
        for instance in instances {
            let stands = waitUntil(seconds: 30) { instance.running.errors.contains("connected to") }
            try #require(stands, "\(instance.name) does not stand: \(instance.running.errors)")
        }
    }

    /// Starts dd_post as alice for one of her files.
    func post(_ words: [String], _ file: String) throws -> RunningCommand {
        let root = first["DD_SOURCE_ROOT"]
        let fixed = ["-b", Self.masked(first["DD_BROKER_ALICE"]), "-u", first["DD_SOURCE_URL"], "-dr", root]
        let command = Command("dd_post", environment: ["DD_CONFIG_HOME": first.folder + "/etc"])
        return try command.start(fixed + words + ["\(source)/\(file)"])
    }

    /// Kills one of the six processes, or, where it may, the one that dd_switch keeps; and starts it again.
    func killOne(_ generator: inout SplitMix64) throws {
        let index = Int.random(in: 0...instances.count, using: &generator)
        guard index < instances.count else {
            let pid = SmallFile.text(first.folder + "/run/ingest.pid").flatMap { Int32($0.dropLast()) } ?? 0
            guard pid > 0, kill(pid, SIGKILL) == 0 else { return }
            kills.append("ingest 1")
            return
        }
        instances[index].running.kill()
        kills.append(instances[index].name)
        let instance = instances[index]
        instances[index].running = try instance.program.start(instance.words)
    }

    /// The most memory that each process which runs now has used, in KiB.
    var peaks: [String: Int] {
        Dictionary(instances.map { ($0.name, ProcessUse.peakMemory(of: $0.running.pid)) }) { $1 }
    }

    /// What each process said, for a failure's text.
    var words: String { instances.map { "\($0.name): \($0.running.errors.suffix(1_000))" }.joined(separator: "\n") }

    private func add(_ name: String, _ program: String, _ words: [String], _ environment: [String: String]? = nil) throws {
        let own = ["DD_CONFIG_HOME": files.path("etc"), "DD_STATE_HOME": files.path("state")]
        let command = Command(program, environment: environment ?? own, folder: files.path)
        let words = words + ["--log_level", "debug"]
        instances.append(Instance(name: name, program: command, words: words, running: try command.start(words)))
    }

    /// A broker's URL without the password.
    private static func masked(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@"), let colon = url[..<at].lastIndex(of: ":") else { return url }
        return String(url[..<colon] + url[at...])
    }
}

/// Large files of random bytes, without holding them.
enum LargeFile {
    /// Writes `size` random bytes.
    static func write(_ size: Int, to path: String) throws {
        if let slash = path.lastIndex(of: "/") { try SmallFile.makeFolder(String(path[..<slash])) }
        unlink(path)
        var launch = ChildProcess.Launch("/usr/bin/head", ["-c", "\(size)", "/dev/urandom"])
        launch.output = .append(path)
        let status = try ChildProcess.start(launch).wait(seconds: 600)
        try #require(status == 0, "cannot write \(path)")
    }

    /// Writes other bytes at an offset.
    static func change(_ path: String, at offset: Int, _ bytes: [UInt8]) throws {
        let file = open(path, O_WRONLY)
        defer { close(file) }
        try #require(pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count)
    }

    /// Whether two files have the same bytes.
    static func same(_ one: String, _ other: String) throws -> Bool {
        try Command(path: "/usr/bin/cmp").run(["-s", one, other], seconds: 600).status == 0
    }
}
