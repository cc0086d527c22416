import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("the first copy of what several brokers announce")
struct FirstCopiesTests {
    private func isFirst(_ copies: FirstCopies, _ path: String, _ broker: Int, again: Bool = false, fails: Bool = false) throws
        -> Bool
    {
        let post = Sample.post(path)
        guard case .first = try copies.begin(post, root: "/r", from: broker, isRepeated: again) else { return false }
        try copies.end(post, root: "/r", from: broker, isRepeated: again, isDone: !fails)
        return true
    }

    @Test("the first of each pair counts, whichever broker is ahead")
    func pairs() throws {
        let copies = try FirstCopies(nil)
        let seed = Seed()
        var random = seed.generator()
        // Each broker announces 300 times one of 20 files, the same ones in the same order, one now and then far behind the other.
        let files = (0..<300).map { _ in "f\(Int.random(in: 0..<20, using: &random))" }
        var next = [0, 0, 0]
        var done: [String: Int] = [:]
        while let broker = (0..<3).filter({ next[$0] < 300 }).randomElement(using: &random) {
            let file = files[next[broker]]
            next[broker] += 1
            if try isFirst(copies, file, broker) { done[file, default: 0] += 1 }
        }
        #expect(done == Dictionary(files.map { ($0, 1) }, uniquingKeysWith: +), "\(seed)")
    }

    @Test("a copy that fails leaves its place to the next, and one that is delivered again counts once")
    func failures() throws {
        let copies = try FirstCopies(nil)
        #expect(try isFirst(copies, "f", 0, fails: true) && isFirst(copies, "f", 1) && !isFirst(copies, "f", 0, again: true))
        #expect(try isFirst(copies, "g", 0) && isFirst(copies, "g", 0, again: true) && !isFirst(copies, "g", 1))
        // Announced again: fetched again, once.
        #expect(try isFirst(copies, "g", 1) && !isFirst(copies, "g", 0))
        #expect(try copies.isFirst(Sample.post("h"), from: 3) && !copies.isFirst(Sample.post("h"), from: 0))
    }

    @Test("a copy waits while another is in hand")
    func waiting() throws {
        let copies = try FirstCopies(nil)
        let post = Sample.post("f")
        guard case .first = try copies.begin(post, root: "/r", from: 0, isRepeated: false) else { throw CancellationError() }
        let second = Guarded<Bool?>(nil)
        try Thread.start(for: "the second copy") {
            let verdict = try? copies.begin(Sample.post("f"), root: "/r", from: 1, isRepeated: false)
            if case .done = verdict { second.withLock { $0 = true } } else { second.withLock { $0 = false } }
        }
        #expect(try isFirst(copies, "other", 1))
        usleep(50_000)
        #expect(second.withLock { $0 } == nil)
        try copies.end(post, root: "/r", from: 0, isRepeated: false, isDone: true)
        #expect(waitUntil(seconds: 20) { second.withLock { $0 } == true })
    }

    @Test("what was done is known after a restart")
    func restart() throws {
        let files = try TemporaryFolder()
        let path = files.path("copies")
        #expect(try isFirst(FirstCopies(path), "f", 0))
        #expect(try !isFirst(FirstCopies(path), "f", 1))
    }

    @Test("counts end at 65,535 and begin anew")
    func counts() {
        var counts = FirstCopies.Counts(0)
        for _ in 0..<0xffff { counts.add(3) }
        #expect(counts[3] == 0xffff && counts[0] == 0 && counts.isCopy(from: 0, isRepeated: false))
        counts.add(0)
        #expect(counts.bits == 0)
    }
}
