/// What a pump needs to know beside its intake and its workers.
public struct PumpSettings: Sendable {
    /// Where deliveries come from.
    public var source: BrokerSettings
    /// The queues consumed.
    public var queues: [QueuePlan]
    /// The control stream, read from its first message on before anything else is consumed.
    public var control: String?
    /// What may be left bound from an earlier configuration and is taken away first, per queue in `queues`.
    public var stale: StaleBindings?
    /// Deliveries of one queue that may be out unacknowledged.
    public var prefetch = 1000
    /// Where announcements are published; `nil`: this flow announces nothing.
    public var announcements: BrokerSettings?
    /// Where reports are published; `nil`: this flow reports nothing.
    public var reports: BrokerSettings?
    /// Publishes that may be unconfirmed at once on one connection.
    public var window = 500
    /// Where posts of failed transfers wait on the broker; `nil`: they wait here, unacknowledged.
    public var retries: RetryQueues?
    /// Seconds for which a post is tried.
    public var retryTTL = Double.infinity
    /// Threads that work.
    public var workers = 4
    /// Leave when nothing came for so many seconds and nothing is in hand.
    public var exitIdle: Double?
    /// For that only what was done counts, not what was passed over, once all has been read that a stream had at the start.
    public var ignoresSkippedWhenIdle = false
    /// Leave after so many deliveries.
    public var exitAfter: Int?
    /// Seconds after which it is made sure that the queues are there and bound: what was deleted and made again has lost its bindings.
    public var rebinding = 60.0
    /// Give up (69) when the broker is away for longer than so many seconds; `nil`: never.
    public var patience: Double?

    /// Settings to consume `queues` at `source`; the rest is set afterwards.
    public init(source: BrokerSettings, queues: [QueuePlan]) {
        self.source = source
        self.queues = queues
    }
}
