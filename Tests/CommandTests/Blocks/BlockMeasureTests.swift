import DDCore
import DDTestSupport
import Glibc
import Testing

/// What blocks cost and save. With `DD_TEST_LONG` in the environment at full size; what was measured is printed, and kept in
/// docs/results/blocks.md.
@Suite("what blocks cost", .serialized, .enabled(if: SwitchTests.installed))
struct BlockMeasureTests {
    static let isLong = getenv("DD_TEST_LONG") != nil

    @Test("of a file in which one block changed, one block goes over each wire", .timeLimit(.minutes(10)))
    func delta() throws {
        let running = try RunningSwitch(["--access_log"])
        defer { running.stop() }
        let parties = try Parties("delta", at: running)
        let (blocks, size) = (Self.isLong ? 1_000 : 100, 1 << 20)
        let path = parties.source + "/file"
        try LargeFile.write(blocks * size - 17, to: path)
        let bob = try parties.subscribe([try parties.configure()])
        let words = ["-p", "i,\(size)", "-sum", "xxh128"]
        func send() throws -> Bool {
            let posted = try parties.post(words, seconds: 120)
            #expect(posted.status == 0, "\(posted.errors)")
            return try waitUntil(seconds: 240) {
                let copy = parties.received + "/delta/file"
                return try access(copy, F_OK) == 0 && LargeFile.same(path, copy)
            }
        }
        let arrives = try send()
        #expect(arrives, "\(bob.errors)")
        let before = Transferred(running)
        // Both hops, all bytes.
        #expect(before.bytes >= 2 * (blocks * size - 17), "\(before)")
        try LargeFile.change(path, at: blocks / 2 * size + 1, [1, 2, 3])
        let arrivesAgain = try send()
        #expect(arrivesAgain, "\(bob.errors)")
        let moved = Transferred(running).bytes - before.bytes
        #expect(moved >= 2 * size && moved <= 4 * size, "\(moved) bytes over two hops")
        print("delta: \(blocks) blocks of \(size), one changed: \(moved) bytes over two hops")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    @Test("memory does not grow with the file", .disabled(if: Sanitizer.isPresent), .timeLimit(.minutes(30)))
    func memory() throws {
        // A switch of its own: what others post as alice would wait behind all these blocks.
        let running = try RunningSwitch([])
        defer { running.stop() }
        let parties = try Parties("memory", at: running)
        let sizes = Self.isLong ? [64 << 20, 8 << 30] : [64 << 20, 512 << 20]
        var peaks: [[Int]] = []
        for (number, size) in sizes.enumerated() {
            let path = "\(parties.source)/\(number)"
            try SmallFile.write("", to: path)
            // Without blocks on the disk: only what goes through the programs counts.
            #expect(truncate(path, off_t(size)) == 0)
            let config = try parties.configure(
                "mirror on\nstrip 2\nqueue q_bob.dd_subscribe.memory.\(number)", name: "m\(number)")
            let bob = try parties.subscribe([config])
            let alice = try parties.command("dd_post").start(parties.postWords(["-p", "i,8M", "-sum", "xxh128"], paths: [path]))
            var posting = 0
            let copy = parties.received + "/memory/\(number)"
            let arrives = waitUntil(seconds: 1_200) {
                posting = max(posting, ProcessUse.peakMemory(of: alice.pid))
                return access(copy, F_OK) == 0
            }
            #expect(arrives, "\(bob.errors)")
            peaks.append([posting, ProcessUse.peakMemory(of: bob.pid)])
            bob.send(SIGTERM)
            #expect(try bob.outcome().status == 0)
            #expect(try alice.outcome().status == 0)
            for place in [copy, path] + parties.stored.map({ "\($0)/\(number)" }) { unlink(place) }
        }
        print("memory: dd_post, dd_subscribe in KiB: \(peaks) for \(sizes)")
        for program in 0...1 { #expect(peaks[1][program] - peaks[0][program] <= 2_048, "\(peaks) KiB") }
        for peak in peaks.joined() { #expect(peak > 0 && peak < 40 << 10, "\(peaks) KiB") }
    }

    @Test("a file of thousands of blocks of 1 KiB arrives whole; what a block costs is printed", .timeLimit(.minutes(30)))
    func manyBlocks() throws {
        // A switch of its own: what others post as alice would wait behind all these blocks.
        let running = try RunningSwitch([])
        defer { running.stop() }
        let parties = try Parties("many", at: running)
        var costs: [Double] = []
        let counts = Self.isLong ? [10_000, 100_000] : [500, 5_000]
        for (number, count) in counts.enumerated() {
            let path = "\(parties.source)/\(number)"
            try LargeFile.write(count << 10, to: path)
            let config = try parties.configure("mirror on\nstrip 2\nqueue q_bob.dd_subscribe.many.\(number)", name: "m\(number)")
            let bob = try parties.subscribe([config, "--log_back=off"])
            let began = Monotonic.now()
            // Not over the ingest, which refuses blocks as small as these.
            let posted = try parties.command("dd_post").run(
                [
                    "-b", parties.broker("feeder"), "-ex", "xpublic", "-sub", "20260101.alice.many", "-rn", "a/b/many/\(number)",
                    "-u",
                    parties.running["DD_SOURCE_URL"], "-dr", parties.running["DD_SOURCE_ROOT"], "-r", "-p", "i,1K", "-sum",
                    "xxh128",
                    path,
                ], seconds: 600)
            #expect(posted.status == 0, "\(posted.errors)")
            let copy = parties.received + "/many/\(number)"
            #expect(waitUntil(seconds: 900) { access(copy, F_OK) == 0 }, "\(bob.errors.suffix(2_000))")
            costs.append((Monotonic.now() - began) / Double(count) * 1e6)
            #expect(try LargeFile.same(path, copy))
            bob.send(SIGTERM)
            #expect(try bob.outcome().status == 0)
        }
        print("many blocks: \(costs) µs per block")
    }

    @Test(
        "a file comes whole over a long wire by one stream and by four; what each brings is printed", .enabled(if: isLong),
        .timeLimit(.minutes(20)))
    func longWire() throws {
        let parties = try Parties("wire")
        let port = try #require(UInt16(parties.running["DD_SOURCE_PORT"]))
        let wire = try LongWire(to: port, roundTrip: 0.05, window: 256 << 10)
        let path = parties.source + "/file"
        try LargeFile.write(96 << 20, to: path)
        var rates: [Int: [Double]] = [:]
        for round in 0..<3 {
            for streams in [1, 4] {
                let name = "w\(streams).\(round)"
                let config = try parties.write(
                    """
                    broker \(parties.broker("bob"))
                    queue q_bob.dd_subscribe.\(name)
                    subtopic \(name)
                    directory \(parties.path(name))
                    allow_url http://127.0.0.1:\(wire.port)/
                    log_back off
                    parallel \(streams)

                    """, to: name + ".conf")
                let bob = try parties.subscribe([config])
                let began = Monotonic.now()
                let posted = try parties.command("dd_post").run([
                    "-b", parties.broker("feeder"), "-ex", "xpublic", "-sub", name, "-u", "http://127.0.0.1:\(wire.port)/",
                    "-dr", parties.running["DD_SOURCE_ROOT"], "-p", "i,4M", "-sum", "xxh128", path,
                ])
                #expect(posted.status == 0, "\(posted.errors)")
                let copy = parties.path(name) + "/file"
                #expect(waitUntil(seconds: 120) { access(copy, F_OK) == 0 }, "\(bob.errors)")
                rates[streams, default: []].append(96 / (Monotonic.now() - began))
                #expect(try LargeFile.same(path, copy))
                bob.send(SIGTERM)
                #expect(try bob.outcome().status == 0)
            }
        }
        let medians = rates.mapValues { $0.sorted()[1] }
        print("long wire: \(rates) MiB/s, medians \(medians)")
        withExtendedLifetime(wire) {}
    }
}
