import DDTestSupport
import Testing

@testable import DDCore

/// Posts single blocks of a file of alice's, in an order of the test's own.
final class BlockPoster {
    private let publisher: AMQPPublisher
    private let bytes: [UInt8]
    private let plan: BlockPlan
    private let template: Post

    /// Posts of `file` in alice's folder of `parties`, all of one announcement.
    init(_ parties: Parties, file: String, blockSize: Int64) throws {
        bytes = try #require(SmallFile.bytes(parties.source + "/" + file))
        plan = try BlockPlan(size: Int64(bytes.count), blockSize: blockSize)
        let location = Location(base: parties.running["DD_SOURCE_URL"], relpath: parties.name + "/" + file)
        template = Post(time: .now(), location: location, event: .directory)
        publisher = try AMQPPublisher(BrokerSettings(url: try BrokerURL(parties.running["DD_BROKER_ALICE"]), name: "a test"))
    }

    deinit { publisher.close() }

    /// Posts one block, and waits for the broker's word. `lie` is what the block is said to hold instead of its bytes.
    func post(_ block: Int64, lie: [UInt8]? = nil) throws {
        let parts = try plan.parts(block, method: .inplace)
        let digest = try Digest(.md5)
        (lie ?? Array(bytes[Int(parts.offset)..<Int(parts.offset + parts.length)])).withUnsafeBytes { digest.update($0) }
        var post = template
        post.event = .file(parts, .digest(.md5, digest.finish()))
        _ = try publisher.publish(try PostCodec.encode(post), to: "xs_alice")
        var isTaken = false
        let confirmed = try waitUntil(seconds: 20) {
            try publisher.poll { _ in isTaken = true }
            return isTaken
        }
        try #require(confirmed, "the broker does not confirm")
    }
}
