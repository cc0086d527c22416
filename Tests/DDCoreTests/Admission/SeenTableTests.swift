import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("what has been seen")
struct SeenTableTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func entry(_ number: Int) -> SeenTable.Entry {
        SeenTable.Entry(time: Int64(number), mark: UInt32(truncatingIfNeeded: number))
    }

    @Test("it is known until its time is over, in any order of calls as in a plain list")
    func model() throws {
        var random = SplitMix64(seed: 7)
        let table = try SeenTable(nil, capacity: 4_000, window: 100)
        var known: [Int: (since: Int64, entry: SeenTable.Entry)] = [:]
        var now: Int64 = 1_700_000_000
        for step in 0..<40_000 {
            now += Int64.random(in: 0..<4, using: &random) / 3
            let number = Int.random(in: 0..<3_000, using: &random)
            let key = try SeenTable.Key("k\(number)")
            let expected = known[number].flatMap { $0.since + 100 > now ? $0.entry : nil }
            try #require(table.find(key, now: now) == expected, "step \(step)")
            if Bool.random(using: &random) {
                table.put(key, entry(step), now: now)
                known[number] = (now, entry(step))
            }
        }
        #expect(table.evictions == 0)
    }

    @Test("so many as it was made for are remembered, in the bytes that are stated; of more the oldest go, and are counted")
    func capacity() throws {
        let capacity = 100_000
        #expect(SeenTable.bytes(for: capacity) <= capacity * 43 + 1_024 && SeenTable.bytes(for: 10_000_000) <= 430_000_000)
        let path = folder.path("seen")
        let table = try SeenTable(path, capacity: capacity, window: 1_000_000)
        var info = stat()
        #expect(stat(path, &info) == 0 && Int(info.st_size) == SeenTable.bytes(for: capacity) && info.st_mode & 0o777 == 0o600)
        for number in 0..<capacity { table.put(try SeenTable.Key("\(number)"), entry(number), now: Int64(number + 1)) }
        #expect(table.evictions == 0)
        for number in 0..<capacity {
            try #require(table.find(SeenTable.Key("\(number)"), now: Int64(capacity)) == entry(number))
        }
        for number in capacity..<2 * capacity { table.put(try SeenTable.Key("\(number)"), entry(number), now: Int64(number + 1)) }
        #expect(table.evictions > capacity / 2)
        var (early, late) = (0, 0)
        for number in 0..<capacity {
            if try table.find(SeenTable.Key("\(number)"), now: Int64(2 * capacity)) != nil { early += 1 }
            if try table.find(SeenTable.Key("\(number + capacity)"), now: Int64(2 * capacity)) != nil { late += 1 }
        }
        #expect(late > 99 * capacity / 100 && early < capacity / 2, "\(early) \(late)")
    }

    @Test("it is shared, and outlives who wrote it; one of another size is made anew")
    func shared() throws {
        let path = folder.path("seen")
        var told: [Bool] = []
        var first: SeenTable? = try SeenTable(path, capacity: 1_000, window: 100) { told.append($0) }
        let second = try SeenTable(path, capacity: 1_000, window: 100) { told.append($0) }
        let key = try SeenTable.Key("x")
        first?.put(key, entry(5), now: 10)
        #expect(second.find(key, now: 10) == entry(5) && second.find(key, now: 110) == nil)
        first = nil
        let third = try SeenTable(path, capacity: 1_000, window: 1_000) { told.append($0) }
        #expect(third.find(key, now: 110) == entry(5))
        let other = try SeenTable(path, capacity: 5_000, window: 100) { told.append($0) }
        #expect(other.find(key, now: 10) == nil && told == [true, false, false, true])
    }

    @Test("what is no file of it is not written over by a link, and a full disk is an error")
    func errors() throws {
        try folder.write("precious", to: "other")
        #expect(symlink(folder.path("other"), folder.path("link")) == 0)
        #expect(throws: ProcessError.self) { try SeenTable(folder.path("link"), capacity: 1_000, window: 1) }
        #expect(SmallFile.text(folder.path("other")) == "precious")
        #expect(throws: ProcessError.self) { try SeenTable("/proc/nothing", capacity: 1_000, window: 1) }
    }
}

@Suite("the first post of each file from redundant sources")
struct WinnowTests {
    private let table: SeenTable
    private static let start: Int64 = 1_750_000_000

    init() throws { table = try SeenTable(nil, capacity: 10_000, window: 1_000) }

    private func post(_ event: Post.Event, at second: Int64, _ path: String = "s/d/f", from source: String = "one") -> Post {
        var post = Sample.post(path, event)
        post.location = Location(base: "http://\(source)/", relpath: path)
        post.time = Timestamp(seconds: Self.start + second)
        return post
    }

