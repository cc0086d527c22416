import DDCore
import DDTestSupport
import Glibc
import Testing

/// `dd_switch start`, `stop`, `restart`, `reload`, `status`: all configurations of a machine at once.
@Suite("all configurations together", .serialized, .enabled(if: SwitchTests.installed))
struct ServiceTests {
    /// A machine's configurations, of bob's; what runs ends with the test.
    private final class Machine {
        let parties: Parties
        private let files: TemporaryFolder
        private let environment: [String: String]

        init(_ name: String, _ configurations: [String]) throws {
            parties = try Parties(name)
            files = try TemporaryFolder()
            environment = ["DD_CONFIG_HOME": files.path("etc"), "DD_STATE_HOME": files.path("state")]
            try SmallFile.makeFolder(files.path("etc"))
            let accounts = SmallFile.text(parties.running.folder + "/etc/credentials.conf") ?? ""
            try files.write(accounts, to: "etc/credentials.conf", mode: 0o600)
            for configuration in configurations { try configure(configuration) }
        }

        deinit { _ = try? act("stop") }

        func configure(_ name: String, _ more: String = "") throws {
            let lines = "broker \(parties.broker("bob"))\nsubtopic *.alice.\(parties.name).#\nmirror on\nstrip 2\n"
            let text = "\(lines)directory \(files.path(name))\naccept .*\n\(more)\n"
            try SmallFile.makeFolder(files.path("etc/subscribe"))
            try files.write(text, to: "etc/subscribe/\(name).conf")
        }

        func act(_ words: String...) throws -> Command.Outcome {
            try Command("dd_switch", environment: environment).run(words, seconds: 120)
        }

        /// `doctor` of the parties' switch, with the configurations of this machine: all that `check` finds.
        func check() throws -> Command.Outcome {
            let config = parties.running.folder + "/etc/switch/switch.conf"
            return try Command("dd_switch", environment: environment).run(["-c", config, "doctor"], seconds: 120)
        }

        func start(_ words: String...) throws -> RunningCommand {
            try Command("dd_switch", environment: environment).start(words)
        }

        /// What `status --json` says of each, read by another parser.
        func states() throws -> [String: String] {
            let lines = try act("status", "--json").output
            let script = "import json,sys\nfor l in sys.stdin: d=json.loads(l); print(d['name'], d['state'], d['processes'])"
            let read = try Command(path: "/usr/bin/python3").run(["-c", script], input: lines)
            try #require(read.status == 0, "\(read.errors) \(lines)")
            let pairs = read.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
            return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
        }

        /// A configuration in the foreground.
        func foreground(_ name: String, _ more: [String: String]) throws -> RunningCommand {
            let own = environment.merging(more) { $1 }
            return try Command("dd_subscribe", environment: own).start([name, "--log_level", "debug"])
        }

        func received(_ name: String) -> Int { TemporaryFolder.tree(files.path(name)).count }
    }

