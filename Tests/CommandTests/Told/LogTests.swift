import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("dd_log", .enabled(if: SwitchTests.installed))
struct LogTests {
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
}
