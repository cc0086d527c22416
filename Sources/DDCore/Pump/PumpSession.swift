import Glibc

/// The connections of one pump, from connecting to the first failure, and what is owed on them.
final class PumpSession {
    let consumer: AMQPConsumer
    private let lanes: [Lane]
    /// Which of `lanes` carries announcements and reports; both the same when they go to one broker.
    private let laneIndex: [Outgoing.Lane: Int]
    /// Which connection of the pump it is, counted from 1.
    let generation: Int
    var ledger: Ledger
    /// What waits here for another try, unacknowledged.
    var retries = Timetable<Job>()
    /// The group whose sync runs.
    var syncing: UInt64?
    /// When the next sync may begin, on `Monotonic`: after one of which something is not known.
    var nextSync = 0.0
    var isCancelled = false
    /// Which queues are held or go at a limited pace.
    var gates = Gates()
    /// The queues that the intake wanted, and at which version of its mind; -1: not asked yet.
    var wanted: Set<String> = []
    var queueVersion = -1
    /// Queues that could not be had, by their names, and why; asked for again at `asksAgain`, on `Monotonic`.
    var missing: [String: String] = [:]
    var asksAgain = Double.infinity
    /// When it is made sure again that queues are bound, on `Monotonic`, and whose turn it is.
    var rebinds: Double
    var rebound = 0
    /// The plans of `wanted`.
    var plans: [String: QueuePlan] = [:]
    /// The queues that say whose posts are held (`Intake.holds`).
    var holds: Set<String> = []
    /// Nothing is sent again any more: what is not acknowledged comes again to whoever comes next.
    var isLeaving = false
    /// Publishes that are sent again when due.
    private var refused = Timetable<(tag: UInt64, outgoing: Outgoing)>()
    /// The last message that the stream had when it was begun to be read; `nil`: it has been reached, or there is no stream.
    private var lastOffset: Int64?
    /// When it was reached, on `Monotonic`.
    private(set) var caughtUp: Double?
    private var readable: Set<Int32> = []
    /// There may be something to be read that no socket shows.
    private var looksAgain = false
    private var touched = Monotonic.now()
    private let retryQueues: RetryQueues?
    private var retryState = RetryState.unknown
    private let retryRoom: Int
    /// What is reported instead of a message that cannot be sent.
    var instead: (Outgoing, String) -> [Outgoing] = { _, _ in [] }
    private let log: Log

    /// What is known of the retry queues on the broker.
    private enum RetryState {
        /// They are not there, and were not needed yet.
        case unknown
        /// They stand, and what has waited is consumed; when that was last made sure of, on `Monotonic`.
        case standing(since: Double)
        /// The broker refuses to make them.
        case refused
    }

    /// Deliveries of what has waited that may be out at once: few, so that what is new is not held up behind them.
    private static let retryPrefetch = 64

    /// The tag of what is published for no delivery: the broker counts them from 1.
    static let noDelivery: UInt64 = 0

    /// Connects, declares, binds and starts consuming. Publishing connections come first: nothing is delivered that cannot be announced.
    init(_ settings: PumpSettings, generation: Int, suspects: Suspects, log: Log) throws(BrokerError) {
        self.generation = generation
        rebinds = Monotonic.now() + settings.rebinding
        ledger = Ledger(generation: generation)
        var lanes: [Lane] = []
        var index: [Outgoing.Lane: Int] = [:]
        if let announcements = settings.announcements {
            lanes.append(try Lane(announcements, limit: settings.window, suspects: suspects, log: log))
            index[.announcements] = 0
        }
        if let reports = settings.reports {
            if let announcements = settings.announcements, announcements.url == reports.url {
                index[.reports] = 0
            } else {
                index[.reports] = lanes.count
                lanes.append(try Lane(reports, limit: settings.window, suspects: suspects, log: log))
            }
        }
        if settings.retries != nil {
            let url = settings.source.url
            if settings.reports?.url == url {
                index[.retries] = index[.reports]
            } else if settings.announcements?.url == url {
                index[.retries] = index[.announcements]
            } else {
                index[.retries] = lanes.count
                lanes.append(try Lane(settings.source, limit: settings.window, suspects: suspects, log: log))
            }
        }
        self.lanes = lanes
        laneIndex = index
        retryQueues = settings.retries
        retryRoom = min(settings.prefetch / 4, 250)
        self.log = log
        consumer = try AMQPConsumer(settings.source, prefetch: settings.prefetch)
        for queue in settings.queues {
            try consumer.declare(queue)
            for binding in settings.stale?.bindings ?? [] where !queue.bindings.contains(binding) {
                try consumer.unbind(queue.name, binding)
            }
        }
        settings.stale?.forget()
        if settings.exitIdle != nil, let stream = settings.queues.first(where: { $0.streamOffset != nil }) {
            lastOffset = try consumer.lastOffset(of: stream.name, settings.source)
        }
        caughtUp = lastOffset == nil ? Monotonic.now() : nil
        for queue in settings.queues { try consumer.consume(queue) }
        lookAgain()
    }

