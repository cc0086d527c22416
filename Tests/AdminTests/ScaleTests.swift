import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("a thousand users", .enabled(if: RabbitMQ.isInstalled && getenv("DD_TEST_LONG") != nil))
struct ScaleTests {
    @Test("with 1,000 users of whom 200 are sources, one more is there within a second")
    func thousand() throws {
        let desk = try Desk()
        for number in 0..<1000 {
            try desk.add("n\(number)x", "--role", number < 200 ? "source" : "consumer")
        }
        // The median of five: one may meet a busy machine.
        let times = try (0..<5).map { number in
            let start = ContinuousClock.now
            try desk.add("last\(number)x", "--role", "source")
            return ContinuousClock.now - start
        }
        #expect(times.sorted()[2] < .seconds(1), "\(times)")
    }
}
