/// A wire message received from a queue, with what the broker says of it.
public struct Delivery: Sendable {
    /// The broker's number for acknowledging it; valid on the connection that brought it.
    public let tag: UInt64
    /// Whether the broker handed it out before. It may then have been handled, wholly or in part.
    public let redelivered: Bool
    /// The exchange it was published to.
    public let exchange: String
    /// The authenticated publisher (`user_id`), where the publisher set it.
    public let userID: String?
    /// Whether it carries an `x-death` header: it came by dead-lettering, not by its publisher's hand.
    public let isDeadLettered: Bool
    /// Topic, string headers and body.
    public internal(set) var message: WireMessage
    /// Why the message cannot be read at all (text that is not UTF-8, too many headers, too long); `nil` when it can.
    public internal(set) var defect: String?

    /// The queue that it comes from.
    public var queue = ""
    /// Its number in the stream that it comes from (`x-stream-offset`); `nil` in other queues.
    public var streamOffset: Int64?

    /// A message with more headers could not be published again with those that are added on the way.
    static let maxHeaders = 100
    /// Headers travel in one frame of AMQP, which has 128 KiB.
    static let maxHeaderBytes = 65_536
    /// A longer body is not kept; see `keptBodyBytes`. The broker of `dd_switch up` refuses it where it is published.
    public static let maxBodyBytes = 1 << 20
    /// Of a body that is too long, so many bytes, by which it can be told which message it is.
    static let keptBodyBytes = 4096
}
