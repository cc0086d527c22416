import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("files become posts")
struct PostMakerTests {
    private let folder: TemporaryFolder
    private let seed = Seed()
    private let owner = Owner()

    /// Waits for blocks to be summed, and never says to stop.
    private final class Owner: PostMakerOwner {
        func serve(_ descriptor: Int32?) -> Bool {
            if let descriptor { Readiness.wait(for: descriptor, seconds: 10) }
            return true
        }
    }

    init() throws { folder = try TemporaryFolder() }

    private func posts(_ path: String, _ change: (inout PostPlan) -> Void) throws -> [Post] {
        var plan = PostPlan(base: "http://h/", documentRoot: folder.path, sum: .digest(.xxh128), source: "alice")
        change(&plan)
        let maker = try PostMaker(plan)
        maker.owner = owner
        var info = stat()
        lstat(path, &info)
        var posts: [Post] = []
        try maker.posts(ofEntry: path, info) {
            posts.append($0); return true
        }
        return posts
    }

    private func file(_ bytes: [UInt8], _ name: String = "file") throws -> String {
        let path = folder.path(name)
        let file = fopen(path, "w")
        defer { if let file { fclose(file) } }
        try #require(file.map { fwrite(bytes, 1, bytes.count, $0) } == bytes.count)
        return path
    }

    private func digest(_ bytes: ArraySlice<UInt8>, _ algorithm: Digest.Algorithm = .xxh128) throws -> [UInt8] {
        let digest = try Digest(algorithm)
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }

    private func parts(_ post: Post) throws -> (Parts, Sum) {
        guard case .file(let parts?, let sum) = post.event else { throw FileError(.system, "no file") }
        return (parts, sum)
    }

    @Test("each block is summed, all blocks carry the same version, in order or shuffled", arguments: [false, true])
    func blocks(shuffled: Bool) throws {
        for number in 0..<30 {
            var generator = seed.generator(case: number)
            let bytes = (0..<Int.random(in: 0...20_000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let path = try file(bytes)
            let size = Int64.random(in: 1...3_000, using: &generator)
            let posts = try posts(path) { plan in
                plan.parts = .blocks(.inplace, size: size)
                plan.randomize = shuffled
            }
            var numbers: [Int64] = []
            for post in posts {
                let (parts, sum) = try parts(post)
                let block = bytes[Int(parts.offset)..<Int(parts.offset + parts.length)]
                #expect(sum == .digest(.xxh128, try digest(block)), "\(seed) case \(number)")
                numbers.append(parts.number)
                var first = posts[0]
                first.event = post.event
                #expect(first == post, "\(seed) case \(number)")
            }
            let plan = try BlockPlan(size: Int64(bytes.count), blockSize: size)
            #expect(numbers.sorted() == Array(0..<plan.count), "\(seed) case \(number)")
            if !shuffled { #expect(numbers == numbers.sorted(), "\(seed) case \(number)") }
        }
    }

    @Test("a file that changes after its first blocks is not announced to its end")
    func changing() throws {
        let path = try file([UInt8](repeating: 7, count: 64 << 20))
        var plan = PostPlan(base: "http://h/", documentRoot: folder.path, sum: .digest(.xxh128), source: nil)
        plan.parts = .blocks(.inplace, size: 1 << 20)
        let maker = try PostMaker(plan)
        maker.owner = owner
        var info = stat()
        lstat(path, &info)
        var count = 0
        let error = #expect(throws: FileError.self) {
            try maker.posts(ofEntry: path, info) { _ in
                count += 1
                if count == 1 { truncate(path, 3) }
                return true
            }
        }
        #expect(error?.code == .busy && count < 64)
        // The maker is as good as new for the next file.
        let next = try file([1, 2, 3], "next")
        lstat(next, &info)
        try maker.posts(ofEntry: next, info) { post in
            let wire = try parts(post).0.wire
            #expect(wire == "1,3,1,0,0")
            return true
        }
    }

    @Test("told to stop, it sums no further")
    func stopping() throws {
        let path = try file([UInt8](repeating: 7, count: 3_000))
        var plan = PostPlan(base: "http://h/", documentRoot: folder.path, sum: .digest(.md5), source: nil)
        plan.parts = .blocks(.partfile, size: 1)
        let maker = try PostMaker(plan)
        maker.owner = owner
        var info = stat()
        lstat(path, &info)
        var count = 0
        try maker.posts(ofEntry: path, info) { _ in
            count += 1; return count < 1_500
        }
        #expect(count == 1_500)
    }

    @Test("blocks need not be read when their sums do not need it")
    func unread() throws {
        let path = try file([1, 2, 3, 4, 5])
        for (method, wire) in [
            (PostPlan.SumMethod.none, "0,0"), (.computeLater(.sha512), "z,s"), (.name, "n,8c7dd922ad47494fc02c388e12c00eac"),
        ] {
            let posts = try posts(path) { plan in
                plan.sum = method
                plan.parts = .blocks(.inplace, size: 2)
            }
            #expect(try posts.map { try parts($0).0.wire } == ["i,2,3,1,0", "i,2,3,1,1", "i,2,3,1,2"])
            #expect(try posts.allSatisfy { try parts($0).1.wire == wire })
        }
    }

    @Test("a part file is announced by its name, and one that is not what its name says is not")
    func partFiles() throws {
        let choice = PartsChoice.blocks(.partfile, size: 100)
        let names = try [
            file([1, 2, 3, 4], "data.bin.4.2.2.0.s.Part"), file([5, 6], "data.bin.4.2.2.1.d.Part"),
        ]
        let posts = try names.flatMap { try self.posts($0) { $0.parts = choice } }
        #expect(posts.map(\.location.relpath) == ["data.bin.4.2.2.0.s.Part", "data.bin.4.2.2.1.d.Part"])
        #expect(try parts(posts[0]) == (Parts(wire: "p,4,2,2,0"), .digest(.sha512, digest([1, 2, 3, 4], .sha512))))
        #expect(try parts(posts[1]) == (Parts(wire: "p,4,2,2,1"), .digest(.md5, digest([5, 6], .md5))))
        for name in [try file([1], "x.4.2.2.0.d.Part"), try file([1, 2, 3, 4], "x.4.2.2.0.nonsense.Part")] {
            #expect(throws: FileError.self) { try self.posts(name) { $0.parts = choice } }
        }
        // With another choice they are files like others.
        #expect(try parts(self.posts(names[1]) { $0.parts = .automatic }[0]).0.wire == "1,2,1,0,0")
    }
}