    private func file(_ sum: String, size: Int64 = 3) throws -> Post.Event { .file(.whole(size: size), try Sum(wire: sum)) }

    private func verdict(
        _ post: Post, _ winnow: Winnow? = nil, again: Bool = false, now: Int64 = 0
    ) throws -> Winnow.Verdict {
        try (winnow ?? Winnow(table)).verdict(on: post, isRedelivered: again, now: Self.start + now)
    }

    private let a = "d,0123456789abcdef0123456789abcdef"
    private let b = "d,00000000000000000000000000000000"

    @Test("the second of one kind is dropped, whoever announces it; another content, name, size or part is another kind")
    func kinds() throws {
        #expect(try verdict(post(file(a), at: 0)) == .pass)
        #expect(try verdict(post(file(a), at: 5, from: "two")) == .double)
        #expect(try verdict(post(file(b), at: 6)) == .pass && verdict(post(file(a, size: 4), at: 6)) == .pass)
        #expect(try verdict(post(file(a), at: 7, "s/d/g")) == .pass)
        #expect(try verdict(post(file("d,d41d8cd98f00b204e9800998ecf8427e", size: 0), at: 7, "s/e1")) == .pass)
        #expect(try verdict(post(file("d,d41d8cd98f00b204e9800998ecf8427e", size: 0), at: 7, "s/e2")) == .pass)
        #expect(
            try verdict(post(.link(target: "x"), at: 1, "l")) == .pass && verdict(post(.link(target: "y"), at: 1, "l")) == .pass)
        #expect(try verdict(post(.link(target: "x"), at: 2, "l")) == .double && verdict(post(.directory, at: 1, "l")) == .pass)
        // Forgotten in time.
        #expect(try verdict(post(file(a), at: 5, from: "two"), now: 2_000) == .pass)
    }

    @Test("without a checksum the time of the file stands for its content")
    func unsummed() throws {
        func post(_ mtime: Int64?) -> Post {
            var post = self.post(.file(.whole(size: 1), .none("0")), at: 0)
            post.mtime = mtime.map { Timestamp(seconds: $0) }
            return post
        }
        #expect(
            try verdict(post(1)) == .pass && verdict(post(1)) == .double && verdict(post(2)) == .pass
                && verdict(post(nil)) == .pass)
    }

    @Test("by name the first source counts, by data the name does not, and leading directories may be left out")
    func bases() throws {
        let name = Winnow(table, basis: .name)
        #expect(try verdict(post(file(a), at: 0, "n"), name) == .pass && verdict(post(file(b), at: 0, "n"), name) == .double)
        let data = Winnow(table, basis: .data)
        #expect(try verdict(post(file(a), at: 0, "x"), data) == .pass && verdict(post(file(a), at: 0, "y"), data) == .double)
        let strip = Winnow(table, strip: 1)
        #expect(
            try verdict(post(file(a), at: 0, "p/z/f"), strip) == .pass && verdict(post(file(a), at: 0, "q/z/f"), strip) == .double
        )
    }

    @Test("what was removed and is made again passes, and what a slower source says of the time before does not")
    func removals() throws {
        #expect(try verdict(post(file(a), at: 0)) == .pass)
        #expect(try verdict(post(.removed, at: 10)) == .pass)
        // The other source: the file, its removal.
        #expect(
            try verdict(post(file(a), at: 1, from: "two")) == .outdated && verdict(post(.removed, at: 11, from: "two")) == .double
        )
        #expect(try verdict(post(file(b), at: 2, from: "two")) == .outdated)
        // Made again, with the same content.
        #expect(try verdict(post(file(a), at: 20)) == .pass && verdict(post(file(a), at: 21, from: "two")) == .double)
        // Late, of the time before it was made again; and a removal of it.
        #expect(try verdict(post(.removed, at: 12, from: "three")) == .double)
        #expect(try verdict(post(.removed, at: 30)) == .pass && verdict(post(.removed, at: 31, from: "two")) == .double)
        #expect(try verdict(post(file(a), at: 40)) == .pass)
        // Never heard of before.
        #expect(try verdict(post(.removed, at: 1, "other")) == .pass)
    }

    @Test("what is delivered again after a crash passes again, and no other")
    func again() throws {
        let first = post(try file(a), at: 0)
        #expect(try verdict(first) == .pass && verdict(first) == .double && verdict(first, again: true) == .pass)
        #expect(try verdict(post(file(a), at: 0, from: "two"), again: true) == .double)
        let removal = post(.removed, at: 5)
        #expect(try verdict(removal) == .pass && verdict(removal, again: true) == .pass && verdict(removal) == .double)
    }
}
