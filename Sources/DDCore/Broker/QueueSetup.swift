/// Making a queue before it is consumed, so that what is posted from then on waits in it.
public enum QueueSetup {
    /// Makes the queues of `settings` and binds them as planned.
    public static func declare(_ plans: [QueuePlan], on settings: BrokerSettings) throws(BrokerError) {
        let consumer = try AMQPConsumer(settings, prefetch: 1)
        for plan in plans { try consumer.declare(plan) }
        consumer.close()
    }
}
