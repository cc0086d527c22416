/// What waits for another try, of one connection: for a short time here, unacknowledged; else in the retry queues on the broker.
final class RetryDesk {
    /// Where a job waits.
    enum Place {
        /// Here, for so many seconds.
        case here(seconds: Double)
        /// On the broker, by publishing this, for so many seconds.
        case broker(Outgoing, seconds: Double)
    }

    /// What is known of the retry queues on the broker.
    private enum Standing {
        /// They are not there, and were not needed yet.
        case unknown
        /// They stand, and what has waited is consumed; when that was last made sure of, on `Monotonic`.
        case standing(since: Double)
        /// The broker refuses to make them.
        case refused
    }

    private let queues: RetryQueues?
    private let consumer: AMQPConsumer
    private let log: Log
    private var standing = Standing.unknown
    private var here = Timetable<Job>()
    private var isClosed = false
    /// Jobs that may wait here for longer than the first of the retry queues takes.
    private let room: Int

    /// Deliveries of what has waited that may be out at once: few, so that what is new is not held up behind them.
    private static let prefetch = 64

    init(_ settings: PumpSettings, consumer: AMQPConsumer, log: Log) {
        queues = settings.retries
        room = min(settings.prefetch / 4, 250)
        self.consumer = consumer
        self.log = log
    }

    /// When the first of those that wait here is due, on `Monotonic`.
    var next: Double? { here.next }

    /// How many wait here for longer than `moment`, on `Monotonic`.
    func count(after moment: Double) -> Int { here.count(after: moment) }

    /// Whether one more that has to wait for long may do so here.
    var hasRoom: Bool { here.count < room }

    /// Takes out those that wait here and are due.
    func take(until now: Double) -> [Job] { here.take(until: now) }

    /// Takes out those that wait here for which `condition` holds.
    func remove(where condition: (Job) -> Bool) -> [Job] { here.remove(where: condition) }

    /// A job waits here.
    func keep(_ job: Job, seconds: Double) { here.insert(job, at: Monotonic.now() + seconds) }

    /// Nothing is tried again from now on: what waits here is left to the broker, which sends it again.
    func close() {
        isClosed = true
        here.removeAll()
    }

    /// Consumes what has waited since before this connection.
    func resume() throws(BrokerError) {
        guard let queues else { return }
        if try consumer.count(of: queues.again) != nil { _ = try stand() }
        // What an earlier version left waiting.
        if let former = queues.formerAgain, try consumer.count(of: former) != nil {
            try consumer.consume(QueuePlan(name: former), prefetch: Self.prefetch)
        }
    }

    /// Where a job waits that is to be tried again after `seconds`.
    func place(for job: Job, after seconds: Double) throws(BrokerError) -> Place {
        // What was lost stays here: only this program knows of it.
        guard let queues, !job.wasLost, seconds >= Double(queues.steps[0].seconds) || !hasRoom, try stand() else {
            return .here(seconds: seconds)
        }
        let step = queues.step(asked: seconds, age: job.age)
        let tries = RetryMessage.Tries(
            attempt: job.attempt, first: job.first, age: job.age + Double(step.seconds), mayBeStored: job.mayBeStored)
        guard let message = RetryMessage.wrap(job.delivery, tries) else { return .here(seconds: seconds) }
        return .broker(Outgoing(message, to: queues.name(of: step), lane: .retries), seconds: Double(step.seconds))
    }

    /// How many wait on the broker.
    func countOnBroker() throws(BrokerError) -> Int {
        guard let queues, case .standing = standing else { return 0 }
        var count = 0
        for plan in queues.plans { count += try consumer.count(of: plan.name) ?? 0 }
        return count
    }

    /// Whether posts can wait on the broker: makes the queues at the first call, and again when they might have been deleted for want of
    /// use. A broker that refuses them is asked once.
    private func stand() throws(BrokerError) -> Bool {
        guard let queues, !isClosed else { return false }
        switch standing {
        case .refused: return false
        case .standing(let since) where Monotonic.now() - since < 86_400: return true
        case .unknown, .standing:
            do {
                try consumer.declareAside(queues.plans)
            } catch  where error.code == .refused || error.code == .mismatch {
                log.warning("\(error); failed transfers are tried again by this program, and only while it runs")
                standing = .refused
                return false
            }
            if case .unknown = standing { try consumer.consume(QueuePlan(name: queues.again), prefetch: Self.prefetch) }
            standing = .standing(since: Monotonic.now())
            return true
        }
    }
}
