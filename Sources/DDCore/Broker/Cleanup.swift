/// Taking away what a program made on the broker.
public enum Cleanup {
    /// Deletes queues with what waits in them; those that are not there are passed over.
    public static func delete(_ queues: [String], on settings: BrokerSettings) throws(BrokerError) {
        let consumer = try AMQPConsumer(settings, prefetch: 1)
        for queue in queues { try consumer.delete(queue) }
        consumer.close()
    }
}