    /// Consumes what has waited for another try since before this connection.
    func resumeRetries() throws(BrokerError) {
        guard let retryQueues else { return }
        if try consumer.count(of: retryQueues.again) != nil { _ = try retryQueuesStand() }
        // What an earlier version left waiting.
        if let former = retryQueues.formerAgain, try consumer.count(of: former) != nil {
            try consumer.consume(QueuePlan(name: former), prefetch: Self.retryPrefetch)
            lookAgain()
        }
    }

    /// What came while the broker was asked has left the socket: the next round looks at it without waiting for more.
    func lookAgain() { looksAgain = true }

    /// Whether posts can wait on the broker: makes the queues at the first call, and again when they might have been deleted for want of
    /// use. A broker that refuses them is asked once.
    private func retryQueuesStand() throws(BrokerError) -> Bool {
        guard let retryQueues, !isCancelled else { return false }
        switch retryState {
        case .refused: return false
        case .standing(let since) where Monotonic.now() - since < 86_400: return true
        case .unknown, .standing:
            do {
                try consumer.declareAside(retryQueues.plans)
            } catch  where error.code == .refused || error.code == .mismatch {
                log.warning("\(error); failed transfers are tried again by this program, and only while it runs")
                retryState = .refused
                return false
            }
            if case .unknown = retryState {
                try consumer.consume(QueuePlan(name: retryQueues.again), prefetch: Self.retryPrefetch)
            }
            retryState = .standing(since: Monotonic.now())
            lookAgain()
            return true
        }
    }

    /// Where a job waits for another try after `seconds`: here for a short time if there is room, else on the broker. One that the broker
    /// cannot keep is given up when there is no room here: it would hold up its queue. Returns for how many seconds it waits, and whether on
    /// the broker.
    func wait(_ job: Job, after seconds: Double) throws(BrokerError) -> (seconds: Double, isOnBroker: Bool) {
        let tag = job.delivery.tag
        let step = retryQueues?.step(asked: seconds, age: job.age)
        // What was lost stays here: only this program knows of it.
        guard !job.wasLost, seconds >= Double(retryQueues?.steps[0].seconds ?? .max) || retries.count >= retryRoom,
            try retryQueuesStand(),
            let retryQueues, let step,
            let message = RetryMessage.wrap(
                job.delivery,
                RetryMessage.Tries(
                    attempt: job.attempt, first: job.first, age: job.age + Double(step.seconds), mayBeStored: job.mayBeStored))
        else {
            retries.insert(job, at: Monotonic.now() + seconds)
            return (seconds, false)
        }
        var outcome = Outcome(.passed)
        let outgoing = Outgoing(message, to: retryQueues.name(of: step), lane: .retries)
        let fault = fault(of: outgoing, slack: 0)
        if let fault {
            guard retries.count >= retryRoom else {
                retries.insert(job, at: Monotonic.now() + seconds)
                return (seconds, false)
            }
            log.error("\(job.post.location.url): it cannot wait for another try and is given up: \(fault)")
            outcome.reports = instead(outgoing, fault)
        } else {
            outcome.announcements = [outgoing]
        }
        publish(ledger.settle(tag, outcome), for: tag)
        return (Double(step.seconds), fault == nil)
    }

    /// Why a message cannot be sent by its lane, or `nil`. `slack`: bytes that may still be added to its headers.
    func fault(of outgoing: Outgoing, slack: Int, maxHeaders: Int = FrameLimits.headers) -> String? {
        laneIndex[outgoing.lane].flatMap { lanes[$0].fault(of: outgoing, slack: slack, maxHeaders: maxHeaders) }
    }

    /// How many posts wait for another try: unacknowledged here, and on the broker.
    func countWaiting() throws(BrokerError) -> Int {
        var count = ledger.open
        guard let retryQueues, case .standing = retryState else { return count }
        for plan in retryQueues.plans { count += try consumer.count(of: plan.name) ?? 0 }
        return count
    }

    /// So far the stream has been read.
    func reached(_ offset: Int64) {
        guard let lastOffset, offset >= lastOffset else { return }
        self.lastOffset = nil
        caughtUp = Monotonic.now()
    }

