import DDTestSupport
import Testing

@testable import DDCore

@Suite("which version a block is of")
struct FileVersionTests {
    private func version(_ wire: String, _ change: (inout Post) -> Void = { _ in }) throws -> FileVersion {
        let parts = try Parts(wire: wire)
        var post = Sample.post("d/f", .file(parts, .none("0")))
        (post.source, post.fromCluster, post.mtime) = ("alice", "here", Timestamp(seconds: 1))
        change(&post)
        return try FileVersion(post, parts)
    }

    @Test("all blocks of one posting have one version, whatever their remainder says")
    func same() throws {
        let first = try version("i,10,3,10,0")
        #expect(try version("i,10,3,10,1") == first)
        #expect(try version("i,10,3,4,2") == first)
        #expect(try version("p,10,3,4,2") == first)
    }

    @Test("another source, cluster, block size, count or time of change is another version")
    func other() throws {
        let first = try version("i,10,3,4,0")
        #expect(try version("i,11,3,4,0").identity != first.identity)
        #expect(try version("i,10,4,4,0").identity != first.identity)
        #expect(try version("i,10,3,4,0") { $0.source = "bob" }.identity != first.identity)
        #expect(try version("i,10,3,4,0") { $0.fromCluster = "there" }.identity != first.identity)
        #expect(try version("i,10,3,4,0") { $0.mtime = Timestamp(seconds: 1, nanoseconds: 1) }.identity != first.identity)
        #expect(try version("i,10,3,4,0") { ($0.source, $0.fromCluster) = ("alicehere", nil) }.identity != first.identity)
    }

    @Test("the later announcement wins, not the newer file; of two at one instant the same one everywhere")
    func order() throws {
        let old = try version("i,10,3,4,0") { $0.mtime = Timestamp(seconds: 9) }
        let new = try version("i,10,3,4,0") { $0.time = Timestamp(seconds: $0.time.seconds + 1) }
        #expect(new.supersedes(old) && !old.supersedes(new))
        let other = try version("i,10,3,4,0") { $0.source = "bob" }
        #expect(old.supersedes(other) != other.supersedes(old))
        #expect(!old.supersedes(old))
    }
}