    @Test("a configuration that has a deadline is late when nothing came, which status and check say, until something comes")
    func deadline() throws {
        let machine = try Machine("deadlines", ["easy"])
        try machine.configure("strict", "deadline 8s")
        #expect(try machine.act("start").status == 0)
        #expect(waitUntil(seconds: 20) { (try? machine.states()["subscribe/strict"]) == "late 1" })
        let status = try machine.act("status")
        #expect(
            status.status == 1 && status.output.contains("one is expected every 8 s (deadline)")
                && status.output.contains("subscribe/easy    idle"), "\(status)")
        let said = try machine.check()
        #expect(said.status == 1 && said.output.contains("subscribe/strict is late: no file was done for"), "\(said)")
        #expect(!said.output.contains("subscribe/easy"))
        try Tree.write([1], to: machine.parties.source + "/file")
        #expect(try machine.parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { (try? machine.states()["subscribe/strict"]) == "running 1" })
    }

    @Test("start, status, restart, stop; one that is wrong is named, and the others run")
    func round() throws {
        let machine = try Machine("services", ["one", "two"])
        try machine.configure("wrong", "parallel many")
        let before = try machine.act("status")
        #expect(before.status == 3 && before.output.contains("subscribe/one    stopped"), "\(before)")

        let started = try machine.act("start")
        #expect(
            started.status == 78
                && Set(started.output.split(separator: "\n")) == ["subscribe/one started", "subscribe/two started"], "\(started)")
        #expect(started.errors.contains("parallel") && started.errors.contains("subscribe/wrong is not started"), "\(started)")
        #expect(try machine.states()["subscribe/wrong"] == "stopped 0")
        // Nothing has come yet.
        #expect(waitUntil(seconds: 20) { (try? machine.states()["subscribe/one"]) == "idle 1" })

        try Tree.write([1], to: machine.parties.source + "/file")
        #expect(try machine.parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { machine.received("one") == 1 && machine.received("two") == 1 })
        #expect(waitUntil(seconds: 20) { (try? machine.states()["subscribe/two"]) == "running 1" })
        let table = try machine.act("status", "one")
        #expect(table.status == 0 && table.output.contains("1/1") && table.output.contains("/services/file"), "\(table)")

        let again = try machine.act("restart", "subscribe/one", "two")
        #expect(again.status == 0 && again.output == "subscribe/one started anew\nsubscribe/two started anew\n", "\(again)")
        #expect(try machine.act("reload", "one").output.contains("subscribe/one asked to read"))
        let unknown = try machine.act("stop", "onne")
        #expect(unknown.status == 64 && unknown.errors.contains("is one meant?"), "\(unknown)")
        let stopped = try machine.act("stop")
        #expect(
            stopped.status == 0 && stopped.output.contains("subscribe/one stopped")
                && stopped.output.contains("wrong does not run"))
        #expect(try machine.states().values.allSatisfy { $0 == "stopped 0" })
        #expect(try machine.act("status", "--watch").status == 64)
    }

    @Test("commands that are given at the same time are carried out in their order: what runs at the end was asked for last")
    func raced() throws {
        let machine = try Machine("raced", ["one", "two", "three"])
        var seed = Seed().generator()
        for round in 0..<4 {
            var running: [RunningCommand] = []
            for _ in 0..<5 {
                let verb = ["start", "stop", "restart", "reload", "status"].randomElement(using: &seed) ?? "start"
                running.append(try machine.start(verb))
                usleep(UInt32.random(in: 0...150_000, using: &seed))
            }
            // Given while those before it wait or work, but not before they have come so far.
            usleep(Sanitizer.isPresent ? 3_000_000 : 300_000)
            let last = round.isMultiple(of: 2) ? "start" : "stop"
            #expect(try machine.act(last).status == 0)
            for command in running { _ = try command.outcome(seconds: 120) }
            let wanted = last == "start" ? 1 : 0
            let states = try machine.states()
            #expect(states.values.allSatisfy { $0.hasSuffix(" \(wanted)") }, "\(round) \(states)")
        }
    }

    @Test("what runs from another folder is shown; numbers in names are no processes")
    func others() throws {
        let machine = try Machine("others", ["one_2"])
        #expect(try machine.act("start").status == 0)
        #expect(Set(try machine.states().keys) == ["subscribe/one_2"])
        #expect(try machine.act("stop", "subscribe").status == 0)
    }

    @Test("one that systemd has started says when it is ready, that it lives, and that it ends; status sees it, and stop ends it")
    func notified() throws {
        let machine = try Machine("notified", ["one"])
        let files = try TemporaryFolder()
        let socket = files.path("notify")
        let script = """
            import socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind("\(socket)")
            while True: print(s.recv(4096).decode().replace("\\n", " "), flush=True)
            """
        let listener = try Command(path: "/usr/bin/python3").start(["-c", script])
        defer { listener.kill() }
        #expect(waitUntil(seconds: 20) { access(socket, F_OK) == 0 })
        let bob = try machine.foreground("one", ["NOTIFY_SOCKET": socket])
        #expect(
            waitUntil(seconds: 20) { listener.output.contains("READY=1 STATUS=connected WATCHDOG=1") },
            "\(listener.output) \(bob.errors)")
        #expect(
            listener.output.hasPrefix("STATUS=not connected WATCHDOG=1") || listener.output.hasPrefix("READY=1"),
            "\(listener.output)")
        #expect(
            waitUntil(seconds: 20) { listener.output.contains("STATUS=0 done, 0 failed, 0 in the queue WATCHDOG=1") },
            "\(listener.output)")
        #expect(try machine.states()["subscribe/one"] == "idle 1")
        // A second one works beside it, and does not take its place.
        let second = try machine.foreground("one", [:])
        #expect(waitUntil(seconds: 20) { second.errors.contains("connected to") })
        second.send(SIGTERM)
        #expect(try second.outcome().status == 0)
        #expect(try machine.states()["subscribe/one"] == "idle 1")
        #expect(try machine.act("stop", "one").output == "subscribe/one stopped\n")
        #expect(try bob.outcome().status == 0)
        #expect(listener.output.hasSuffix("STOPPING=1\n"), "\(listener.output)")
    }
}
