import DDCore
import DDTestSupport
import Glibc
import Testing

/// Large files in blocks, over a whole switch.
@Suite("files in blocks", .serialized, .enabled(if: SwitchTests.installed))
struct BlockTests {
    private let seed = Seed()

    @Test("a file in many blocks, in random order and posted twice, arrives whole at two instances; its program runs once")
    func manyBlocks() throws {
        let parties = try Parties("blocks")
        var generator = seed.generator()
        let bytes = Tree.bytes(1_000_003, &generator)
        try Tree.write(bytes, to: parties.source + "/large")
        try Tree.write(Tree.bytes(7, &generator), to: parties.source + "/t i n y")
        let script = try parties.write(
            "#!/bin/sh\necho \"$1 $DD_SIZE\" >>\(parties.path("calls"))\n", to: "on file", mode: 0o755)
        let config = try parties.configure("mirror on\nstrip 2\non_file '\(script)'")
        let bobs = try [parties.subscribe([config]), parties.subscribe([config])]
        let first = try parties.post(["-p", "i,10007", "-r"], paths: [parties.source + "/large"])
        #expect(first.status == 0, "\(first.errors)")
        let second = try parties.post(["-p", "i,3", "-r"], paths: [parties.source + "/t i n y"])
        #expect(second.status == 0, "\(second.errors)")
        let reports = try parties.reports { $0.count { $0.user == "bob" && $0.code == "201" } >= 2 }
        for bob in bobs {
            bob.send(SIGTERM)
            #expect(try bob.outcome().status == 0, "\(seed): \(bob.errors)")
        }
        let copy = parties.received + "/blocks"
        #expect(Tree.differences(Tree.facts(parties.source), Tree.facts(copy)) == "", "\(seed)")
        for stored in parties.stored {
            #expect(Tree.differences(Tree.facts(parties.source), Tree.facts(stored)) == "", "\(seed)")
        }
        #expect(TemporaryFolder.names(in: copy).sorted() == ["large", "t i n y"])
        let calls = (SmallFile.text(parties.path("calls")) ?? "").split(separator: "\n").sorted()
        #expect(calls == ["\(copy)/large 1000003", "\(copy)/t i n y 7"], "\(seed)")
        // 100 blocks of the one and 3 of the other.
        let stored = reports.filter { ["206", "304"].contains($0.code) }
        #expect(stored.count { $0.user == "bob" } == 103 && stored.count { $0.user == "feeder" } == 103)
        #expect(reports.count { $0.user == "feeder" && $0.code == "201" } == 2)
    }

