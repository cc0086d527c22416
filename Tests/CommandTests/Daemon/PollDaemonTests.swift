import DDCore
import DDTestSupport
import Glibc
import Testing

/// dd_poll in the background: start, status, reload, restart, stop.
@Suite("dd_poll in the background", .serialized, .enabled(if: SwitchTests.installed))
struct PollDaemonTests {
    /// Alice's configuration in the background; ends with the test.
    private final class Poller {
        let parties: Parties

        init(_ parties: Parties, _ lines: String) throws {
            self.parties = parties
            try configure(lines)
        }

        deinit { if (try? act("status").status) == 0 { _ = try? act("stop") } }

        func configure(_ lines: String) throws {
            let url = parties.running["DD_SOURCE_URL"] + parties.name
            _ = try parties.write("broker \(parties.broker("alice"))\npoll_url \(url)\n\(lines)\n", to: "radar.conf")
        }

        func act(_ action: String) throws -> Command.Outcome {
            try parties.command("dd_poll").run([parties.path("radar.conf"), action], seconds: 70)
        }

        /// What the process says, with what it posted.
        var log: String { parties.state("log", "dd_poll_radar", "_1.log").flatMap(SmallFile.text) ?? "" }
        func posted(_ name: String) -> Int { log.split(separator: "\n").count { $0.contains("/\(name)\t") } }
        func pid() throws -> Int32? {
            try act("status").output.firstMatch(of: /running, process (\d+),/).flatMap { Int32($0.1) }
        }
    }

    @Test("start, status, restart and stop are those of the other programs; nothing is posted twice, and nobody joins in")
    func round() throws {
        let parties = try Parties("pollround")
        try Tree.write([1], to: parties.source + "/one")
        let poller = try Poller(parties, "interval 1")
        #expect(try poller.act("status").status == 3)
        #expect(try poller.act("stop").status == 0 && poller.act("reload").status == 1)
        let started = try poller.act("start")
        #expect(started.status == 0, "\(started.errors) \(poller.log)")
        #expect(waitUntil(seconds: 20) { poller.posted("one") == 1 }, "\(poller.log)")
        let status = try poller.act("status")
        let line = try #require(status.output.split(separator: "\n").first)
        #expect(line.contains(/^dd_poll radar 1: running, process \d+, (looking|resting) since 20.* UTC$/), "\(line)")
        let pid = try poller.pid()
        #expect(try poller.act("start").status == 0 && poller.pid() == pid)
        let second = try parties.command("dd_poll").run([parties.path("radar.conf"), "--once"])
        #expect(second.status == 64 && second.errors.contains("runs already as process"), "\(second.errors)")
        #expect(try poller.act("restart").status == 0)
        #expect(try poller.pid() != pid)
        try Tree.write([1], to: parties.source + "/two")
        #expect(waitUntil(seconds: 20) { poller.posted("two") == 1 }, "\(poller.log)")
        #expect(try poller.act("stop").status == 0 && poller.act("status").status == 3)
        #expect(poller.posted("one") == 1 && poller.posted("two") == 1)
        #expect(try poller.act("cleanup").status == 64)
    }

    @Test("reload looks anew with the configuration as it is now; a wrong one, or one the broker refuses, changes nothing")
    func reloading() throws {
        let parties = try Parties("pollreload")
        try Tree.write([1], to: parties.source + "/plain")
        try Tree.write([1], to: parties.source + "/late")
        let poller = try Poller(parties, "interval 1h\nreject .*/late")
        #expect(try poller.act("start").status == 0, "\(poller.log)")
        #expect(waitUntil(seconds: 20) { poller.posted("plain") == 1 })
        let pid = try poller.pid()
        try poller.configure("interval 1h\nnonsense on")
        let wrong = try poller.act("reload")
        #expect(wrong.status == 78 && wrong.errors.contains("radar.conf:4"), "\(wrong.errors)")
        let port = parties.running["DD_AMQP_PORT"]
        _ = try parties.write(
            "broker amqp://alice:wrong@127.0.0.1:\(port)/\npoll_url http://127.0.0.1:1/\n", to: "radar.conf")
        #expect(try poller.act("reload").status == 0)
        #expect(waitUntil(seconds: 20) { poller.log.contains("the old configuration goes on") }, "\(poller.log)")
        #expect(poller.posted("late") == 0)
        try poller.configure("interval 1h\nreject .*/never")
        #expect(try poller.act("reload").status == 0)
        #expect(waitUntil(seconds: 20) { poller.posted("late") == 1 }, "\(poller.log)")
        #expect(try poller.pid() == pid && poller.posted("plain") == 1)
    }

    @Test("it stops at once while the server that is looked at does not answer, and while the broker is away")
    func silence() throws {
        let parties = try Parties("pollsilent")
        let hole = try SilentPort()
        let poller = try Poller(parties, "")
        _ = try parties.write(
            "broker \(parties.broker("alice"))\npoll_url http://127.0.0.1:\(hole.port)/\n", to: "radar.conf")
        #expect(try poller.act("start").status == 0, "\(poller.log)")
        #expect(waitUntil(seconds: 10) { hole.hasCaller })
        let start = Monotonic.now()
        #expect(try poller.act("stop").status == 0)
        #expect(Monotonic.now() - start < 5)
        let nobody = try #require(FreePort.find())
        _ = try parties.write("broker amqp://alice:any@127.0.0.1:\(nobody)/\npoll_url http://127.0.0.1:1/\n", to: "radar.conf")
        let away = try parties.command("dd_poll").start([parties.path("radar.conf")])
        #expect(waitUntil(seconds: 20) { away.errors.split(separator: "\n").count >= 4 }, "\(away.errors)")
        away.send(SIGTERM)
        #expect(try away.outcome(seconds: 10).status == 0, "\(away.errors)")
    }
}
