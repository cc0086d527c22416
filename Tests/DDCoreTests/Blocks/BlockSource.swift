import DDTestSupport
import Synchronization

@testable import DDCore

/// A file as a source posts it, in blocks.
struct BlockSource {
    let bytes: [UInt8]
    let plan: BlockPlan
    var path = "d/f"
    var time = Timestamp(seconds: 1_600_000_000)
    var mtime = Timestamp(seconds: 1_500_000_000, nanoseconds: 5)
    var method = Parts.Method.inplace

    init(_ bytes: [UInt8], blockSize: Int64) throws {
        self.bytes = bytes
        plan = try BlockPlan(size: Int64(bytes.count), blockSize: blockSize)
    }

    func block(_ parts: Parts) -> ArraySlice<UInt8> { bytes[Int(parts.offset)..<Int(parts.offset + parts.length)] }

    func post(_ number: Int64) throws -> Post {
        let parts = try plan.parts(number, method: method)
        let digest = try Digest(.md5)
        Array(block(parts)).withUnsafeBytes { digest.update($0) }
        var post = Sample.post(path, .file(parts, .digest(.md5, digest.finish())))
        (post.source, post.time, post.mtime) = ("alice", time, mtime)
        return post
    }

    func job(_ number: Int64, root: String, redelivered: Bool = false) throws -> Job {
        let delivery = Delivery(
            tag: UInt64(number) + 1, redelivered: redelivered, exchange: "xpublic", userID: nil, isDeadLettered: false,
            message: WireMessage(topic: "v02.post", body: ""), defect: nil)
        let post = try post(number)
        return Job(delivery: delivery, post: post, place: try Placement(mirrors: true).place(for: post), root: root)
    }
}

/// Gives ranges of files that are in memory; one for each URL. May be made to fail.
final class RangeGiver: Fetcher, Sendable {
    private struct State {
        var files: [String: [UInt8]] = [:]
        var given: [FetchRange] = []
        var mischief: (@Sendable (inout [UInt8]) throws -> Void)?
    }

    private let state = Mutex(State())

    /// What has been fetched.
    var given: [FetchRange] { state.withLock { $0.given } }

    func put(_ source: BlockSource) { put(source.bytes, at: source.path) }

    func put(_ bytes: [UInt8], at path: String) { state.withLock { $0.files["http://h/" + path] = bytes } }

    /// What happens to the bytes of each block on the way, or an error in their place.
    func make(_ mischief: (@Sendable (inout [UInt8]) throws -> Void)?) { state.withLock { $0.mischief = mischief } }

    func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        guard let file = state.withLock({ $0.files[request.url] }) else {
            throw TransferError(.gone, "\(request.url) is not there")
        }
        let range = request.range ?? FetchRange(offset: 0, length: Int64(file.count))
        guard range.offset + range.length <= Int64(file.count) else { throw TransferError(.changed, "no such range") }
        var bytes = Array(file[Int(range.offset)..<Int(range.offset + range.length)])
        let mischief = state.withLock { state in
            state.given.append(range)
            return state.mischief
        }
        try mischief?(&bytes)
        for start in stride(from: 0, to: bytes.count, by: 7_000) {
            try Array(bytes[start..<min(bytes.count, start + 7_000)]).withUnsafeBytes { try sink($0) }
        }
        return Int64(bytes.count)
    }
}
