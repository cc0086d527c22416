import DDTestSupport
import Testing

@testable import DDCore

@Suite("shares of the threads")
struct WorkLinesTests {
    private func job(_ tag: UInt64, _ source: String?, _ server: String, hasWaited: Bool = false) throws -> Job {
        var post = Sample.post("f\(tag)", base: "http://\(server)/")
        post.source = source
        var job = Job(delivery: Sample.delivery(tag), post: post, place: try Place("f\(tag)"), root: "/nowhere")
        job.hasWaited = hasWaited
        return job
    }

    /// Puts in `count` jobs and takes as many as may run.
    private func fill(_ lines: inout WorkLines, _ count: Int, _ source: String?, _ server: String) throws -> Int {
        for tag in 0..<count { lines.put(try job(UInt64(tag), source, server), now: 0) }
        var taken = 0
        while lines.take(now: 0) != nil { taken += 1 }
        return taken
    }

    @Test("whoever takes gets from the source that was served longest ago, and of its servers likewise")
    func fair() throws {
        var lines = WorkLines(count: 100)
        for tag: UInt64 in 1...4 { lines.put(try job(tag, "long", "a"), now: 0) }
        #expect(lines.take(now: 0)?.job.delivery.tag == 1 && lines.take(now: 0)?.job.delivery.tag == 2)
        for (tag, server) in [(11, "a"), (12, "a"), (13, "b")] as [(UInt64, String)] {
            lines.put(try job(tag, "short", server), now: 0)
        }
        let next = (0..<6).compactMap { _ in lines.take(now: 0)?.job.delivery.tag }
        // Both of the short source's servers are new.
        #expect([[11, 3, 13, 4, 12], [13, 3, 11, 4, 12]].contains(next) && lines.isEmpty, "\(next)")
    }

    @Test("what is late comes when nothing else waits, and never waits for ever")
    func late() throws {
        var lines = WorkLines(count: 1_000)
        for tag: UInt64 in 1...100 { lines.put(try job(tag, "a", "s"), now: 0) }
        for tag: UInt64 in 201...204 { lines.put(try job(tag, "a", "s", hasWaited: true), now: 0) }
        let taken = (0..<104).compactMap { _ in lines.take(now: 0)?.job.delivery.tag }
        let places = taken.indices.filter { taken[$0] > 200 }
        #expect(places.count == 4 && places[0] >= 32 && places[1] < 100 && places[3] == 103, "\(places)")
        #expect(taken.filter { $0 <= 100 } == Array(1...100) && taken.filter { $0 > 200 } == [201, 202, 203, 204])
    }

    @Test("one source has no more threads at one server than the option says, and one server twice as many")
    func shares() throws {
        var lines = WorkLines(count: 4)
        #expect(try fill(&lines, 8, "mallory", "slow") == 4)
        #expect(try fill(&lines, 8, "eve", "slow") == 4)
        #expect(try fill(&lines, 1, "carol", "slow") == 0)
        #expect(try fill(&lines, 1, "carol", "other") == 1)
        #expect(lines.held(now: 0.5) == 0 && lines.held(now: 2) == 9)
    }

    @Test("sources that hold all they can leave threads to those that have none")
    func reserve() throws {
        var lines = WorkLines(count: 4)
        var taken = 0
        for server in 0..<20 { taken += try fill(&lines, 8, "mallory", "m\(server)") }
        #expect(taken == 16)
        #expect(try fill(&lines, 2, "carol", "c") == 1)
        #expect(try fill(&lines, 2, "dave", "d") == 1)
        #expect(lines.isShort == false && !lines.isEmpty)
    }

    @Test("where no source is named, servers are told apart as sources are")
    func nobody() throws {
        var lines = WorkLines(count: 4)
        #expect(try fill(&lines, 8, nil, "slow") == 4)
        #expect(try fill(&lines, 1, nil, "other") == 1)
    }

    @Test("an ended job gives its share back, and the next of its line runs")
    func ended() throws {
        var lines = WorkLines(count: 1)
        lines.put(try job(1, "a", "s"), now: 0)
        lines.put(try job(2, "a", "s"), now: 0)
        let taken = lines.take(now: 0)
        let (first, turn) = try #require(taken)
        let more = lines.take(now: 0)
        #expect(more == nil && !lines.isShort)
        lines.end(first, turn, now: 5)
        #expect(lines.take(now: 5)?.job.delivery.tag == 2 && lines.isEmpty && lines.held(now: 5) == 0)
    }

    @Test("of lines that do not move, what is beyond the limit is taken out, the last ones first; other lines are left alone")
    func stuck() throws {
        var lines = WorkLines(count: 1)
        for tag: UInt64 in 1...10 { lines.put(try job(tag, "a", "slow"), now: 0) }
        for tag: UInt64 in 11...20 { lines.put(try job(tag, "a", "quick"), now: 0) }
        let taken = [lines.take(now: 0), lines.take(now: 0)].compactMap { $0 }
        #expect(Set(taken.map(\.job.delivery.tag)) == [1, 11])
        let quick = try #require(taken.first { $0.job.delivery.tag == 11 })
        lines.end(quick.job, quick.turn, now: 3)
        _ = lines.take(now: 3)
        #expect(lines.takeStuck(for: 2, beyond: 4, now: 4) { $0.delivery.tag != 9 }.map(\.delivery.tag) == [6, 7, 8, 10])
        #expect(lines.takeAll { $0.delivery.tag < 5 }.map(\.delivery.tag) == [2, 3, 4])
        #expect(lines.takeAll().count == 10 && lines.isEmpty)
    }
}
