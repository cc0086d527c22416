import DDTestSupport

@testable import DDCore

/// Posts, deliveries and jobs with what a test does not care about filled in.
enum Sample {
    static let time = Timestamp(seconds: 1_600_000_000)

    static func post(
        _ relpath: String, base: String = "http://h/", _ event: Post.Event = .file(.whole(size: 1), .none("0"))
    ) -> Post {
        Post(time: time, location: Location(base: base, relpath: relpath), event: event)
    }

    static func delivery(
        _ tag: UInt64 = 1, exchange: String = "xs_alice", user: String? = "alice", deadLettered: Bool = false,
        message: WireMessage = WireMessage(topic: "v02.post", body: "")
    ) -> Delivery {
        Delivery(
            tag: tag, redelivered: false, exchange: exchange, userID: user, isDeadLettered: deadLettered, message: message,
            defect: nil)
    }

    static func job(_ tag: UInt64, _ relpath: String, _ event: Post.Event? = nil) throws -> Job {
        let post = event.map { Self.post(relpath, $0) } ?? Self.post(relpath)
        return Job(delivery: delivery(tag), post: post, place: try Place(relpath), root: "/nowhere")
    }

    static func outgoing(_ lane: Outgoing.Lane, _ body: String) -> Outgoing {
        Outgoing(WireMessage(topic: "v02.post", body: body), to: "x", lane: lane)
    }
}
