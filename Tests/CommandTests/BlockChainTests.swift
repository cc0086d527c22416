import DDCore
import DDTestSupport
import Glibc
import Testing

/// A large file through two switches. With `DD_TEST_LONG` in the environment it has 8 GiB.
@Suite("blocks through two switches", .serialized, .enabled(if: SwitchTests.installed))
struct BlockChainTests {
    static let isLong = getenv("DD_TEST_LONG") != nil
    private let seed = Seed()

    @Test(
        "in random order, a process killed all the time: identical, one trigger, the second hop before the first is done",
        .timeLimit(.minutes(40)))
    func chain() throws {
        let (size, block) = Self.isLong ? (8 << 30, "i,64M") : (256 << 20, "i,4M")
        let chain = try BlockChain("chain")
        defer { chain.stop() }
        try LargeFile.write(size, to: chain.source + "/large")
        try chain.start()
        var generator = seed.generator()
        let began = Monotonic.now()
        let post = try chain.post(["-r", "-p", block, "-sum", "xxh128"], "large")
        let pause = Self.isLong ? 1 : 0.25
        var nextKill = began + pause
        var overlaps = false
        let copy = chain.received + "/chain/large"
        let arrives = try waitUntil(seconds: Self.isLong ? 1_800 : 120) {
            let stored = chain.stored("large")
            if !overlaps, access(stored[0], F_OK) != 0 {
                let folder = String(stored[1].prefix(upTo: stored[1].lastIndex(of: "/") ?? stored[1].endIndex))
                overlaps = !TemporaryFolder.names(in: folder).isEmpty
            }
            if Monotonic.now() > nextKill {
                try chain.killOne(&generator)
                nextKill = Monotonic.now() + pause
            }
            return access(copy, F_OK) == 0
        }
        let seconds = Monotonic.now() - began
        #expect(arrives, "\(seed): \(chain.kills) \(chain.words)")
        let outcome = try post.outcome(seconds: 600)
        #expect(outcome.status == 0, "\(seed): \(outcome.errors)")
        // What is told after the file is there.
        usleep(3_000_000)
        for place in [copy] + chain.stored("large") {
            #expect(try LargeFile.same(chain.source + "/large", place), "\(seed): \(place) \(chain.kills)")
        }
        // The program may be started a second time only when its process died under it, and is told so.
        #expect(chain.calls.filter { $0 == "0 \(copy)" }.count == 1, "\(seed): \(chain.calls) \(chain.kills)")
        #expect(chain.calls.count <= 2, "\(seed): \(chain.calls)")
        #expect(overlaps, "\(seed)")
        #expect(chain.kills.count >= 2, "\(seed): \(seconds) s")
        print("chain: \(size) bytes, \(seconds) s, \(chain.kills.count) kills")
    }
}
