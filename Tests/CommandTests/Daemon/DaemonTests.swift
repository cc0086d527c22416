import DDCore
import DDTestSupport
import Glibc
import Testing

/// Configurations in the background: start, status, reload, stop; several instances; instances that die.
@Suite("daemons", .serialized, .enabled(if: SwitchTests.installed))
struct DaemonTests {
    /// Bob's configuration in the background; ends with the test.
    private final class Daemon {
        let parties: Parties
        let config: String

        init(_ parties: Parties, _ lines: String) throws {
            self.parties = parties
            config = try parties.configure(lines)
        }

        deinit {
            // Twice: the second ends at once what would still drain.
            for _ in 0..<2 where isRunning { _ = try? parties.command("dd_subscribe").run([config, "stop"], seconds: 70) }
        }

        var isRunning: Bool { (try? act("status").status) == 0 }

        func act(_ action: String, _ options: [String] = []) throws -> Command.Outcome {
            try parties.command("dd_subscribe").run(options + [config, action], seconds: 70)
        }

        /// The process numbers of the instances that run.
        var pids: [Int32] {
            let lines = (try? act("status").output.split(separator: "\n")) ?? []
            return lines.compactMap { $0.firstMatch(of: /running, process (\d+), connected/).flatMap { Int32($0.1) } }
        }

        func log(_ number: Int) -> String {
            parties.state("log", "dd_subscribe_bob", "_\(number).log").flatMap(SmallFile.text) ?? ""
        }
    }

    private func count(_ parties: Parties) -> Int { TemporaryFolder.tree(parties.received).count }

    @Test("start, status, stop: one line for each instance, 0 while they run, 3 when they do not")
    func round() throws {
        let parties = try Parties("round")
        let daemon = try Daemon(parties, "mirror on\nstrip 2\ninstances 2\n")
        let none = try daemon.act("status")
        #expect(none.status == 3 && none.output == "dd_subscribe bob: not running\n" && none.errors.isEmpty)
        #expect(try daemon.act("stop").status == 0)
        #expect(try daemon.act("reload").status == 1)

        let started = try daemon.act("start")
        #expect(started.status == 0, "\(started.errors) \(daemon.log(0)) \(daemon.log(1))")
        let status = try daemon.act("status")
        #expect(status.status == 0)
        let lines = status.output.split(separator: "\n")
        #expect(lines.count == 2, "\(status.output)")
        for (number, line) in lines.enumerated() {
            #expect(line.hasPrefix("dd_subscribe bob \(number + 1): running, process "), "\(line)")
            #expect(line.contains(", connected since 20") && line.hasSuffix(" UTC"))
        }
        let pids = daemon.pids
        // A second start changes nothing; the queue is not deleted under them.
        #expect(try daemon.act("start").status == 0)
        #expect(daemon.pids == pids)
        let cleanup = try daemon.act("cleanup")
        #expect(cleanup.status == 64 && cleanup.errors.contains("stop it"))

        try Tree.write([1], to: parties.source + "/file")
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { count(parties) == 1 })

        #expect(try daemon.act("restart").status == 0)
        #expect(Set(daemon.pids).isDisjoint(with: pids) && daemon.pids.count == 2)
        #expect(try daemon.act("stop").status == 0)
        #expect(try daemon.act("status").status == 3)
        for pid in pids { #expect(kill(pid, 0) != 0) }
        #expect(try daemon.act("cleanup").status == 0)
    }

