import DDTestSupport
import Testing

@testable import DDCore

@Suite("which jobs may run")
struct ScheduleTests {
    static let seed = Seed()

    /// Whether the order of two jobs matters: one place, or one concerns the tree that the other is in.
    private func conflict(_ one: Job, _ other: Job) -> Bool {
        if one.place == other.place { return true }
        let (path, otherPath) = (one.place.directories + [one.place.name], other.place.directories + [other.place.name])
        return one.concernsTree && other.place.directories.starts(with: path)
            || other.concernsTree && one.place.directories.starts(with: otherPath)
    }

    @Test("a job waits for all that came before it whose order with it matters, for nothing else, and nothing starves")
    func property() throws {
        for number in 0..<2_000 {
            var random = Self.seed.generator(case: number)
            var schedule = Schedule()
            var (admitted, running, done): ([Job], [Job], Set<UInt64>) = ([], [], [])
            let total = Int.random(in: 1...40, using: &random)
            func begin(_ job: Job) throws {
                for earlier in admitted where earlier.delivery.tag < job.delivery.tag && conflict(earlier, job) {
                    let line =
                        "\(job.delivery.tag) (\(job.place.relpath)) before \(earlier.delivery.tag) (\(earlier.place.relpath))"
                    try #require(done.contains(earlier.delivery.tag), "\(line): \(Self.seed) case \(number)")
                }
                running.append(job)
            }
            // Nothing waits but for what it must.
            func check() throws {
                for job in admitted
                where !done.contains(job.delivery.tag) && !running.contains(where: { $0.delivery.tag == job.delivery.tag }) {
                    let waits = admitted.contains {
                        $0.delivery.tag < job.delivery.tag && !done.contains($0.delivery.tag) && conflict($0, job)
                    }
                    try #require(
                        waits, "\(job.delivery.tag) (\(job.place.relpath)) waits for nothing: \(Self.seed) case \(number)")
                }
                try #require(schedule.runningCount == running.count && schedule.count == admitted.count - done.count)
            }
            while admitted.count < total || !running.isEmpty {
                if admitted.count < total, running.isEmpty || Bool.random(using: &random) {
                    let path = ["a", "a/b", "a/b/c", "a/b/d", "a/e", "f", "f/g", "ab"].randomElement(using: &random) ?? "a"
                    let events: [Post.Event?] = [nil, nil, nil, .directory, .removed, .directoryRemoved, .link(target: "x")]
                    let event = events.randomElement(using: &random) ?? nil
                    let job = try Sample.job(UInt64(admitted.count + 1), path, event)
                    admitted.append(job)
                    if let job = schedule.admit(job) { try begin(job) }
                } else {
                    let ended = running.remove(at: Int.random(in: 0..<running.count, using: &random))
                    done.insert(ended.delivery.tag)
                    for job in schedule.finish(ended) { try begin(job) }
                }
                try check()
            }
            try #require(done.count == total && schedule.isEmpty, "\(total - done.count) starve: \(Self.seed) case \(number)")
        }
    }

    @Test("jobs of different places run at once")
    func parallel() throws {
        var schedule = Schedule()
        for (tag, path) in ["a", "b/c", "b/d", "b"].enumerated() {
            #expect(schedule.admit(try Sample.job(UInt64(tag), path)) != nil)
        }
    }

    @Test(
        "blocks of one posting run at once; another posting and a removal wait for all of them, and those behind wait for these")
    func blocks() throws {
        var schedule = Schedule()
        func block(_ tag: UInt64, _ time: Int64) throws -> Job {
            var post = Sample.post("a/f", .file(try Parts(wire: "i,10,9,0,\(tag)"), .none("0")))
            post.time = Timestamp(seconds: time)
            return Job(delivery: Sample.delivery(tag), post: post, place: try Place("a/f"), root: "/nowhere")
        }
        for tag: UInt64 in 1...3 { #expect(schedule.admit(try block(tag, 1)) != nil) }
        for tag: UInt64 in 4...5 { #expect(schedule.admit(try block(tag, 2)) == nil) }
        #expect(schedule.admit(try block(6, 1)) == nil, "what came behind another posting does not go before it")
        #expect(schedule.admit(try Sample.job(7, "a/f", .removed)) == nil)
        let place = try Sample.job(0, "a/f")
        #expect(schedule.finish(place).isEmpty && schedule.finish(place).isEmpty)
        #expect(schedule.finish(place).map(\.delivery.tag) == [4, 5])
        #expect(schedule.finish(place).isEmpty)
        #expect(schedule.finish(place).map(\.delivery.tag) == [6])
        #expect(schedule.finish(place).map(\.delivery.tag) == [7])
        #expect(schedule.finish(place).isEmpty && schedule.isEmpty)
    }

    // A file that becomes a folder is announced as its removal and then what is in the folder.
    @Test("what is below a removal waits for it")
    func belowRemoval() throws {
        var schedule = Schedule()
        let removal = try Sample.job(1, "a", .removed)
        #expect(schedule.admit(removal) != nil)
        #expect(schedule.admit(try Sample.job(2, "a/b")) == nil)
        #expect(schedule.finish(removal).map(\.delivery.tag) == [2])
    }

    @Test("the removal of a folder waits for what is below, what came after it there waits behind, and nothing else does")
    func aboveJobs() throws {
        var schedule = Schedule()
        let file = try Sample.job(1, "a/b")
        #expect(schedule.admit(file) != nil)
        #expect(schedule.admit(try Sample.job(2, "a", .directoryRemoved)) == nil)
        #expect(schedule.admit(try Sample.job(3, "a/c")) == nil)
        #expect(schedule.admit(try Sample.job(4, "b/c")) != nil)
        #expect(schedule.admit(try Sample.job(5, "b", .directoryRemoved)) == nil)
        #expect(schedule.admit(try Sample.job(6, "ab")) != nil)
        #expect(schedule.finish(file).map(\.delivery.tag) == [2])
        #expect(schedule.finish(try Sample.job(0, "a")).map(\.delivery.tag) == [3])
    }

    @Test("after a lost connection the places that are still written stay taken, and what waited is forgotten")
    func lostConnection() throws {
        var schedule = Schedule()
        #expect(schedule.admit(try Sample.job(1, "a", .removed)) != nil)
        #expect(schedule.admit(try Sample.job(2, "a", .removed)) == nil)
        #expect(schedule.admit(try Sample.job(3, "a/b")) == nil)
        schedule.dropWaiting()
        #expect(!schedule.isEmpty)
        #expect(schedule.admit(try Sample.job(4, "a")) == nil)
        #expect(schedule.finish(try Sample.job(0, "a")).map(\.delivery.tag) == [4])
        #expect(schedule.admit(try Sample.job(5, "a/b")) != nil)
    }

    @Test("what waits beyond a limit is taken out, the last ones first, but never what concerns a tree")
    func crowd() throws {
        var schedule = Schedule()
        #expect(schedule.admit(try Sample.job(1, "a/b")) != nil)
        #expect(schedule.admit(try Sample.job(2, "a", .directoryRemoved)) == nil)
        for tag: UInt64 in 3...9 { #expect(schedule.admit(try Sample.job(tag, "a/\(tag)")) == nil) }
        #expect(schedule.admit(try Sample.job(10, "a", .removed)) == nil)
        let oldest = schedule.oldestWaiting
        let (removed, next) = schedule.remove(beyond: 4) { $0.delivery.tag != 8 }
        #expect(removed.map(\.delivery.tag) == [6, 7, 9] && next.isEmpty && schedule.waitingCount == 6)
        #expect(schedule.oldestWaiting == oldest && oldest != nil)
        #expect(schedule.finish(try Sample.job(1, "a/b")).map(\.delivery.tag) == [2])
        #expect(schedule.finish(try Sample.job(2, "a")).map(\.delivery.tag) == [3, 4, 5, 8])
    }

    @Test("places deeper than anybody needs are in the way of what is as deep beside them, and cost no more")
    func deep() throws {
        let deep = (0..<40).map { "d\($0)" }.joined(separator: "/")
        var schedule = Schedule()
        #expect(schedule.admit(try Sample.job(1, deep + "/x/f")) != nil)
        #expect(schedule.admit(try Sample.job(2, deep + "/y/f")) != nil)
        #expect(schedule.admit(try Sample.job(3, deep + "/x/f")) == nil)
        #expect(schedule.admit(try Sample.job(4, deep + "/y", .directoryRemoved)) == nil)
        #expect(schedule.admit(try Sample.job(5, "d0/e")) != nil)
        #expect(schedule.finish(try Sample.job(1, deep + "/x/f")).map(\.delivery.tag) == [3])
        #expect(schedule.finish(try Sample.job(2, deep + "/y/f")).isEmpty)
        #expect(schedule.finish(try Sample.job(3, deep + "/x/f")).map(\.delivery.tag) == [4])
        #expect(schedule.finish(try Sample.job(4, deep + "/y", .directoryRemoved)).isEmpty)
        #expect(schedule.count == 1)
    }
}
