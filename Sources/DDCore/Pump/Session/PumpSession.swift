import Glibc

/// The connections of one pump, from connecting to the first failure, and what is owed on them.
final class PumpSession {
    /// Which connection of the pump it is, counted from 1.
    let generation: Int
    /// The queues that come and go.
    let queues: ConsumedQueues
    /// Which queues are held or go at a limited pace.
    var gates = Gates()
    /// No more deliveries are taken.
    private(set) var isCancelled = false
    private let consumer: AMQPConsumer
    private let retries: RetryDesk
    private let lanes: LaneSet
    private var ledger: Ledger
    /// The group whose sync runs.
    private var syncing: UInt64?
    /// When the next sync may begin, on `Monotonic`: after one of which something is not known.
    private var nextSync = 0.0
    /// When the last sync ended, on `Monotonic`.
    private var lastSync = 0.0
    /// Nothing is sent again any more: what is not acknowledged comes again to whoever comes next.
    private var isLeaving = false
    /// Publishes that are sent again when due.
    private var refused = Timetable<(tag: UInt64, outgoing: Outgoing)>()
    /// How far the stream has been read that the program looks back on; `nil`: there is none, or it is followed for ever.
    private(set) var stream: StreamReading?
    private var readable: Set<Int32> = []
    private var touched = Monotonic.now()
    /// What is reported instead of a message that cannot be sent.
    var instead: (Outgoing, String) -> [Outgoing] = { _, _ in [] }
    private let log: Log

    /// The tag of what is published for no delivery: the broker counts them from 1.
    static let noDelivery: UInt64 = 0

    /// Seconds between two syncs while more is being written.
    private static let syncPause = 0.015

    /// Connects, declares, binds and starts consuming. Publishing connections come first: nothing is delivered that cannot be announced.
    init(_ settings: PumpSettings, generation: Int, suspects: Suspects, log: Log) throws(BrokerError) {
        self.generation = generation
        ledger = Ledger(generation: generation)
        lanes = try LaneSet(settings, suspects: suspects, log: log)
        self.log = log
        consumer = try AMQPConsumer(settings.source, prefetch: settings.prefetch)
        queues = ConsumedQueues(settings, consumer: consumer, log: log)
        retries = RetryDesk(settings, consumer: consumer, log: log)
        for queue in settings.queues {
            try consumer.declare(queue)
            for binding in settings.stale?.bindings ?? [] where !queue.bindings.contains(binding) {
                try consumer.unbind(queue.name, binding)
            }
        }
        settings.stale?.forget()
        if settings.exitIdle != nil, let stream = settings.queues.first(where: { $0.streamOffset != nil }) {
            self.stream = StreamReading(stream, last: try consumer.lastOffset(of: stream.name, settings.source))
        }
        for queue in settings.queues { try consumer.consume(queue) }
    }

    /// Consumes what has waited for another try since before this connection.
    func resumeRetries() throws(BrokerError) { try retries.resume() }

    /// How many messages are ready in a queue; `nil` when it is not there or not to be looked at.
    func count(of queue: String) throws(BrokerError) -> Int? { try consumer.count(of: queue) }

    /// The offset of the last message that a stream has now; `nil`: it is empty.
    func lastOffset(of stream: String, _ settings: BrokerSettings) throws(BrokerError) -> Int64? {
        try consumer.lastOffset(of: stream, settings)
    }

    /// Starts deliveries from a queue that is there.
    func consume(_ plan: QueuePlan, prefetch: Int) throws(BrokerError) { try consumer.consume(plan, prefetch: prefetch) }

    /// The next delivery, which is owed an acknowledgement from now on; `nil`: nothing more has arrived. Once cancelled, what is still on its
    /// way is left to the broker.
    func receive() throws(BrokerError) -> Delivery? {
        while let delivery = try consumer.receive() {
            if isCancelled { continue }
            ledger.admit(delivery.tag)
            if let offset = delivery.streamOffset { stream?.came(offset) }
            return delivery
        }
        return nil
    }

    /// The outcome of a delivery is known: publishes what is to be published first. `job` is what to do again when what it wrote is lost.
    func settle(_ tag: UInt64, _ outcome: Outcome, _ job: Job? = nil) {
        publish(ledger.settle(tag, outcome, job), for: tag)
    }

    /// Puts a delivery back into its queue; it is owed nothing more.
    func requeue(_ delivery: Delivery) throws(BrokerError) {
        ledger.requeue(delivery.tag)
        try consumer.requeue(delivery.tag)
    }

    /// Acknowledges what nothing more is owed for.
    func acknowledge() throws(BrokerError) { try consumer.acknowledge(ledger.takeAcknowledgements()) }

    /// The jobs whose files were lost after they had been announced and reported: their deliveries are as if they had just come.
    func takeLost() -> [Job] { ledger.takeLost() }

    /// The group of what was written, and where, when its sync is to begin now; `nil`: nothing was, or another sync runs. `isLoaded`: more is
    /// being written, and the next sync waits for it a little, because each holds up those who make files.
    func beginSync(isLoaded: Bool) -> (group: UInt64, roots: Set<HeldDirectory>)? {
        guard !ledger.unsyncedRoots.isEmpty, syncing == nil else { return nil }
        let now = Monotonic.now()
        guard nextSync <= now, !isLoaded || now - lastSync >= Self.syncPause else { return nil }
        let next = ledger.beginSync()
        syncing = next.group
        return next
    }

