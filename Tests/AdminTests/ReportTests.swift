import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// The way of reports over a switch that `dd_switch` has made: each user's wait in a queue of his own.
@Suite("routing of reports", .enabled(if: RabbitMQ.isInstalled))
struct ReportTests {
    private func body(_ number: Int = 0) -> String { "\(Timestamp.now().wire) http://elsewhere/ f\(number) 201 host x 0.5" }

    /// A switch with a source, alice, and two consumers, whose reports are routed.
    private func routed(_ options: String...) throws -> (Desk, RunningCommand) {
        let desk = try Desk()
        try desk.add("alice", "--role", "source")
        for user in ["bob", "carol"] { try desk.add(user, "--role", "consumer") }
        let environment = ["DD_CONFIG_HOME": desk.files.path, "DD_STATE_HOME": desk.files.path("state")]
        return (desk, try Command("dd_switch", environment: environment).start(["log2source", "switch"] + options))
    }

    @Test("a user who reports more than he may waits in his own queue: nothing is lost, and nobody else waits")
    func rate() throws {
        let (desk, routing) = try routed("--report_rate", "100")
        let bob = try Reporting(desk, "bob")
        for number in 0..<400 { try bob.report(body(number), ["source": desk.name("alice")]) }
        try bob.settle()
        let carol = try Reporting(desk, "carol")
        try carol.report(body(), ["source": desk.name("alice")])
        let source = try Source(desk, "alice")
        #expect(try source.listen(seconds: 30) { $0[desk.name("carol")] == 1 }, "\(routing.errors)")
        #expect(source.users[desk.name("bob"), default: 0] < 400)
        #expect(try source.listen(seconds: 30) { $0[desk.name("bob")] == 400 }, "\(source.users) \(routing.errors)")
        #expect(bob.refused == 0)
    }

    @Test("what waited before the routing began is routed at once, and so is what comes while it opens queues")
    func beginning() throws {
        let desk = try Desk()
        try desk.add("alice", "--role", "source")
        for number in 0..<20 { try desk.add("n\(number)", "--role", "consumer") }
        let reporters = try (0..<20).map { try Reporting(desk, "n\($0)") }
        for reporter in reporters { try reporter.report(about: desk.name("alice")) }
        let source = try Source(desk, "alice")
        let environment = ["DD_CONFIG_HOME": desk.files.path, "DD_STATE_HOME": desk.files.path("state")]
        let routing = try Command("dd_switch", environment: environment).start(["log2source", "switch"])
        // A quarter of the heartbeat later it would look by itself.
        #expect(try source.listen(seconds: 10) { $0.count == 20 }, "\(source.users) \(routing.errors)")
    }

    @Test("a report that has no way to a source is kept with the reason, check says so, and unrouted shows and forgets it")
    func unrouted() throws {
        let (desk, routing) = try routed()
        let bob = try Reporting(desk, "bob")
        try bob.report(body(), ["source": desk.name("alice"), "from_cluster": "elsewhere"])
        try bob.report(body(), ["source": "nobody"])
        try bob.report(body(), [:])
        try bob.report("nonsense", ["source": desk.name("alice")])
        try bob.settle()
        // The broker counts every few seconds.
        #expect(try waitUntil(seconds: 30) { try desk("check").output.contains(" unrouted=4;") }, "\(routing.errors)")
        let advice = try desk("doctor").output
        #expect(advice.contains("4 reports had no way to a source"), "\(advice)")
        let listed = try desk("unrouted").output
        for reason in ["no way to cluster elsewhere", "there is no source nobody", "whose data it is about", "it cannot be read"]
        {
            #expect(listed.contains(reason), "\(reason): \(listed)")
        }
        #expect(try desk("unrouted", "clear", "-n").output.contains("- 4 reports"))
        #expect(try desk("unrouted", "nothing").status == 64)
        #expect(try desk("unrouted", "clear").output.contains("- 4 reports"))
        #expect(try waitUntil(seconds: 30) { try desk("check").output.contains(" unrouted=0;") })
        #expect(try desk("audit").output.contains("unrouted clear"))
    }

    @Test("thousands of reports of two users all reach their source; the rate is printed")
    func volume() throws {
        let (desk, routing) = try routed("--report_rate", "1000000")
        let count = Seed.isLong ? 100_000 : 4_000
        let source = try Source(desk, "alice")
        // Until the first one has come, it is not the routing that is measured.
        let carol = try Reporting(desk, "carol")
        try carol.report(body(), ["source": desk.name("alice")])
        try #require(try source.listen(seconds: 30) { !$0.isEmpty }, "\(routing.errors)")
        let reporters = try ["bob", "carol"].map { try Reporting(desk, $0) }
        let start = Monotonic.now()
        for number in 0..<count { try reporters[number % 2].report(body(number), ["source": desk.name("alice")]) }
        for reporter in reporters { try reporter.settle() }
        let sent = Monotonic.now() - start
        #expect(try source.listen(seconds: 120) { $0.values.reduce(0, +) == count + 1 }, "\(source.users) \(routing.errors)")
        let seconds = Monotonic.now() - start
        print(
            "\(count) reports of two users sent in \(Int(sent * 1000)) ms, routed to their source in \(Int(seconds * 1000)) ms:")
        print("\(Int(Double(count) / seconds)) reports/s")
        #expect(reporters.allSatisfy { $0.refused == 0 })
    }
}
