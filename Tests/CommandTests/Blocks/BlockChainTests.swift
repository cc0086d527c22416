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

    @Test("a switch with room for a part of a file passes all of it on", .timeLimit(.minutes(5)))
    func inFlight() throws {
        let chain = try BlockChain("flight")
        defer { chain.stop() }
        let limit = 8 << 20
        try LargeFile.write(64 << 20 - 5, to: chain.source + "/large")
        try chain.start(link: "in_flight \(limit)\nnext_hop bob\n")
        let post = try chain.post(["-p", "i,2M", "-sum", "xxh128"], "large")
        let copy = chain.received + "/flight/large"
        var most = 0
        let arrives = waitUntil(seconds: 120) {
            most = max(most, bytes(below: chain.second["DD_DOCUMENT_ROOT"]))
            return access(copy, F_OK) == 0
        }
        #expect(arrives, "\(chain.words) \(TemporaryFolder.tree(chain.second["DD_DOCUMENT_ROOT"]))")
        #expect(try post.outcome().status == 0)
        #expect(try LargeFile.same(chain.source + "/large", copy))
        #expect(most > 0 && most <= limit, "\(most) bytes")
        // What is reported last is removed, too, and the whole was never there.
        let isEmpty = waitUntil(seconds: 20) { bytes(below: chain.second["DD_DOCUMENT_ROOT"]) == 0 }
        #expect(isEmpty, "\(TemporaryFolder.tree(chain.second["DD_DOCUMENT_ROOT"]))")
        #expect(chain.calls == ["0 \(copy)"])
    }

    /// Bytes of all files below a folder.
    private func bytes(below folder: String) -> Int {
        TemporaryFolder.tree(folder).reduce(0) { sum, name in
            var info = stat()
            guard lstat(folder + "/" + name, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return sum }
            return sum + Int(info.st_size)
        }
    }
}
