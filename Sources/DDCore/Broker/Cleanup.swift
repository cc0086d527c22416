import Glibc

/// Taking away what a program made on the broker.
public enum Cleanup {
    /// How often it is tried to delete a queue that has a consumer, and microseconds in between: the broker may not know yet that one has
    /// gone a moment ago.
    private static let (tries, pause) = (10, UInt32(200_000))

    /// Deletes queues with what waits in them; those that are not there are passed over. Throws `BrokerError.mismatch` for one that somebody
    /// consumes, which stays as it is.
    public static func delete(_ queues: [String], on settings: BrokerSettings) throws(BrokerError) {
        let consumer = try AMQPConsumer(settings, prefetch: 1)
        for queue in queues {
            for attempt in 1...tries {
                do throws(BrokerError) {
                    try consumer.delete(queue, ifUnused: true)
                    break
                } catch {
                    guard error.code == .mismatch else { throw error }
                    guard attempt < tries else {
                        throw BrokerError(
                            .mismatch, "queue \(queue) is being consumed: stop what consumes it before it is deleted")
                    }
                    usleep(pause)
                }
            }
        }
        consumer.close()
    }
}
