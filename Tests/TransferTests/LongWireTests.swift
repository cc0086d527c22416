import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("the long wire of the tests")
struct LongWireTests {
    @Test("what goes in comes out unchanged, half a round trip later, and a window per round trip at most")
    func carries() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try LyingServer { _ in .http(200, [:], bytes) }
        let wire = try LongWire(to: server.port, roundTrip: 0.1, window: 20_000)
        let began = Monotonic.now()
        let outcome = try Command(path: "/usr/bin/curl").run([
            "-sS", "-o", folder.path("out"), "http://127.0.0.1:\(wire.port)/",
        ])
        let seconds = Monotonic.now() - began
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(SmallFile.bytes(folder.path("out")) == bytes)
        // Request and answer: one round trip; 100,000 bytes in windows of 20,000: four more.
        #expect(seconds >= 0.45, "\(seconds) s")
    }
}