    /// The sync of a group has ended; one that was begun for an earlier connection is not this session's.
    func synced(_ done: Syncer.Done) {
        ledger.synced(done.group, lost: Set(done.lost.keys), devices: done.failed, unknown: Set(done.unknown.keys))
        guard done.group == syncing else { return }
        syncing = nil
        lastSync = Monotonic.now()
        nextSync = done.unknown.isEmpty ? 0 : Monotonic.now() + 0.25
    }

    /// Stops deliveries. With `isLeaving` nothing that the broker refused is sent again either.
    func cancel(isLeaving: Bool) throws(BrokerError) {
        isCancelled = true
        if isLeaving { self.isLeaving = true }
        retries.close()
        queues.close()
        try consumer.cancel()
    }

    /// A job waits for another try after `seconds`: here for a short time if there is room, else on the broker. One that the broker cannot
    /// keep is given up when there is no room here: it would hold up its queue. Returns for how many seconds it waits, and whether on the
    /// broker.
    func wait(_ job: Job, after seconds: Double) throws(BrokerError) -> (seconds: Double, isOnBroker: Bool) {
        let place = try retries.place(for: job, after: seconds)
        guard case .broker(let outgoing, let wait) = place else {
            retries.keep(job, seconds: seconds)
            return (seconds, false)
        }
        var outcome = Outcome(.passed)
        let fault = fault(of: outgoing, slack: 0)
        if let fault {
            guard !retries.hasRoom else {
                retries.keep(job, seconds: seconds)
                return (seconds, false)
            }
            log.error("\(job.post.location.url): it cannot wait for another try and is given up: \(fault)")
            outcome.reports = instead(outgoing, fault)
        } else {
            outcome.announcements = [outgoing]
        }
        settle(job.delivery.tag, outcome)
        return (wait, fault == nil)
    }

    /// Takes out the jobs that wait here for another try and are due.
    func takeDueRetries() -> [Job] { retries.take(until: Monotonic.now()) }

    /// Takes out the jobs that wait here for another try and came from a queue.
    func takeRetries(from queue: String) -> [Job] { retries.remove { $0.delivery.queue == queue } }

    /// How many posts wait for another try: unacknowledged here, and on the broker.
    func countWaiting() throws(BrokerError) -> Int { try ledger.open + retries.countOnBroker() }

    /// Why a message cannot be sent by its lane, or `nil`. `slack`: bytes that may still be added to its headers.
    func fault(of outgoing: Outgoing, slack: Int, maxHeaders: Int = FrameLimits.headers) -> String? {
        lanes[outgoing.lane]?.fault(of: outgoing, slack: slack, maxHeaders: maxHeaders)
    }

    var consumerIsReadable: Bool { readable.contains(consumer.descriptor) }

    /// Whether the last wait ended over this descriptor.
    func isReadable(_ descriptor: Int32) -> Bool { readable.contains(descriptor) }

    /// Everything received is acknowledged but what waits long for another try, and nothing waits to be published.
    var isQuiet: Bool {
        let soon = Monotonic.now() + 5
        return ledger.open == retries.count(after: soon) && lanes.isIdle && refused.isEmpty
            || isCancelled && isSettled
    }

    /// Nothing is on its way to the broker and no sync runs: what is still open is left to the broker.
    private var isSettled: Bool {
        lanes.isIdle && refused.isEmpty && syncing == nil && (ledger.unsyncedRoots.isEmpty || nextSync > 0)
    }

    /// Hands messages to their connections; a lane that this flow does not have counts as confirmed.
    func publish(_ messages: [Outgoing], for tag: UInt64) {
        for message in messages {
            if let lane = lanes[message.lane] {
                lane.publish(message, for: tag)
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
        for lane in lanes.all {
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

    /// When something is to be done here though nothing arrives, on `Monotonic`; `nil`: never.
    private var next: Double? {
        var moments = [retries.next, gates.nextDue, refused.next, queues.next]
        if nextSync > 0, syncing == nil { moments.append(nextSync) }
        return moments.compactMap { $0 }.filter(\.isFinite).min()
    }

    /// Waits until a socket or one of `descriptors` has something, the deadline has come, or a connection must be touched.
    func wait(on descriptors: [Int32], until deadline: Double?) {
        var polled = ([consumer.descriptor] + lanes.all.map(\.descriptor) + descriptors).map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        var timeout = consumer.touchInterval
        for lane in lanes.all where lane.touchInterval >= 0 {
            timeout = timeout < 0 ? lane.touchInterval : min(timeout, lane.touchInterval)
        }
        let touch = timeout
        for due in [deadline, next].compactMap({ $0 }) {
            let milliseconds = Int32(clamping: Int(max(0, (due - Monotonic.now()) * 1000).rounded(.up)))
            timeout = timeout < 0 ? milliseconds : min(timeout, milliseconds)
        }
        poll(&polled, nfds_t(polled.count), consumer.mayHoldDeliveries ? 0 : timeout)
        readable = Set(polled.filter { $0.revents != 0 }.map(\.fd))
        if consumer.mayHoldDeliveries { readable.insert(consumer.descriptor) }
        // Heartbeats are sent inside the library's calls: each connection is touched in time, whether it has something to say or not.
        let now = Monotonic.now()
        if touch >= 0, now - touched >= Double(touch) / 1000 {
            touched = now
            readable.insert(consumer.descriptor)
        }
    }

    func close() {
        consumer.close()
        for lane in lanes.all { lane.close() }
    }
}
