import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("putting a file together from its blocks")
struct AssemblyTests {
    static let seed = Seed()
    let folder: TemporaryFolder
    let giver = RangeGiver()

    init() throws { folder = try TemporaryFolder() }

    private func acquirer(_ change: (inout AcquireSettings) -> Void = { _ in }) -> Acquirer {
        var settings = AcquireSettings()
        change(&settings)
        return Acquirer(settings, fetcher: giver) { _ in FetchPolicy(allowsLocal: false) }
    }

    /// A program that notes each call with its `DD_RETRY`, and ends with what is in the file `status`.
    private func triggers() throws -> Triggers {
        let script = try folder.write(
            "#!/bin/sh\necho \"$DD_RETRY $DD_SIZE $(md5sum <\"$1\")\" >>\(folder.path)/calls\nexit $(cat \(folder.path)/status 2>/dev/null || echo 0)\n",
            to: "on file", mode: 0o755)
        return try Triggers(TriggerOptions(onFile: try UserProgram("'\(script)'")), config: "")
    }

    private var calls: [String] { (SmallFile.text(folder.path("calls")) ?? "").split(separator: "\n").map(String.init) }

    private var root: String { folder.path("root") }
    private var names: [String] { TemporaryFolder.tree(root) }
    private let none = Triggers()

    @Test("any size, any blocks, any order, doubles and failures, several workers: the same bytes, and the file is reported once")
    func property() throws {
        for number in 0..<150 {
            var random = Self.seed.generator(case: number)
            let label = "\(Self.seed) case \(number)"
            let size = Int.random(in: 2...40_000, using: &random)
            let blockSize = Int64.random(in: max(1, Int64(size) / 60)...Int64(size - 1), using: &random)
            var source = try BlockSource(Self.bytes(size, &random), blockSize: blockSize)
            source.path = "p\(number)/f"
            source.method = Bool.random(using: &random) ? .inplace : .partfile
            giver.put(source)
            var workers = (0..<3).map { _ in acquirer() }
            var queue = (0..<source.plan.count).flatMap { block in
                [Int64](repeating: block, count: Int.random(in: 1...3, using: &random))
            }
            queue.shuffle(using: &random)
            var (files, stored): (Int, Set<Int64>) = (0, [])
            while !queue.isEmpty {
                let block = queue.removeFirst()
                let worker = Int.random(in: 0..<3, using: &random)
                // A transfer that breaks off, or brings other bytes; or the worker dies and another takes its place.
                let fails = Int.random(in: 0..<10, using: &random) == 0
                if fails && Bool.random(using: &random) {
                    giver.make { $0[0] ^= 1 }
                } else if fails {
                    giver.make { $0.removeLast() }
                }
                defer { giver.make(nil) }
                if Int.random(in: 0..<10, using: &random) == 0 { workers[worker] = acquirer() }
                do {
                    let result = try workers[worker].acquire(try source.job(block, root: root), none)
                    try #require(result.status.code == (stored.insert(block).inserted ? 206 : 304), "\(label): \(result.status)")
                    if result.file?.code == 201 { files += 1 }
                    try #require(result.isComplete == (result.file != nil), "\(label)")
                } catch is TransferError {
                    try #require(fails, "\(label)")
                    queue.insert(block, at: Int.random(in: 0...queue.count, using: &random))
                }
                let isThere = names.contains(source.path)
                try #require(isThere == (stored.count == source.plan.count), "\(label)")
            }
            try #require(SmallFile.bytes(root + "/" + source.path) == source.bytes, "\(label)")
            try #require(files == 1 && names.filter { $0.hasPrefix("p\(number)/") } == [source.path], "\(label): \(names)")
        }
    }

    @Test("blocks of an older and a newer state are never mixed, whatever the order; what was begun of the older is cleaned up")
    func versions() throws {
        for number in 0..<150 {
            var random = Self.seed.generator(case: number)
            let label = "\(Self.seed) case \(number)"
            let size = Int.random(in: 2...3_000, using: &random)
            var sources: [BlockSource] = []
            for version in 0..<3 {
                let bytes = Self.bytes(Bool.random(using: &random) ? size : Int.random(in: 2...3_000, using: &random), &random)
                var source = try BlockSource(bytes, blockSize: Int64(max(1, min(size, bytes.count) / 9)))
                source.path = "v\(number)/f"
                source.time = Timestamp(seconds: 1_600_000_000 + Int64(version))
                // Sometimes a state that cannot be told from the one before by its time, as coarse clocks make them.
                if Bool.random(using: &random) { source.mtime = Timestamp(seconds: 1_500_000_000 + Int64(version)) }
                sources.append(source)
            }
            let workers = (0..<2).map { _ in acquirer() }
            var queue = sources.indices.flatMap { version in (0..<sources[version].plan.count).map { (version, $0) } }
            queue.shuffle(using: &random)
            for (version, block) in queue {
                // What is there at the source when a block is fetched is not what this is about.
                giver.put(sources[version])
                _ = try workers[Int.random(in: 0...1, using: &random)].acquire(sources[version].job(block, root: root), none)
                if let found = SmallFile.bytes(root + "/v\(number)/f") {
                    try #require(sources.contains { $0.bytes == found }, "\(label): the file is none of the three")
                }
            }
            try #require(SmallFile.bytes(root + "/v\(number)/f") == sources[2].bytes, "\(label)")
            try #require(names.filter { $0.hasPrefix("v\(number)/") } == ["v\(number)/f"], "\(label): \(names)")
        }
    }

