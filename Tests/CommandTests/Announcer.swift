import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// Announces files in the feeder's name on `xpublic`, as a switch does, wherever their data is: what bob makes of them is reported to
/// alice.
final class Announcer {
    private let publisher: AMQPPublisher
    private let cluster: String
    private let folder: String
    private var unconfirmed = 0

    /// Announces below the folder of `parties`.
    init(_ parties: Parties) throws {
        publisher = try AMQPPublisher(
            BrokerSettings(url: try BrokerURL(parties.running["DD_BROKER_FEEDER"]), name: "a test"))
        cluster = parties.running["DD_CLUSTER"]
        folder = parties.name
    }

    deinit { publisher.close() }

    /// Announces `name` with these bytes at `base`, and waits for the broker's word.
    func announce(_ name: String, _ bytes: [UInt8], at base: String, mtime: Timestamp? = nil) throws {
        let digest = try Digest(.md5)
        bytes.withUnsafeBytes { digest.update($0) }
        var post = Post(
            time: .now(), location: Location(base: base, relpath: "20260101/alice/\(folder)/\(name)"),
            event: .file(.whole(size: Int64(bytes.count)), .digest(.md5, digest.finish())))
        (post.source, post.fromCluster, post.mtime) = ("alice", cluster, mtime)
        post.postedAs = "\(folder)/\(name)"
        _ = try publisher.publish(try PostCodec.encode(post), to: "xpublic")
        unconfirmed += 1
        let confirmed = try waitUntil(seconds: 20) {
            try publisher.poll { if case .taken(_, let multiple) = $0 { unconfirmed -= multiple ? unconfirmed : 1 } }
            return unconfirmed == 0
        }
        try #require(confirmed, "the broker does not confirm")
    }

    /// The path of `name` below a data server's root.
    func path(_ name: String, in root: String) -> String { "\(root)/20260101/alice/\(folder)/\(name)" }
}
