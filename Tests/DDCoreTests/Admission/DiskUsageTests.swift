import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("what sources have on disk")
struct DiskUsageTests {
    private let folder: TemporaryFolder
    private var quota = UserRecord.Quota()

    init() throws {
        folder = try TemporaryFolder()
        quota.bytes = 100
    }

    private func usage() throws -> DiskUsage {
        let usage = DiskUsage(DailyTrees(root: folder.path("root")), path: folder.path("state/usage"))
        try usage.open()
        return usage
    }

    private func known(_ usage: DiskUsage) -> Bool {
        usage.measure(["alice"])
        return waitUntil(seconds: 10) { usage.usage(of: "alice") != nil }
    }

    @Test("several programs count together: each knows what others store or expect; what one that has ended expected is free")
    func shared() throws {
        try folder.write("1234567890", to: "root/20240101/alice/d/f")
        let first = try usage()
        #expect(known(first) && first.usage(of: "alice") == DailyTrees.Usage(bytes: 10, files: 2))
        var second: DiskUsage? = try usage()
        #expect(second.map(known) == true)
        first.add("alice", bytes: 20, files: 1)
        #expect(second?.usage(of: "alice") == DailyTrees.Usage(bytes: 30, files: 3))
        #expect(second?.reserve("alice", DailyTrees.Usage(bytes: 60, files: 1), quota) == true)
        #expect(!first.reserve("alice", DailyTrees.Usage(bytes: 11, files: 1), quota))
        #expect(first.reserve("alice", DailyTrees.Usage(bytes: 10, files: 1), quota))
        second = nil
        let quota = self.quota
        #expect(waitUntil(seconds: 10) { first.reserve("alice", DailyTrees.Usage(bytes: 60, files: 1), quota) })
        first.release("alice", DailyTrees.Usage(bytes: 70, files: 2))
        // Measured again, it is what is there.
        first.measureAgain()
        #expect(first.usage(of: "alice") == DailyTrees.Usage(bytes: 10, files: 2))
    }

    @Test("when all that counted have ended, what is there is measured again")
    func again() throws {
        try folder.write("1234567890", to: "root/20240101/alice/f")
        var first: DiskUsage? = try usage()
        #expect(first.map(known) == true)
        first?.add("alice", bytes: 80, files: 5)
        first = nil
        let second = try usage()
        #expect(second.usage(of: "alice") == nil && known(second))
        #expect(second.usage(of: "alice") == DailyTrees.Usage(bytes: 10, files: 1))
    }

    @Test("what has come never counts twice, as stored and as still to come: what fits beside it always fits")
    func once() throws {
        let usage = try usage()
        #expect(known(usage))
        var quota = UserRecord.Quota()
        quota.files = 2
        let (one, limit) = (DailyTrees.Usage(files: 1), quota)
        let others = Guarded((isOver: false, refusals: 0))
        try Thread.start(for: "a test") {
            for _ in 0..<20_000 where !usage.fits("alice", one, limit) { others.withLock { $0.refusals += 1 } }
            others.withLock { $0.isOver = true }
        }
        while !others.withLock({ $0.isOver }) {
            let room = try #require(DiskRoom("alice", need: one, allowed: 0, limit, usage))
            room.settle(stored: one)
            room.release()
            usage.add("alice", bytes: 0, files: -1)
        }
        #expect(others.withLock { $0.refusals } == 0)
    }

    @Test("numbers at the end of what a number can be do not end the program")
    func large() throws {
        let usage = try usage()
        #expect(known(usage))
        for _ in 0..<3 { usage.add("alice", bytes: .max, files: .max) }
        for _ in 0..<5 { usage.add("alice", bytes: .min, files: .min) }
        #expect(usage.usage(of: "alice") == DailyTrees.Usage())
        let room = DiskRoom("alice", need: DailyTrees.Usage(bytes: 10), allowed: 10, quota, usage)
        #expect(throws: OverQuota.self) { try room?.ensure(.max) }
        room?.release()
        room?.release()
        #expect(DiskRoom("alice", need: DailyTrees.Usage(bytes: .max, files: .max), allowed: 0, quota, usage) == nil)
    }

    @Test("a file that grows beyond what was announced gets room as long as there is some, and gives all of it back")
    func room() throws {
        let usage = try usage()
        #expect(known(usage))
        let room = try #require(DiskRoom("alice", need: DailyTrees.Usage(bytes: 10, files: 1), allowed: 10, quota, usage))
        try room.ensure(10)
        try room.ensure(60)
        #expect(!usage.reserve("alice", DailyTrees.Usage(bytes: 41), quota))
        #expect(throws: OverQuota.self) { try room.ensure(101) }
        room.release()
        #expect(usage.reserve("alice", DailyTrees.Usage(bytes: 100), quota) && !room.hold())
        usage.release("alice", DailyTrees.Usage(bytes: 100))
        #expect(room.hold())
    }

