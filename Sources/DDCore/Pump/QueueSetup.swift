import Glibc

/// Making a queue before it is consumed, so that what is posted from then on waits in it.
public enum QueueSetup {
    /// Makes the queues of `settings` and binds them as planned; waits for a broker that is away as a pump does. `false` when a signal came
    /// first. Throws `BrokerError` when the broker refuses, or stays away for longer than the settings' patience.
    public static func declare(_ settings: PumpSettings, stop: StopSignal, log: Log) throws(BrokerError) -> Bool {
        let began = Monotonic.now()
        var backoff = Backoff()
        while !stop.isRequested {
            do {
                try stop.whileConnecting(leave: { _ in (0, "\(log.program): stopped; the broker was not reached") }) {
                    () throws(BrokerError) in
                    let consumer = try AMQPConsumer(settings.source, prefetch: 1)
                    for plan in settings.queues { try consumer.declare(plan) }
                    consumer.close()
                }
                return true
            } catch  where error.isTemporary {
                let pause = backoff.next()
                if let patience = settings.patience, Monotonic.now() + pause - began > patience { throw error }
                log.warning("\(error); trying again in \(String(seconds: pause)) s")
                Readiness.wait(for: stop.descriptor, seconds: pause)
            }
        }
        return false
    }
}
