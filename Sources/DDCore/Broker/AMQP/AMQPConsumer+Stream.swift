import Glibc

extension AMQPConsumer {
    /// The offset of the last message that a stream has now; `nil`: it has none. What the broker counts in a stream is seconds old, and
    /// neither says where a stream ends nor that it is empty: the end is where reading from its last chunk (`x-stream-offset` `last`) ends.
    ///
    /// Throws when the stream is not empty and nothing of it comes: what cannot be read is not taken for the end.
    func lastOffset(of stream: String, _ settings: BrokerSettings) throws(BrokerError) -> Int64? {
        // On a connection of its own, so that nothing of this is taken for what is to be read.
        let looker = try AMQPConsumer(settings, prefetch: Self.longestChunk)
        defer { looker.close() }
        var plan = QueuePlan(name: stream)
        plan.streamOffset = .last
        try looker.consume(plan)
        let isCounted = try count(of: stream).map { $0 > 0 } ?? false
        var last: Int64?
        var end = Monotonic.now() + (isCounted ? Self.patience : Self.emptiness)
        let limit = Monotonic.now() + Self.patience
        while Monotonic.now() < min(end, limit) {
            if let delivery = try looker.receive() {
                last = delivery.streamOffset
                end = Monotonic.now() + Self.silence
            } else {
                Readiness.wait(for: looker.descriptor, seconds: min(end, limit) - Monotonic.now())
            }
        }
        if last == nil, isCounted {
            throw BrokerError(.lost, "nothing of the stream \(stream) on \(settings.url) came for \(Int(Self.patience)) s")
        }
        return last
    }

    /// Messages of a chunk at most, as RabbitMQ writes them, and some.
    private static let longestChunk = 5_000
    /// Seconds in which the end of a stream must come.
    private static let patience = 10.0
    /// Seconds without a message after which a stream of which the broker has counted none is empty.
    private static let emptiness = 1.0
    /// Seconds without a message after which the last chunk has come.
    private static let silence = 0.2
}
