import DDCore
import DDTestSupport
import Glibc
import Testing

/// `make network`: chains of switches at full size.
@Suite("chains of switches", .serialized, .enabled(if: getenv("DD_TEST_NETWORK") != nil && SwitchTests.installed))
struct ChainTests {
    private func chain(_ names: [String], _ options: [String] = []) throws -> Network {
        let network = try Network(names, options)
        for (place, (upper, lower)) in zip(names, names.dropFirst()).enumerated() {
            let behind = names.dropFirst(place + 2).enumerated().map { "\($1):\($0 + 1)" }.joined(separator: ",")
            try network.link(from: upper, to: lower, reaches: behind.isEmpty ? nil : behind)
        }
        return network
    }

    @Test("ten in a row: what a hop adds to a small file, and how many go through in a second")
    func ten() throws {
        let names = (0..<10).map { "s\($0)" }
        let network = try chain(names)
        func seconds(to name: String, _ file: String) throws -> Double {
            let start = Monotonic.now()
            try network.post(at: "s0", [file], to: name)
            while network.stored(file, of: "alice@s0", at: name) == nil {
                try #require(Monotonic.now() - start < 30, "\(file) does not come to \(name)")
                usleep(1_000)
            }
            return Monotonic.now() - start
        }
        // Connections are made, folders are there.
        for name in ["s1", "s9"] { for number in 0..<3 { _ = try seconds(to: name, "warm/\(name)\(number)") } }
        var (near, far): ([Double], [Double]) = ([], [])
        for number in 0..<30 {
            near.append(try seconds(to: "s1", "l/near\(number)"))
            far.append(try seconds(to: "s9", "l/far\(number)"))
        }
        let hop = (far.sorted()[15] - near.sorted()[15]) / 8
        print("network: over ten switches a hop adds \(Int(hop * 1000)) ms to a file of 20 bytes (median of 30)")
        #expect(hop > 0)
        let files = (0..<2_000).map { "t/\($0 % 50)/\($0)" }
        for name in ["s1", "s9"] {
            let start = Monotonic.now()
            let own = files.map { "\(name)/\($0)" }
            try network.post(at: "s0", own, to: name)
            for file in own {
                try #require(
                    waitUntil(seconds: 300) { network.stored(file, of: "alice@s0", at: name) != nil }, "\(file) at \(name)")
            }
            print("network: 2,000 files to \(name) in \(Int((Monotonic.now() - start) * 1000)) ms")
        }
    }

    @Test(
        "a file in blocks passes a switch that has room for a part of it, in two streams, with a kill at each: the same bytes, one trigger"
    )
    func flight() throws {
        let network = try chain(["a", "b", "c"])
        try network.set("a", "b", "in_flight 64M\nnext_hop link_c\nparallel 2\n")
        try network.set("b", "c", "parallel 2\non_file /bin/sh -c 'echo \"$1\" >>\(network["c"].folder)/called' sh\n")
        let size = (getenv("DD_TEST_FLIGHT").flatMap { Int(String(cString: $0)) } ?? 1024) << 20
        var random = SplitMix64(seed: 5)
        let piece = Tree.bytes(1 << 20, &random)
        let source = network["a"]["DD_SOURCE_ROOT"] + "/large"
        let file = try #require(fopen(source, "w"))
        for number in 0..<size >> 20 {
            var own = piece
            own[0] = UInt8(truncatingIfNeeded: number)
            own[1] = UInt8(truncatingIfNeeded: number >> 8)
            fwrite(own, 1, own.count, file)
        }
        fclose(file)
        let start = Monotonic.now()
        let words = [
            "-b", network["a"]["DD_BROKER_ALICE"], "-u", network["a"]["DD_SOURCE_URL"], "-dr", network["a"]["DD_SOURCE_ROOT"],
            "-tc", "c",
            "--parts", "i,16M", source,
        ]
        let posted = try network.command("dd_post", at: "a").run(words, seconds: 300)
        try #require(posted.status == 0, "\(posted)")
        var most = 0
        for (upper, lower) in [("a", "b"), ("b", "c")] {
            for _ in 0..<10 {
                usleep(100_000)
                most = max(most, network.occupied(at: "b"))
            }
            try network.cut(upper, lower, SIGKILL)
            try network.start(upper, lower)
        }
        let isThere = waitUntil(seconds: 600) {
            most = max(most, network.occupied(at: "b"))
            return network.stored("large", of: "alice@a", at: "c") != nil
        }
        #expect(isThere, "\(network.said("a", "b").suffix(2_000)) \(network.said("b", "c").suffix(2_000))")
        print(
            "network: \(size >> 20) MiB over a switch with 64 MiB for it in \(Int(Monotonic.now() - start)) s; it had \(most >> 20) MiB at most"
        )
        let stored = try #require(network.stored("large", of: "alice@a", at: "c"))
        #expect(Tree.content(stored) == Tree.content(source))
        #expect(most < min(size, 512 << 20), "\(most)")
        usleep(3_000_000)
        let called = (SmallFile.text(network["c"].folder + "/called") ?? "").split(separator: "\n")
        #expect(called.count == 1, "\(called)")
    }
}