    @Test("on_file runs once; when it asks for later, once more with DD_RETRY, and the file is reported then")
    func program() throws {
        var random = Self.seed.generator()
        let source = try BlockSource(Self.bytes(100, &random), blockSize: 30)
        giver.put(source)
        let (worker, triggers) = (acquirer(), try triggers())
        for block: Int64 in [3, 0, 2] { #expect(try worker.acquire(source.job(block, root: root), triggers).file == nil) }
        try folder.write("75", to: "status")
        #expect(throws: Triggers.Later.self) { try worker.acquire(source.job(1, root: root), triggers) }
        #expect(calls.count == 1 && SmallFile.bytes(root + "/d/f") == source.bytes)
        // Any block that comes again finishes it, in another process as well.
        try folder.write("0", to: "status")
        let result = try acquirer().acquire(source.job(2, root: root), triggers)
        #expect(result.status.code == 304 && result.file?.code == 201)
        #expect(try acquirer().acquire(source.job(1, root: root), triggers).file == nil)
        #expect(calls.map { $0.prefix(5) } == ["0 100", "1 100"] && names == ["d/f"])
    }

    @Test("a file that on_file refuses or takes away is finished all the same: a block that comes again begins nothing")
    func refusedOrMoved() throws {
        var random = Self.seed.generator()
        let source = try BlockSource(Self.bytes(100, &random), blockSize: 60)
        giver.put(source)
        let script = try folder.write("#!/bin/sh\nmv \"$1\" \(folder.path)/taken\nexit 3\n", to: "take", mode: 0o755)
        let triggers = try Triggers(TriggerOptions(onFile: try UserProgram(script)), config: "")
        let worker = acquirer()
        _ = try worker.acquire(source.job(0, root: root), triggers)
        #expect(try worker.acquire(source.job(1, root: root), triggers).file?.code == 424)
        #expect(SmallFile.bytes(folder.path("taken")) == source.bytes && !names.contains("d/f"))
        for worker in [worker, acquirer()] {
            for block: Int64 in 0...1 {
                #expect(try worker.acquire(source.job(block, root: root), triggers).status.code == 304)
            }
        }
        #expect(giver.given.count == 2 && names == ["d/.f.dd.map.tmp"])
        // The same file announced anew is wanted anew.
        var again = source
        again.time = Timestamp(seconds: 1_700_000_000)
        for block: Int64 in 0...1 { _ = try worker.acquire(again.job(block, root: root), none) }
        #expect(SmallFile.bytes(root + "/d/f") == source.bytes && names == ["d/f"])
    }

    @Test("only what changed is fetched: the other blocks come from the file that is there")
    func delta() throws {
        var random = Self.seed.generator()
        let old = try BlockSource(Self.bytes(100_000, &random), blockSize: 1_000)
        giver.put(old)
        let worker = acquirer()
        for block in 0..<old.plan.count { _ = try worker.acquire(old.job(block, root: root), none) }
        var bytes = old.bytes + [1, 2, 3]
        bytes[50_500] ^= 1
        var new = try BlockSource(bytes, blockSize: 1_000)
        (new.time, new.mtime) = (Timestamp(seconds: 1_600_000_100), Timestamp(seconds: 1_600_000_099))
        giver.put(new)
        let before = giver.given.count
        var codes: [Int: Int] = [:]
        for block in (0..<new.plan.count).shuffled(using: &random) {
            codes[try acquirer().acquire(new.job(block, root: root), none).status.code, default: 0] += 1
        }
        #expect(Set(giver.given[before...].map(\.offset)) == [50_000, 100_000] && codes == [304: 99, 206: 2])
        #expect(SmallFile.bytes(root + "/d/f") == new.bytes && names == ["d/f"])
    }

    @Test("a block costs the same whatever their number")
    func manyBlocks() throws {
        func seconds(_ count: Int64) throws -> Double {
            let version = FileVersion(
                identity: Array(repeating: UInt8(count & 255), count: 16), announced: Sample.time, blockSize: 10, count: count)
            let root = try DocumentRoot(root)
            let opening = try root.assemble(version, at: try Place("many\(count)"), lock: ".tmp", overwrites: true)
            guard case .open(let assembly) = opening else { throw FileError(.system, "\(opening)") }
            let entry = BlockEntry(.md5, [UInt8](repeating: 1, count: 16))
            let began = Monotonic.now()
            for block in 0..<Int64(2_000) {
                let parts = try Parts(method: .inplace, blockSize: 10, count: count, remainder: 0, number: block)
                guard case .needed = try assembly.begin(parts, .none("0")) else { throw FileError(.system, "\(block)") }
                _ = try assembly.commit(block, entry)
            }
            return Monotonic.now() - began
        }
        let (few, many) = (try seconds(2_001), try seconds(10_000_000))
        #expect(many < few * 10 + 1, "\(few) s for 2,000 blocks of as many, \(many) s of 10,000,000")
    }

    @Test("what came of a growing file before its end was known counts for the finished one")
    func growing() throws {
        var random = Self.seed.generator()
        let old = try BlockSource(Self.bytes(6_400, &random), blockSize: 100)
        giver.put(old)
        let worker = acquirer()
        for block in 0..<Int64(40) { _ = try worker.acquire(old.job(block, root: root), none) }
        var new = try BlockSource(Array(old.bytes[..<4_950]), blockSize: 100)
        (new.time, new.mtime) = (Timestamp(seconds: 1_600_000_100), Timestamp(seconds: 1_600_000_099))
        giver.put(new)
        let before = giver.given.count
        for block in (0..<new.plan.count).shuffled(using: &random) {
            // What counts only now is to be announced, and safe on disk, before it is acknowledged.
            #expect(try acquirer().acquire(new.job(block, root: root), none).changed)
        }
        #expect(Set(giver.given[before...].map(\.offset)) == Set((40..<50).map { $0 * 100 }))
        #expect(SmallFile.bytes(root + "/d/f") == new.bytes && names == ["d/f"])
    }

    @Test("a file announced again as it is, is left alone, and its program is not run again")
    func unchanged() throws {
        var random = Self.seed.generator()
        var source = try BlockSource(Self.bytes(1_000, &random), blockSize: 300)
        giver.put(source)
        let (worker, triggers) = (acquirer(), try triggers())
        for block in 0..<source.plan.count { _ = try worker.acquire(source.job(block, root: root), triggers) }
        var before = stat()
        #expect(lstat(root + "/d/f", &before) == 0 && calls.count == 1)
        (source.time, source.mtime) = (Timestamp(seconds: 1_600_000_100), Timestamp(seconds: 1_600_000_099))
        let results = try (0..<source.plan.count).map { try worker.acquire(source.job($0, root: root), triggers) }
        #expect(results.compactMap(\.file).map(\.code) == [304] && results.allSatisfy { $0.status.code == 304 })
        var after = stat()
        #expect(lstat(root + "/d/f", &after) == 0 && after.st_ino == before.st_ino && calls.count == 1)
        #expect(giver.given.count == 4 && names == ["d/f"])
        // And it is known as the later version from now on.
        source.time = Timestamp(seconds: 1_600_000_050)
        #expect(try worker.acquire(source.job(0, root: root), triggers).status.code == 409)
    }

    @Test("kept apart when they are not to be put together: part files with the names of the field")
    func partFiles() throws {
        var random = Self.seed.generator()
        var source = try BlockSource(Self.bytes(100, &random), blockSize: 60)
        source.method = .partfile
        giver.put(source)
        let worker = acquirer { $0.assembles = false }
        for block: Int64 in [1, 0] { #expect(try worker.acquire(source.job(block, root: root), none).status.code == 307) }
        #expect(try worker.acquire(source.job(1, root: root), none).status.code == 304)
        #expect(names.sorted() == ["d/f.60.2.40.0.d.Part", "d/f.60.2.40.1.d.Part"])
        #expect(SmallFile.bytes(root + "/d/f.60.2.40.1.d.Part") == Array(source.bytes[60...]))
        // And taken from part files that a source has.
        for block: Int64 in 0...1 {
            var post = try source.post(block)
            let name = "f.60.2.40.\(block).d.Part"
            giver.put(Array(source.block(try source.plan.parts(block, method: .partfile))), at: "d/" + name)
            post.location.relpath = "d/" + name
            let place = try Placement(mirrors: true).place(for: post)
            let job = Job(delivery: Sample.delivery(), post: post, place: place, root: folder.path("other"))
            #expect(try acquirer().acquire(job, none).status.code == 206)
        }
        #expect(SmallFile.bytes(folder.path("other/d/f")) == source.bytes)
    }

    @Test("after a start of the machine, what the disk does not have is found missing before anything counts on it")
    func powerLoss() throws {
        var random = Self.seed.generator()
        let source = try BlockSource(Self.bytes(1_000, &random), blockSize: 100)
        let version = try FileVersion(source.post(0), source.plan.parts(0, method: .inplace))
        let directory = open(folder.path, O_RDONLY | O_DIRECTORY)
        defer { close(directory) }
        func assembly(_ start: UInt8) throws -> AssemblyFile? {
            var site = AssemblyFile.Site(directory: directory, name: "f", lock: ".tmp", shown: "f")
            site.host = [UInt8](repeating: start, count: 16)
            guard case .open(let assembly) = try AssemblyFile.open(version, site, overwrites: true) else { return nil }
            return assembly
        }
        func begin(_ assembly: AssemblyFile?, _ block: Int64) throws -> AssemblyFile.Beginning? {
            let parts = try source.plan.parts(block, method: .inplace)
            return try assembly?.begin(parts, .none("0"))
        }
        let first = try assembly(1)
        for block: Int64 in 0..<9 {
            let parts = try source.plan.parts(block, method: .inplace)
            guard case .needed = try begin(first, block) else { throw FileError(.system, "\(block)") }
            // Block 4 counted, but its bytes did not come to the disk.
            if block != 4 { try Array(source.block(parts)).withUnsafeBytes { try first?.write($0, at: parts.offset) } }
            guard case .file(_, .digest(let algorithm, let value)) = try source.post(block).event else { continue }
            #expect(try first?.commit(block, BlockEntry(algorithm, value)) == false)
        }
        if case .stored? = try begin(try assembly(1), 4) {} else { Issue.record("the same start counts on it") }
        let second = try assembly(2)
        if case .stored? = try begin(second, 3) {} else { Issue.record("what is whole is kept") }
        if case .needed? = try begin(second, 4) {} else { Issue.record("what is damaged is needed again") }
    }

    @Test("contradictions and impossible files are refused, and leave nothing")
    func refused() throws {
        let event = Post.Event.file(try Parts(wire: "i,1,100000001,0,0"), .none("0"))
        let job = Job(delivery: Sample.delivery(), post: Sample.post("f", event), place: try Place("f"), root: root)
        #expect(try acquirer().acquire(job, none).status.code == 413)
        #expect(names == [])
        giver.put([UInt8](repeating: 7, count: 30), at: "g")
        for (wire, code) in [("i,10,3,0,0", 206), ("i,10,3,5,2", 417)] {
            let event = Post.Event.file(try Parts(wire: wire), .none("0"))
            let job = Job(delivery: Sample.delivery(), post: Sample.post("g", event), place: try Place("g"), root: root)
            #expect(try acquirer().acquire(job, none).status.code == code)
        }
    }

    @Test("a file that waits for blocks is listed with those that are missing, and on_part decides which blocks count")
    func incomplete() throws {
        var random = Self.seed.generator()
        let source = try BlockSource(Self.bytes(100, &random), blockSize: 10)
        giver.put(source)
        let worker = acquirer()
        for block: Int64 in [0, 5, 8] { _ = try worker.acquire(source.job(block, root: root), none) }
        let refusing = TriggerOptions(onPart: try UserProgram("false"))
        #expect(try worker.acquire(source.job(9, root: root), Triggers(refusing, config: "")).status.code == 424)
        let list = IncompleteFile.list(below: root, lock: ".tmp")
        #expect(list.map(\.path) == ["d/f"] && list.first?.missing == [1...4, 6...7, 9...9] && list.first?.size == 100)
        #expect(list.first?.line.contains("7 of 10 blocks missing, begun 20") == true)
        #expect(list.first?.line.hasSuffix(": 1-4, 6-7, 9") == true)
        // A removal announced later takes it all away.
        var settings = AcquireSettings()
        settings.removes = true
        var post = Sample.post("d/f", .removed)
        post.time = Timestamp(seconds: 1_700_000_000)
        let job = Job(delivery: Sample.delivery(), post: post, place: try Place("d/f"), root: root)
        _ = try Acquirer(settings, fetcher: giver) { _ in FetchPolicy(allowsLocal: false) }.acquire(job, none)
        #expect(names == [] && IncompleteFile.list(below: root, lock: ".tmp") == [])
    }

    static func bytes(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
