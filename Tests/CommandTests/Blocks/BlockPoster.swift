import DDTestSupport
import Testing

@testable import DDCore

/// Posts single blocks of a file of alice's, in an order of the test's own.
final class BlockPoster {
    private let publisher: AMQPPublisher
    private let bytes: [UInt8]
    private let plan: BlockPlan
    private let template: Post

    private let exchange: String

    /// Posts of `file` in alice's folder of `parties`, all of one announcement: as alice, or, when the data is at `base`, as a switch.
    init(_ parties: Parties, file: String, blockSize: Int64, base: String? = nil) throws {
        bytes = try #require(SmallFile.bytes(parties.source + "/" + file))
        plan = try BlockPlan(size: Int64(bytes.count), blockSize: blockSize)
        let url = base ?? parties.running["DD_SOURCE_URL"]
        let path = (base == nil ? "" : "20260101/alice/") + parties.name + "/" + file
        var post = Post(time: .now(), location: Location(base: url, relpath: path), event: .directory)
        if base != nil {
            (post.source, post.fromCluster, post.postedAs) = ("alice", parties.running["DD_CLUSTER"], parties.name + "/" + file)
        }
        template = post
        exchange = base == nil ? "xs_alice" : "xpublic"
        let account = parties.running[base == nil ? "DD_BROKER_ALICE" : "DD_BROKER_FEEDER"]
        publisher = try AMQPPublisher(BrokerSettings(url: try BrokerURL(account), name: "a test"))
    }

    deinit { publisher.close() }

    /// Posts one block, and waits for the broker's word.
    func post(_ block: Int64) throws {
        let parts = try plan.parts(block, method: .inplace)
        let digest = try Digest(.md5)
        Array(bytes[Int(parts.offset)..<Int(parts.offset + parts.length)]).withUnsafeBytes { digest.update($0) }
        var post = template
        post.event = .file(parts, .digest(.md5, digest.finish()))
        _ = try publisher.publish(try PostCodec.encode(post), to: exchange)
        var isTaken = false
        let confirmed = try waitUntil(seconds: 20) {
            try publisher.poll { _ in isTaken = true }
            return isTaken
        }
        try #require(confirmed, "the broker does not confirm")
    }
}