    var consumerIsReadable: Bool { readable.contains(consumer.descriptor) }

    /// Whether the last wait ended over this descriptor.
    func isReadable(_ descriptor: Int32) -> Bool { readable.contains(descriptor) }

    /// Everything received is acknowledged but what waits long for another try, and nothing waits to be published.
    var isQuiet: Bool {
        let soon = Monotonic.now() + 5
        return ledger.open == retries.count(after: soon) && lanes.allSatisfy(\.isIdle) && refused.isEmpty
            || isCancelled && isSettled
    }

    /// Nothing is on its way to the broker and no sync runs: what is still open is left to the broker.
    private var isSettled: Bool {
        lanes.allSatisfy(\.isIdle) && refused.isEmpty && syncing == nil && (ledger.unsyncedRoots.isEmpty || nextSync > 0)
    }

    /// Hands messages to their connections; a lane that this flow does not have counts as confirmed.
    func publish(_ messages: [Outgoing], for tag: UInt64) {
        for message in messages {
            if let index = laneIndex[message.lane] {
                lanes[index].publish(message, for: tag)
            } else {
                publish(ledger.confirmed(tag), for: tag)
            }
        }
    }

    /// Sends what can be sent and reads confirmations, until neither brings anything new.
    func publish() throws(BrokerError) {
        let now = Monotonic.now()
        if isLeaving { refused.removeAll() }
        for (tag, outgoing) in refused.take(until: now) { publish([outgoing], for: tag) }
        for lane in lanes {
            var tags: [UInt64] = []
            var isReplaced = false
            repeat {
                isReplaced = false
                tags.removeAll(keepingCapacity: true)
                var back: [(tag: UInt64, outgoing: Outgoing)] = []
                try lane.work(
                    confirmed: { tags.append($0) }, again: { back.append(($0, $1)) },
                    unsendable: { if replace($1, for: $0, $2) { isReplaced = true } else { tags.append($0) } })
                for message in back where !isLeaving { refused.insert(message, at: now + 1) }
                for tag in tags { publish(ledger.confirmed(tag), for: tag) }
            } while !tags.isEmpty || isReplaced
        }
    }

    /// A message cannot be sent, and the others go on: its source is told instead. Returns whether a shorter one takes its place.
    private func replace(_ outgoing: Outgoing, for tag: UInt64, _ why: String) -> Bool {
        if outgoing.lane == .reports, let short = outgoing.shortened {
            log.warning("a report for \(outgoing.exchange) is shortened: \(why)")
            publish([short], for: tag)
            return true
        }
        let which = (["exchange \(MessageError.quote(outgoing.exchange))"] + outgoing.message.which()).joined(separator: ", ")
        log.error("a message cannot be sent and is dropped (\(which)): \(why)")
        if outgoing.lane != .reports { ledger.report(instead: instead(outgoing, why), of: tag) }
        return false
    }

    /// The sync of a group has ended; one that was begun for an earlier connection is not this session's.
    func synced(_ done: Syncer.Done) {
        ledger.synced(done.group, lost: Set(done.lost.keys), unknown: Set(done.unknown.keys))
        guard done.group == syncing else { return }
        syncing = nil
        nextSync = done.unknown.isEmpty ? 0 : Monotonic.now() + 0.25
    }

    /// Waits until a socket or one of `descriptors` has something, the deadline has come, or a connection must be touched.
    func wait(on descriptors: [Int32], until deadline: Double?) {
        var polled = ([consumer.descriptor] + lanes.map(\.descriptor) + descriptors).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        var timeout = consumer.touchInterval
        for lane in lanes where lane.touchInterval >= 0 {
            timeout = timeout < 0 ? lane.touchInterval : min(timeout, lane.touchInterval)
        }
        let touch = timeout
        for due in [deadline, refused.next].compactMap({ $0 }) {
            let milliseconds = Int32(clamping: Int(max(0, (due - Monotonic.now()) * 1000).rounded(.up)))
            timeout = timeout < 0 ? milliseconds : min(timeout, milliseconds)
        }
        poll(&polled, nfds_t(polled.count), looksAgain ? 0 : timeout)
        readable = Set(polled.filter { $0.revents != 0 }.map(\.fd))
        if looksAgain { readable.insert(consumer.descriptor) }
        looksAgain = false
        // Heartbeats are sent inside the library's calls: each connection is touched in time, whether it has something to say or not.
        let now = Monotonic.now()
        if touch >= 0, now - touched >= Double(touch) / 1000 {
            touched = now
            readable.insert(consumer.descriptor)
        }
    }

    func close() {
        consumer.close()
        for lane in lanes { lane.close() }
    }
}
