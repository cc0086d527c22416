import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("a thousand users", .enabled(if: RabbitMQ.isInstalled && Seed.isLong))
struct ScaleTests {
    @Test(
        "with 1,000 users of whom 200 are sources, one more is there within a second, and one process routes the reports of all")
    func thousand() throws {
        let desk = try Desk()
        for number in 0..<1000 {
            try desk.add("n\(number)x", "--role", number < 200 ? "source" : "consumer")
        }
        let environment = ["DD_CONFIG_HOME": desk.files.path, "DD_STATE_HOME": desk.files.path("state")]
        var start = Monotonic.now()
        let routing = try Command("dd_switch", environment: environment).start(["log2source", "switch"])
        // The reports of the last one who reports come through: then all queues are consumed.
        let last = try Reporting(desk, "n999x")
        try last.report(about: desk.name("n0x"))
        let source = try Source(desk, "n0x")
        #expect(try source.listen(seconds: 120) { $0[desk.name("n999x")] == 1 }, "\(routing.errors)")
        print("log2source stands after \(milliseconds(since: start)) ms, \(ProcessUse.peakMemory(of: routing.pid)) KiB")

        // The median of five: one may meet a busy machine.
        let times = try (0..<5).map { number in
            let start = Monotonic.now()
            try desk.add("last\(number)x", "--role", "source")
            return milliseconds(since: start)
        }
        print("user add: \(times.sorted()) ms")
        #expect(times.sorted()[2] < 1000, "\(times)")
        start = Monotonic.now()
        let late = try Reporting(desk, "last4x")
        try late.report(about: desk.name("n0x"))
        #expect(try source.listen(seconds: 30) { $0[desk.name("last4x")] == 1 }, "\(routing.errors)")
        print("a report of the newest user is routed after \(milliseconds(since: start)) ms")

        let before = ProcessUse.ticks(of: routing.pid)
        sleep(5)
        let idle = ProcessUse.ticks(of: routing.pid) - before
        print("idle for 5 s: \(idle) ticks of 10 ms")
        #expect(idle < 5)
        start = Monotonic.now()
        _ = try desk("check")
        print("check takes \(milliseconds(since: start)) ms")
    }

    private func milliseconds(since start: Double) -> Int { Int((Monotonic.now() - start) * 1000) }
}