    @Test("instances share the work of one queue; one that is killed is started again, and nothing is lost or doubled in name")
    func sharing() throws {
        let parties = try Parties("sharing")
        let script = try parties.write("#!/bin/sh\necho $PPID >>who\nsleep 0.02\n", to: "who.sh", mode: 0o755)
        let daemon = try Daemon(parties, "mirror on\nstrip 2\nprefetch 5\non_file \(script)\n")
        #expect(try daemon.act("start", ["--instances", "3"]).status == 0)
        let pids = daemon.pids
        #expect(Set(pids).count == 3)
        for number in 0..<300 { try Tree.write(Array("\(number)".utf8), to: "\(parties.source)/\(number)") }
        let wanted = Tree.facts(parties.source)
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 30) { count(parties) > 30 })
        let victim = try #require(pids.first)
        kill(victim, SIGKILL)
        #expect(waitUntil(seconds: 60) { TemporaryFolder.tree(parties.received + "/sharing").count >= 300 })
        #expect(waitUntil(seconds: 20) { daemon.pids.count == 3 && !daemon.pids.contains(victim) }, "\(daemon.log(0))")
        #expect(daemon.log(0).contains("ended with status 137; it is started again"))
        #expect(Tree.differences(wanted, Tree.facts(parties.received + "/sharing")) == "")
        let workers = Set((SmallFile.text(parties.path("who")) ?? "").split(separator: "\n"))
        #expect(workers.isSuperset(of: pids.map { Substring("\($0)") }), "\(workers) of \(pids)")
        // One queue, and one name for it.
        #expect(try daemon.act("stop").status == 0)
    }

    @Test("who keeps them running is killed: they end too, and a start finds the field free")
    func orphans() throws {
        let parties = try Parties("orphans")
        let daemon = try Daemon(parties, "mirror on\nstrip 2\n")
        #expect(try daemon.act("start").status == 0)
        let pid = try #require(daemon.pids.first)
        let file = try #require(parties.state("dd_subscribe", "bob", ".pid", notIn: "_").flatMap(SmallFile.text))
        let keeper = try #require(file.split(separator: " ").first.flatMap { Int32($0) })
        kill(keeper, SIGKILL)
        #expect(waitUntil(seconds: 20) { kill(pid, 0) != 0 })
        // The file is still there with a number that may be another's by now: it is not believed.
        #expect(try daemon.act("status").status == 3)
        #expect(try daemon.act("stop").status == 0)
        #expect(try daemon.act("start").status == 0)
        #expect(daemon.pids.count == 1)
    }

    @Test("reload adds and removes subtopics while posts come, and none is lost")
    func reloading() throws {
        let parties = try Parties("reloading")
        let daemon = try Daemon(parties, "mirror on\nstrip 2\ninstances 2\nprefetch 20\n")
        for folder in ["kept", "added", "removed"] { try SmallFile.makeFolder(parties.source + "/" + folder) }
        func configure(_ folders: [String]) throws {
            let topics = folders.map { "subtopic *.alice.reloading.\($0).#\n" }.joined()
            let text =
                "broker \(parties.broker("bob"))\n\(topics)directory \(parties.received)\nmirror on\nstrip 2\ninstances 2\n"
            _ = try parties.write(text + "prefetch 20\n", to: "bob.conf")
        }
        try configure(["kept", "removed"])
        #expect(try daemon.act("start").status == 0)
        let pids = daemon.pids

        var posted: [String: Int] = [:]
        func post(_ folder: String, _ number: Int) throws {
            let path = "\(parties.source)/\(folder)/\(number)"
            try Tree.write(Array("\(folder) \(number)".utf8), to: path)
            try #require(try parties.post(paths: [path]).status == 0)
            posted[folder, default: 0] += 1
        }
        func has(_ folder: String) -> Int { TemporaryFolder.tree("\(parties.received)/reloading/\(folder)").count }
        for number in 0..<5 {
            try post("kept", number)
            try post("removed", number)
        }
        #expect(waitUntil(seconds: 120) { has("removed") == 5 && has("kept") == 5 })
        for round in 0..<4 {
            try configure(round % 2 == 0 ? ["kept", "added"] : ["kept", "removed"])
            #expect(try daemon.act("reload").status == 0)
            for number in 0..<8 { try post("kept", 100 * (round + 1) + number) }
        }
        try configure(["kept", "added"])
        #expect(try daemon.act("reload").status == 0)
        let read = "the configuration was read again"
        #expect(
            waitUntil(seconds: 20) {
                [1, 2].allSatisfy { daemon.log($0).split(separator: "\n").count { $0.contains(read) } >= 1 }
            })
        // The instances are the same processes, and follow the new topics.
        #expect(waitUntil(seconds: 20) { daemon.pids == pids })
        usleep(1_000_000)
        for number in 0..<5 {
            try post("added", number)
            try post("removed", 50 + number)
            try post("kept", 900 + number)
        }
        #expect(waitUntil(seconds: 120) { has("added") == 5 && has("kept") == posted["kept"] }, "\(daemon.log(1))")
        usleep(500_000)
        #expect(has("removed") == 5)
        #expect(try daemon.act("stop").status == 0)
    }

    @Test("a new configuration that is wrong is refused with its line, and the old one goes on", arguments: ["reload", "signal"])
    func refused(way: String) throws {
        let parties = try Parties("refused")
        let daemon = try Daemon(parties, "mirror on\nstrip 2\n")
        #expect(try daemon.act("start").status == 0)
        let pids = daemon.pids
        let good = try #require(SmallFile.text(daemon.config))
        _ = try parties.write(good + "mirorr off\n", to: "bob.conf")
        if way == "reload" {
            let outcome = try daemon.act("reload")
            #expect(outcome.status == 78 && outcome.errors.contains("bob.conf:7: unknown option 'mirorr'"), "\(outcome.errors)")
        } else {
            kill(try #require(pids.first), SIGHUP)
            #expect(waitUntil(seconds: 10) { daemon.log(1).contains("bob.conf:7: unknown option 'mirorr'") })
            // What only the broker can refuse.
            _ = try parties.write(good + "exchange xs_alice\n", to: "bob.conf")
            kill(try #require(pids.first), SIGHUP)
            #expect(
                waitUntil(seconds: 20) {
                    daemon.log(1).contains("access") && daemon.log(1).contains("the old configuration goes on")
                })
        }
        // Stop and status need no configuration that can be read.
        #expect(waitUntil(seconds: 10) { daemon.pids == pids }, "\(daemon.log(1))")
        try Tree.write([1], to: parties.source + "/file\(way)")
        #expect(try parties.post(paths: [parties.source + "/file\(way)"]).status == 0)
        #expect(waitUntil(seconds: 20) { access(parties.received + "/refused/file\(way)", F_OK) == 0 }, "\(daemon.log(1))")
        #expect(try daemon.act("stop").status == 0)
    }

    @Test("a start that cannot succeed says so with the status of its reason")
    func failing() throws {
        let parties = try Parties("failing")
        let daemon = try Daemon(parties, "exchange xs_alice\n")
        let outcome = try daemon.act("start")
        #expect(outcome.status == 77 && outcome.errors.contains("ended with status 77"), "\(outcome.errors)")
        #expect(outcome.errors.contains(/dd_subscribe_bob-[0-9a-f]{16}_1\.log/))
        #expect(daemon.log(1).contains("xs_alice"))
        // Nothing is left running that would be refused for ever.
        let status = try daemon.act("status")
        #expect(status.status == 3 && status.output.contains("not running"), "\(status.output)")
        _ = try parties.write("nonsense\n", to: "bob.conf")
        #expect(try daemon.act("start").status == 78)
    }

    @Test("several instances in the foreground end together, with the first signal in order and with the second at once")
    func foreground() throws {
        let parties = try Parties("foreground")
        let script = try parties.write("#!/bin/sh\necho x >>begun\nsleep 20\n", to: "slow", mode: 0o755)
        let config = try parties.configure("mirror on\nstrip 2\ninstances 2\non_file \(script)")
        let program = parties.command("dd_subscribe")
        let bob = try program.start([config])
        func lines() throws -> Int {
            try program.run([config, "status"]).output.split(separator: "\n").count { $0.contains(", connected") }
        }
        #expect(try waitUntil(seconds: 20) { try lines() == 2 })
        try Tree.write([1], to: parties.source + "/file")
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { access(parties.path("begun"), F_OK) == 0 })
        bob.send(SIGTERM)
        usleep(500_000)
        #expect(bob.isRunning)
        bob.send(SIGINT)
        #expect(try bob.outcome(seconds: 5).status == 130)
        #expect(try program.run([config, "status"]).status == 3)
    }
}