    @Test(
        "killed at random moments, two instances and the ingest bring the same bytes, and the program is started once or told of it"
    )
    func killed() throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("killedblocks", at: running)
        var generator = seed.generator()
        try Tree.write(Tree.bytes(3_000_001, &generator), to: parties.source + "/large")
        let script = try parties.write(
            "#!/bin/sh\necho \"$DD_RETRY\" >>\(parties.path("calls"))\n", to: "on_file", mode: 0o755)
        let config = try parties.configure("mirror on\nstrip 2\non_file \(script)\nlog_level info")
        try parties.prepare(config)
        let copy = parties.received + "/killedblocks/large"
        let whole = try #require(Tree.content(parties.source + "/large"))
        let watcher = try Watcher([Array("large".utf8): whole]) { [parties.received + "/killedblocks"] + parties.stored }
        let alice = try parties.command("dd_post").start(parties.postWords(["-p", "i,1009", "-r"]))
        var bobs = try [parties.subscribe([config]), parties.subscribe([config])]
        var kills = 0
        while kills < 8, Tree.content(copy) != whole {
            usleep(.random(in: 20_000...300_000, using: &generator))
            let victim = Int.random(in: 0...2, using: &generator)
            if victim < 2 {
                bobs[victim].kill()
                bobs[victim] = try parties.subscribe([config])
            } else if let pid = SmallFile.text(running.folder + "/run/ingest.pid").flatMap({ Int32($0.dropLast()) }) {
                kill(pid, SIGKILL)
            }
            kills += 1
        }
        let outcome = try alice.outcome(seconds: 60)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let isThere = waitUntil(seconds: 90) { Tree.content(copy) == whole }
        #expect(
            isThere,
            "\(seed): \(IncompleteFile.list(below: parties.received, lock: ".tmp").map(\.line)) \(bobs[0].errors.suffix(2000))")
        usleep(500_000)
        for bob in bobs {
            bob.send(SIGTERM)
            #expect(try bob.outcome().status == 0, "\(seed): \(bob.errors)")
        }
        let (faults, _) = watcher.end()
        #expect(faults == [], "\(seed)")
        let calls = (SmallFile.text(parties.path("calls")) ?? "").split(separator: "\n")
        #expect(calls.filter { $0 == "0" }.count == 1, "\(seed): \(calls)")
        for place in [parties.received + "/killedblocks"] + parties.stored {
            #expect(TemporaryFolder.names(in: place) == ["large"], "\(seed)")
        }
    }

    @Test(
        "whatever a lying server sends instead of blocks, none of it gets under the name; when it tells the truth, only those are fetched"
    )
    func lies() throws {
        let parties = try Parties("lies")
        var generator = seed.generator()
        let bytes = Tree.bytes(20_500, &generator)
        try Tree.write(bytes, to: parties.source + "/large")
        let lies = Guarded(true)
        let server = try LyingServer { request in
            let words = request.header("Range")?.split(whereSeparator: { "=-".contains($0) }).compactMap { Int($0) } ?? []
            guard words.count == 2 else { return .http(200, [:], bytes) }
            let (first, last) = (words[0], words[1])
            var body = Array(bytes[first...last])
            func part(_ first: Int, _ last: Int, _ body: [UInt8]) -> LyingServer.Answer {
                .http(206, ["Content-Range": "bytes \(first)-\(last)/\(bytes.count)"], body)
            }
            switch lies.withLock({ $0 }) ? first / 1_000 % 7 : 0 {
            case 1: return .http(200, [:], bytes)
            case 2: return part(first + 1, last + 1, body)
            case 3: return part(first, last, body.dropLast(9) + [])
            case 4: return part(first, last, body + [1, 2, 3])
            case 5:
                body[body.count / 2] ^= 0x20
                return part(first, last, body)
            case 6: return .http(206, [:], body)
            default: return part(first, last, body)
            }
        }
        let config = try parties.configure("mirror on\nstrip 2\nallow_url \(server.url("/"))")
        let bob = try parties.subscribe([config])
        let copy = parties.received + "/lies/large"
        let first = try BlockPoster(parties, file: "large", blockSize: 1_000, base: server.url("/"))
        for block in (0..<Int64(21)).shuffled(using: &generator) { try first.post(block) }
        let reports = try parties.reports { $0.count { $0.user == "bob" } >= 21 }
        #expect(reports.count { $0.code == "206" } == 3, "\(seed): \(reports)")
        #expect(access(copy, F_OK) != 0)
        let missing = IncompleteFile.list(below: parties.received, lock: ".tmp").first?.missing
        #expect(missing == [1...6, 8...13, 15...20], "\(seed)")
        lies.withLock { $0 = false }
        let asked = server.requests.count
        let second = try BlockPoster(parties, file: "large", blockSize: 1_000, base: server.url("/"))
        for block in (0..<Int64(21)).shuffled(using: &generator) { try second.post(block) }
        #expect(
            waitUntil(seconds: 30) { Tree.content(copy) == Tree.content(parties.source + "/large") }, "\(seed): \(bob.errors)")
        #expect(server.requests.count - asked == 18)
        bob.send(SIGTERM)
        _ = try bob.outcome()
        #expect(TemporaryFolder.names(in: parties.received + "/lies") == ["large"])
    }

    // Sparse at the source: 64 MiB and 8 GiB, in blocks of 1 MiB.
    @Test(
        "memory does not grow with the file", .enabled(if: getenv("DD_TEST_LONG") != nil), .timeLimit(.minutes(30)))
    func memory() throws {
        var peaks: [Int] = []
        let gigabytes = getenv("DD_TEST_GIB").flatMap { Int(String(cString: $0)) } ?? 8
        for (name, size) in [("mega", 64 << 20), ("giga", gigabytes << 30)] {
            let parties = try Parties("memory\(name)")
            try Tree.write([], to: parties.source + "/large")
            #expect(truncate(parties.source + "/large", off_t(size)) == 0)
            let bob = try parties.subscribe([try parties.configure()])
            #expect(try parties.post(["-p", "i,1M"], seconds: 600).status == 0)
            var info = stat()
            #expect(waitUntil(seconds: 1_200) { stat(parties.received + "/memory\(name)/large", &info) == 0 })
            #expect(Int(info.st_size) == size)
            peaks.append(ProcessUse.peakMemory(of: bob.pid))
            bob.send(SIGTERM)
            #expect(try bob.outcome(seconds: 600).status == 0)
            for folder in parties.stored + [parties.source, parties.received + "/memory\(name)"] { unlink(folder + "/large") }
        }
        #expect(peaks[0] > 0 && peaks[1] - peaks[0] < 2_048, "\(peaks) KiB")
    }

    @Test("of a file with one changed block only that block is fetched, by the switch and by the consumer")
    func delta() throws {
        let running = try RunningSwitch(["--access_log"])
        defer { running.stop() }
        let parties = try Parties("delta", at: running)
        var generator = seed.generator()
        var bytes = Tree.bytes(200_000, &generator)
        try Tree.write(bytes, to: parties.source + "/large")
        let bob = try parties.subscribe([try parties.configure()])
        let copy = parties.received + "/delta/large"
        #expect(try parties.post(["-p", "i,1000"]).status == 0)
        #expect(waitUntil(seconds: 30) { Tree.content(copy) == Tree.content(parties.source + "/large") })
        let before = requests(running)
        #expect(before == 400)
        bytes[100_100] ^= 1
        try Tree.write(bytes, to: parties.source + "/large")
        #expect(try parties.post(["-p", "i,1000"]).status == 0)
        #expect(waitUntil(seconds: 30) { Tree.content(copy) == Tree.content(parties.source + "/large") })
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        #expect(requests(running) - before == 2)
    }

    /// Ranges that the data servers have served.
    private func requests(_ running: RunningSwitch) -> Int {
        (SmallFile.text(running.folder + "/log/access.log") ?? "").split(separator: "\n").count { $0.contains(" 206 ") }
    }

    @Test("the switch announces blocks before it has the file, and the consumer fetches them from the unfinished one")
    func cutThrough() throws {
        let parties = try Parties("through")
        var generator = seed.generator()
        try Tree.write(Tree.bytes(10_000, &generator), to: parties.source + "/large")
        let bob = try parties.subscribe([try parties.configure()])
        let posts = try BlockPoster(parties, file: "large", blockSize: 1_000)
        for block: Int64 in [9, 0, 3, 1, 2, 8, 7, 6, 5] { try posts.post(block) }
        let nine = waitUntil(seconds: 20) {
            IncompleteFile.list(below: parties.received, lock: ".tmp").first?.missing == [4...4]
        }
        #expect(nine, "\(bob.errors)")
        let unfinished = parties.stored.flatMap { TemporaryFolder.names(in: $0) }
        #expect(unfinished.count == 2 && unfinished.allSatisfy { $0.hasPrefix(".large.dd.") })
        try posts.post(4)
        #expect(
            waitUntil(seconds: 20) {
                Tree.content(parties.received + "/through/large") == Tree.content(parties.source + "/large")
            })
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0, "\(bob.errors)")
        for place in [parties.received + "/through"] + parties.stored { #expect(TemporaryFolder.names(in: place) == ["large"]) }
    }
}