    @Test("blocks of one file reserve the disk once, and a block of a file that is begun needs nothing more")
    func blocks() throws {
        let usage = try usage()
        #expect(known(usage))
        var disk = DiskQuotas(usage)
        var quota = UserRecord.Quota()
        quota.bytes = 1000
        let parts = try Parts(method: .inplace, blockSize: 100, count: 6, remainder: 0, number: 0)
        var post = Sample.post("f", .file(parts, .none("0")))
        post.source = "alice"
        let place = try Place("20240101/alice/f")
        let job = Job(delivery: Sample.delivery(), post: post, place: place, root: folder.path("root"))
        func need() -> DiskNeed { DiskNeed(job, isCarried: false, lock: ".tmp") }
        #expect(need().bytes == 600 && need().files == 4 && need().total == 600)
        for tag in 1...4 as ClosedRange<UInt64> {
            let verdict = disk.admit(tag, of: "alice", need(), quota)
            #expect(verdict == .admitted)
        }
        #expect(!usage.reserve("alice", DailyTrees.Usage(bytes: 401), quota))
        // A worker begins it.
        let counted = OccupiedPlace(job, lock: ".tmp")
        let root = try DocumentRoot(folder.path("root"))
        try usage.counted("alice", counted, room: nil, folders: { root.made }) {
            let version = try FileVersion(post, parts)
            guard case .open(let assembly) = try root.assemble(version, at: place, lock: ".tmp", overwrites: true) else { return }
            _ = try assembly.begin(parts, .none("0"))
        }
        #expect(usage.usage(of: "alice") == DailyTrees.Usage(bytes: 600, files: 3))
        #expect(need().bytes == 0 && need().files == 0)
        for tag in 1...4 as ClosedRange<UInt64> { disk.finished(tag) }
        #expect(usage.reserve("alice", DailyTrees.Usage(bytes: 400), quota))
        // What is measured is what was counted.
        usage.measureAgain()
        #expect(usage.usage(of: "alice")?.bytes == 600)
        // Another block of it comes though there is no room for more.
        let verdict = disk.admit(9, of: "alice", need(), quota)
        #expect(verdict == .admitted)
    }

    @Test("what nobody works on any more is found and removed; what is young, in use or has its name stays")
    func leftovers() throws {
        let root = try DocumentRoot(folder.path("root"))
        func begin(_ name: String) throws -> (AssemblyFile, Place) {
            let parts = try Parts(method: .inplace, blockSize: 100, count: 6, remainder: 0, number: 0)
            let post = Sample.post(name, .file(parts, .none("0")))
            let place = try Place("d/" + name)
            guard case .open(let file) = try root.assemble(FileVersion(post, parts), at: place, lock: ".tmp", overwrites: true)
            else { throw FileError(.system, "not open") }
            _ = try file.begin(parts, .none("0"))
            return (file, place)
        }
        let used = try begin("used")
        let (abandoned, _) = try begin("abandoned")
        abandoned.abandon(0)
        try folder.write("x", to: "root/d/.broken.dd.tmp")
        try folder.write("x", to: "root/d/kept")
        let all = TemporaryFolder.tree(folder.path("root")).count
        let young = Leftovers(lock: ".tmp", age: 600)
        #expect(young.find(below: root.path).isEmpty)
        let old = Leftovers(lock: ".tmp", age: -1)
        let found = old.find(below: root.path)
        #expect(found.count == 3, "\(found)")
        let expired = found.compactMap { old.remove($0, below: root.path) }
        #expect(expired.map(\.path) == ["d/abandoned"] && expired.first?.missing == 6 && expired.first?.size == 600, "\(expired)")
        let left = TemporaryFolder.tree(folder.path("root"))
        #expect(left.count == all - 3 && left.contains("d/kept"), "\(left)")
        used.0.abandon(0)
        // Whoever has it open begins anew.
        let parts = try Parts(method: .inplace, blockSize: 100, count: 6, remainder: 0, number: 1)
        guard case .gone = try abandoned.begin(parts, .none("0")) else {
            Issue.record("it goes on in a file that is removed")
            return
        }
    }
}

extension DiskUsageTests {
    @Test("status tells of each source what is unfinished and what is kept aside")
    func report() {
        let text = OccupiedReport.text(
            ["bob": DailyTrees.Usage(bytes: 10, files: 1)],
            aside: ["alice": DailyTrees.Usage(bytes: 7, files: 2), "bob": DailyTrees.Usage(bytes: 5, files: 1)])
        #expect(text == "source alice: 2 kept aside, 7 bytes\nsource bob: 1 unfinished, 10 bytes; 1 kept aside, 5 bytes\n")
    }
}
