import Glibc
import Testing

@testable import DDCore

@Suite("waits until something can be read")
struct ReadinessTests {
    // Found before: Int32(seconds * 1000) in nine places, which ends the program when the option behind it is large.
    @Test(
        "any number of seconds is a wait",
        arguments: [
            (0, 0), (-1, 0), (-.infinity, 0), (.nan, 0), (0.0001, 1), (1, 1000), (1.0001, 1001), (1e9, .max), (1e300, .max),
            (.infinity, .max),
        ] as [(Double, Int32)])
    func milliseconds(seconds: Double, expected: Int32) {
        #expect(Readiness.milliseconds(of: seconds) == expected)
    }

    @Test("it ends with its time, or with the first that is readable; a negative descriptor is none")
    func waits() throws {
        let (first, second) = (try EventFD(), try EventFD())
        let start = Monotonic.now()
        #expect(!Readiness.wait(for: -1, first.descriptor, second.descriptor, seconds: 0.05))
        #expect(Monotonic.now() - start >= 0.05)
        try Thread.start(for: "a signal") {
            usleep(20_000)
            second.signal()
        }
        #expect(Readiness.wait(for: -1, first.descriptor, second.descriptor, seconds: nil))
        #expect(second.wait(seconds: 0) && !first.wait(seconds: 0))
    }
}
