import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("why a file waits", .enabled(if: SwitchTests.installed))
struct ExplainTests {
    @Test("what is tried again, what has come, what waits for its source: each is said, and what nobody knows too")
    func explain() throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("explained", at: running)
        let home = running.folder + "/etc"
        func explain(_ target: String) throws -> Command.Outcome { try parties.command("dd_switch").run(["explain", target]) }

        // A consumer whose data server is away.
        let port = try #require(FreePort.find())
        try SmallFile.write(
            "broker \(parties.broker("bob"))\nsubtopic #\nmirror on\ndirectory \(parties.received)\nretry_waits 40s\n",
            to: home + "/subscribe/late.conf")
        let late = try parties.command("dd_subscribe").start(["late"])
        defer { late.send(SIGTERM) }
        try #require(waitUntil(seconds: 20) { late.errors.contains("connected") }, "\(late.errors)")
        try Tree.write([1], to: parties.source + "/f")
        let words = ["-b", running["DD_BROKER_FEEDER"], "-ex", "xpublic", "-dr", running["DD_SOURCE_ROOT"], "-u"]
        let away = "http://127.0.0.1:\(port)/"
        #expect(try parties.command("dd_post").run(words + [away, parties.source + "/f"]).status == 0)
        let url = away + "explained/f"
        var told: Command.Outcome?
        #expect(
            waitUntil(seconds: 30) {
                told = try? explain(url)
                return told?.output.contains("waits ") == true
            }, "\(told as Any) \(late.errors)")
        let output = told?.output ?? ""
        #expect(told?.status == 0 && output.contains("late: waits ") && output.contains(" s for try "), "\(output)")
        #expect(output.contains("does not answer") || output.contains("cannot fetch"), "\(output)")
        #expect(try explain("explained/f").output == output || explain("explained/f").output.contains("late: waits "))

        // What came.
        try Tree.write([2], to: parties.source + "/g")
        #expect(try parties.post(paths: [parties.source + "/g"]).status == 0)
        #expect(
            waitUntil(seconds: 30) {
                told = try? explain("alice/explained/g")
                return told?.output.contains("201 feeder@") == true
            }, "\(told as Any)")
        #expect(told?.status == 0 && told?.output.contains("it was for the consumers of this switch") == true)
        let relpath = try #require(
            TemporaryFolder.tree(running["DD_DOCUMENT_ROOT"]).first { $0.hasSuffix("/explained/g") })
        #expect(try explain(running["DD_URL"] + relpath).output.contains("201 feeder@"))

        // What its source waits for.
        let admin = parties.command("dd_switch")
        #expect(try admin.run(["user", "stop", "alice"]).status == 0)
        let stopped = try explain("alice/explained/g")
        #expect(
            stopped.output.contains("alice is stopped: its posts wait (dd_switch user resume alice)"), "\(stopped)")
        #expect(try admin.run(["user", "resume", "alice"]).status == 0)

        let unknown = try explain("alice/explained/none")
        #expect(unknown.status == 1 && unknown.errors.contains("nothing is known of alice/explained/none here"), "\(unknown)")
        let strange = try explain("dave@c/explained/f")
        #expect(strange.status == 1 && strange.errors.contains("is of dave@c"), "\(strange)")
        for bad in [[], ["a", "b"], ["--what"]] { #expect(try admin.run(["explain"] + bad).status == 64) }
    }
}
