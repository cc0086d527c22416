/// One rule: posts of `exchange` whose topic matches `topic` reach the queue.
public struct Binding: Sendable, Equatable {
    /// The topic exchange.
    public let exchange: String
    /// Words, `*` for one word, `#` for any number.
    public let topic: String
    /// Where there is no such exchange, or it may not be read, nothing is missing.
    public let isOptional: Bool

    /// Puts a binding together.
    public init(exchange: String, topic: String, isOptional: Bool = false) {
        self.exchange = exchange
        self.topic = topic
        self.isOptional = isOptional
    }

    /// The same on the broker.
    public static func == (one: Binding, other: Binding) -> Bool { one.exchange == other.exchange && one.topic == other.topic }
}

/// What kind of queue the broker makes (`x-queue-type`); said always, so that no default of a vhost decides.
public enum QueueType: String, Sendable, CaseIterable {
    /// On one node of a cluster: away while that node is.
    case classic
    /// On most nodes of a cluster: goes on while more than half of them run.
    case quorum

    /// How often a quorum queue gives a message out again (`x-delivery-limit`): RabbitMQ 4 drops it after 20 times where nothing is said, and
    /// what is held or interrupted comes back more often than that.
    static let deliveries: Int64 = 1_000_000_000
}

/// A queue as a program wants it.
public struct QueuePlan: Sendable, Equatable {
    /// Its name on the broker.
    public var name: String
    /// Where it is in a cluster; a temporary or not durable one is classic.
    public var type = QueueType.classic
    /// Survives a restart of the broker.
    public var isDurable = true
    /// `x-expires`: the broker deletes the queue after so many milliseconds without a consumer.
    public var expires: Int64?
    /// `x-message-ttl`: messages older than so many milliseconds are dropped.
    public var messageTTL: Int64?
    /// `x-max-length` (`fullMessages`) and `x-max-length-bytes` (`fullBytes`) with `x-overflow: reject-publish`: a full queue refuses
    /// what is published to it.
    public var isBounded = false
    /// What reaches it.
    public var bindings: [Binding] = []
    /// A durable fanout exchange with the queue's name that leads to it; made with the queue, and gone with it.
    public var hasExchange = false
    /// `x-dead-letter-exchange`: where messages go that waited for `messageTTL`.
    public var deadLetterExchange: String?
    /// Only consumed: it was made by the administrator, and is neither declared nor bound here.
    public var isProvided = false
    /// Deleted by the broker with the connection that declared it.
    public var isTemporary = false
    /// `x-stream-offset` for a stream queue: where reading starts.
    public var streamOffset: StreamOffset?

    /// Messages in a bounded queue that is full.
    public static let fullMessages: Int64 = 1_000_000
    /// Bytes in a bounded queue that is full.
    public static let fullBytes: Int64 = 1 << 30

    /// Where reading of a stream starts.
    public enum StreamOffset: Sendable, Equatable {
        /// With the first message that is kept.
        case first
        /// With the chunk of messages that was written last.
        case last
        /// With what was written from then on, in seconds since 1970.
        case since(seconds: Int64)
    }

    /// A plan for the queue called `name`; the rest is set afterwards.
    public init(name: String) {
        self.name = name
    }
}
