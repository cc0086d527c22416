import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("dd_log", .enabled(if: SwitchTests.installed))
struct LogTests {
    static let users = ["nora"]

    @Test(
        "looking back ends though reports about other files keep coming",
        arguments: [["--trace"], ["--since", "1h", "--exit_idle", "1"]])
    func ends(options: [String]) throws {
        let parties = try Parties("lookback")
        let admin = try RawClient(parties.running["DD_BROKER_ADMIN"])
        func report(_ name: String) throws {
            let body = "\(Timestamp.now().wire) http://h/ lookback/\(name) 201 host bob 0.5"
            try admin.publish("xl_alice", "v02.log.x", ["source": "alice"], body: Array(body.utf8))
        }
        for number in 0..<500 { try report("other\(number)") }
        try report("wanted")
        let log = try parties.command("dd_log").start(["-b", parties.broker("alice")] + options + ["lookback/wanted"])
        let end = Monotonic.now() + 30
        while log.isRunning, Monotonic.now() < end {
            try report("other")
            usleep(20_000)
        }
        let outcome = try log.outcome(seconds: 1)
        #expect(outcome.status == 0 && outcome.output.contains("lookback/wanted"), "\(outcome)")
        #expect(!outcome.output.contains("other"))
    }

    // Found before: the broker counts every few seconds, and an empty count was taken for an empty stream.
    @Test("what was reported just now is found behind all that the broker has not counted yet; an empty stream has nothing")
    func uncounted() throws {
        let parties = try Parties("uncounted")
        let running = parties.running
        try running.addUsers(Self.users)
        let admin = try RawClient(running["DD_BROKER_ADMIN"])
        let stream = QueueName.reports(of: "nora")
        try admin.declareExchange("xl_nora")
        try admin.declareQueue(stream, ["x-queue-type": "stream"], numbers: ["x-max-length-bytes": 100_000_000])
        try admin.bind(queue: stream, to: "xl_nora")
        let words = ["-b", running.broker("nora", password: "nora-secret"), "--trace", "uncounted/wanted"]

        let nothing = try parties.command("dd_log").run(words)
        #expect(nothing.status == 1 && nothing.errors.contains("no report about uncounted/wanted is kept here"), "\(nothing)")
        for number in 0...5_000 {
            let name = number == 5_000 ? "wanted" : "other\(number)"
            let body = "\(Timestamp.now().wire) http://h/ uncounted/\(name) 201 host bob 0.5"
            try admin.publish("xl_nora", "v02.log.x", ["source": "nora"], body: Array(body.utf8))
        }
        let found = try parties.command("dd_log").run(words)
        #expect(found.status == 0 && found.output.contains("201 bob@host"), "\(found)")
    }
}
