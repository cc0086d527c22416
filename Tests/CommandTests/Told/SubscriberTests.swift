import DDCore
import DDTestSupport
import Glibc
import Testing

/// What who subscribes meets: looking on, two configurations of one name, starts that cannot succeed, queues that stay.
@Suite("what subscribers meet", .serialized, .enabled(if: SwitchTests.installed))
struct SubscriberTests {
    /// The names of bob's queues on the broker that begin so.
    private func queues(_ parties: Parties, _ head: String) throws -> [String] {
        let words = ["-sf", parties.running["DD_MANAGEMENT"] + "api/queues?columns=name"]
        let outcome = try Command(path: "/usr/bin/curl").run(words)
        return (try JSONParser.parse(outcome.output).array ?? []).compactMap { $0["name"]?.string }.filter { $0.hasPrefix(head) }
    }

    @Test("looking on takes nothing from who runs, and leaves no queue", arguments: ["-n", "-d", "--dry_run"])
    func looking(option: String) throws {
        let parties = try Parties("look" + option.filter(\.isLetter))
        let config = try parties.configure()
        let bob = try parties.subscribe([config])
        let looker = try parties.command("dd_subscribe").start([config, option, "--exit_after", "40"])
        #expect(waitUntil(seconds: 20) { looker.errors.contains("connected to") }, "\(looker.errors)")
        for number in 0..<40 { try Tree.write([1], to: "\(parties.source)/\(number)") }
        #expect(try parties.post(paths: (0..<40).map { "\(parties.source)/\($0)" }).status == 0)
        let outcome = try looker.outcome(seconds: 30)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == ["-n": 40, "-d": 0, "--dry_run": 120][option])
        if option == "--dry_run" {
            #expect(lines.count { $0.hasPrefix("take   http://") } == 40)
            #expect(lines.count { $0.hasPrefix("       place  \(parties.received)/") } == 40, "\(outcome.output)")
        }
        #expect(waitUntil(seconds: 20) { TemporaryFolder.tree(parties.received).count >= 40 })
        #expect(try queues(parties, "q_bob.dd_subscribe.").filter { $0.contains(".look-") } == [])
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        _ = try parties.command("dd_subscribe").run([config, "cleanup"])
    }

    @Test("two configurations of one name in different folders have a queue each")
    func sameName() throws {
        let parties = try Parties("samename")
        var running: [RunningCommand] = []
        for side in ["a", "b"] {
            try SmallFile.makeFolder(parties.path("received/" + side))
            let text = """
                broker \(parties.broker("bob"))
                subtopic *.alice.samename.\(side).#
                directory \(parties.received)/\(side)
                mirror on
                strip 3

                """
            running.append(try parties.subscribe([try parties.write(text, to: "\(side)/s.conf")]))
        }
        for side in ["a", "b"] { for number in 0..<10 { try Tree.write([1], to: "\(parties.source)/\(side)/\(side)\(number)") } }
        #expect(try parties.post().status == 0)
        for side in ["a", "b"] {
            let files = { TemporaryFolder.tree(parties.received + "/" + side) }
            #expect(
                waitUntil(seconds: 20) { files().count { $0.contains("\(side)0") } == 1 && files().count >= 10 }, "\(files())")
            let other = side == "a" ? "b" : "a"
            #expect(!files().contains { $0.contains("\(other)0") }, "\(files())")
        }
        for process in running {
            process.send(SIGTERM)
            #expect(try process.outcome().status == 0)
        }
        for side in ["a", "b"] {
            #expect(try parties.command("dd_subscribe").run([parties.path("\(side)/s.conf"), "cleanup"]).status == 0)
        }
    }

    @Test("a start with a wrong password says so with 77 and leaves nothing running; the second says the same")
    func wrongPassword() throws {
        let parties = try Parties("wrongpassword")
        let config = try parties.configure("broker amqp://bob:wrong@127.0.0.1:\(parties.running["DD_AMQP_PORT"])/")
        let program = parties.command("dd_subscribe")
        for _ in 0..<2 {
            let outcome = try program.run([config, "start"])
            #expect(
                outcome.status == 77 && outcome.errors.contains("403") && outcome.errors.contains("nothing runs"), "\(outcome)")
            #expect(!outcome.errors.contains("wrong@"))
            #expect(try program.run([config, "status"]).status == 3)
        }
        let log = try #require(parties.state("log", "dd_subscribe_bob", "_1.log").flatMap(SmallFile.text))
        #expect(log.contains(#/(?m)^20[0-9-]+T[0-9:.]+Z dd_subscribe: /#), "\(log)")
    }

    @Test("a second start of what does not reach its broker says so")
    func unreachable() throws {
        let parties = try Parties("unreachable")
        let config = try parties.configure("broker amqp://bob:x@127.0.0.1:1/")
        let program = parties.command("dd_subscribe")
        _ = try program.run([config, "start"])
        let second = try program.run([config, "start"])
        #expect(second.errors.contains("runs already") && second.errors.contains("not connected"), "\(second)")
        #expect(try program.run([config, "stop"]).status == 0)
    }

    @Test("--wait ends with several instances, too")
    func patience() throws {
        let parties = try Parties("patience")
        let config = try parties.configure("broker amqp://bob:x@127.0.0.1:1/")
        let outcome = try parties.command("dd_subscribe").run([config, "--wait", "1", "--instances", "3"], seconds: 30)
        #expect(outcome.status == ExitStatus.unavailable, "\(outcome)")
    }

    @Test("the form host:path says which queue it leaves, and deletes it with cleanup; not while somebody consumes it")
    func direct() throws {
        let parties = try Parties("direct")
        let words = ["--plain", "-b", parties.broker("bob"), ":*/alice/direct", parties.received + "/direct"]
        let program = parties.command("dd_subscribe")
        let bob = try program.start(words)
        #expect(waitUntil(seconds: 20) { bob.errors.contains("connected to") }, "\(bob.errors)")
        let name = try #require(bob.errors.firstMatch(of: /queue (q_bob\.\S+),/).map { String($0.1) })
        #expect(bob.errors.contains("bound to xpublic v02.post.*.alice.direct.#"), "\(bob.errors)")
        let early = try program.run(words + ["cleanup"])
        #expect(early.status == 78 && early.errors.contains("is being consumed"), "\(early)")
        bob.send(SIGINT)
        let outcome = try bob.outcome()
        #expect(outcome.errors.contains("the queue \(name) stays on the broker"), "\(outcome.errors)")
        #expect(try queues(parties, name) == [name])
        #expect(try program.run(words + ["cleanup"]).status == 0)
        #expect(try queues(parties, name) == [])
        #expect(try program.run(words + ["status"]).status == 64)
    }

    @Test("who subscribes without the day and the source is told what flows")
    func nothing() throws {
        let parties = try Parties("nothing")
        let bob = try parties.command("dd_subscribe").start(["-b", parties.broker("bob"), ":nothing/CWAO", parties.received])
        #expect(waitUntil(seconds: 20) { bob.errors.contains("connected to") }, "\(bob.errors)")
        var count = 0
        let told = try waitUntil(seconds: 90) {
            try Tree.write([1], to: "\(parties.source)/CWAO/\(count)")
            #expect(try parties.post(paths: ["\(parties.source)/CWAO/\(count)"]).status == 0)
            count += 1
            return bob.errors.contains("nothing has come yet")
        }
        #expect(told, "\(bob.errors)")
        #expect(bob.errors.contains("alice.nothing.CWAO") && bob.errors.contains("as a path */*/nothing/CWAO"), "\(bob.errors)")
        bob.send(SIGTERM)
        _ = try bob.outcome()
        _ = try parties.command("dd_subscribe").run(["-b", parties.broker("bob"), ":nothing/CWAO", parties.received, "cleanup"])
    }

    @Test("removals that are not wanted are no failures")
    func removals() throws {
        let parties = try Parties("removals")
        let config = try parties.configure()
        try parties.prepare(config)
        try Tree.write([1], to: parties.source + "/gone")
        #expect(try parties.post().status == 0)
        _ = try parties.reports { $0.contains { $0.user == "feeder" } }
        #expect(try parties.command("dd_subscribe").run([config, "--exit_after", "1"]).status == 0)
        #expect(unlink(parties.source + "/gone") == 0)
        #expect(try parties.post(["--remove"], paths: [parties.source + "/gone"]).status == 0)
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_after", "1"])
        #expect(outcome.status == 0 && !outcome.errors.contains("503"), "\(outcome)")
        let reports = try parties.reports { $0.contains { $0.user == "bob" && $0.code == "503" } }
        #expect(reports.contains { $0.user == "bob" && $0.code == "503" }, "\(reports)")
    }

    @Test("the progress line is right after the last file, and a file in blocks is one")
    func progress() throws {
        let parties = try Parties("progress")
        let config = try parties.configure()
        try parties.prepare(config)
        try Tree.write([UInt8](repeating: 7, count: 3 << 20), to: parties.source + "/large")
        #expect(try parties.post(["--parts", "i,1M"]).status == 0)
        let bob = try TerminalProgram(parties.command("dd_subscribe"), [config])
        #expect(bob.shows("1 file, 3.0 MiB, "), "\(bob.shown)")
        bob.send(SIGTERM)
        #expect(bob.outcome() == 0 && bob.shown.contains("1 file, 3.0 MiB, in "), "\(bob.shown)")
    }

    @Test("the progress line has the bytes of a file that is under way, and lines of the log come above it")
    func underWay() throws {
        let parties = try Parties("underway")
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n"
        let server = try LyingServer { _ in .stall(Array(head.utf8) + [UInt8](repeating: 1, count: 3 << 19)) }
        let bob = try TerminalProgram(parties.command("dd_subscribe"), [try parties.configure()])
        #expect(bob.shows("connected to"), "\(bob.shown)")
        let body = "\(Timestamp.now().wire) \(server.url("/")) 20260101/alice/underway/slow"
        try RawClient(parties.running["DD_BROKER_FEEDER"]).publish(
            "xpublic", "v02.post.20260101.alice.underway", ["sum": "0,0", "parts": "1,3145728,1,0,0", "source": "alice"],
            body: Array(body.utf8))
        #expect(bob.shows("0 files, 1.5 MiB, "), "\(bob.shown)")
        bob.send(SIGTERM)
        bob.send(SIGTERM)
        _ = bob.outcome()
        // The notice of the connection was a line of its own, with the time.
        #expect(bob.shown.contains(#/20[0-9-]{8}T[0-9:.]+Z dd_subscribe: connected to /#), "\(bob.shown)")
    }
}
