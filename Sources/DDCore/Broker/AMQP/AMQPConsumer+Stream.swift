import Glibc

extension AMQPConsumer {
    /// The offset of the last message that a stream has now; `nil`: it has none, or does not say. The broker tells how many there are, and
    /// the first one its own offset, which grows as old ones go.
    func lastOffset(of stream: String, _ settings: BrokerSettings) throws(BrokerError) -> Int64? {
        guard let count = try count(of: stream), count > 0 else { return nil }
        // On a connection of its own, so that nothing of this is taken for what is to be read.
        let looker = try AMQPConsumer(settings, prefetch: 1)
        defer { looker.close() }
        var plan = QueuePlan(name: stream)
        plan.streamOffset = .first
        try looker.consume(plan)
        let end = Monotonic.now() + 10
        while Monotonic.now() < end {
            if let delivery = try looker.receive() {
                return delivery.streamOffset.map { $0.addingReportingOverflow(Int64(count) - 1).partialValue }
            }
            Readiness.wait(for: looker.descriptor, seconds: 1)
        }
        return nil
    }
}
