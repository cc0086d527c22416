import Glibc

/// The loop of every program that consumes: deliveries out to the workers, outcomes back, announcements, confirmations, reports, syncs,
/// acknowledgements.
///
/// One thread owns all connections and waits on their sockets; nothing is polled on a clock, and an idle pump uses no processor.
/// Any failure of a connection drops them all and begins anew: what was not acknowledged comes again.
public final class Pump: LongWork {
    let settings: PumpSettings
    let intake: any Intake
    let pool: WorkerPool?
    private let servers: Servers?
    private let syncer: Syncer
    let stop: StopSignal
    let log: Log
    private let wake: EventFD
    private let results: Inbox<WorkerPool.Result>
    private let synced: Inbox<Syncer.Done>
    var schedule = Schedule()
    private var generation = 0
    private var backoff = Backoff()
    /// When the broker was last heard of, on `Monotonic`.
    private var lastContact = Monotonic.now()
    private var lastDelivery = Monotonic.now()
    /// When something came that was not passed over.
    private var lastDone = Monotonic.now()
    var tally = Tally()
    /// Called after each round that changed the tally.
    public var progress: ((Tally) -> Void)?
    /// Called when the broker is reached, and when it is lost.
    public var says: ((WorkState) -> Void)?
    /// See `LongWork`.
    public var reload: (() -> Bool)?
    private var isToBeFollowed = false
    /// What was said of directories of which it is not known what became of them.
    var unknownRoots: Set<String> = []
    /// Whether it was ever connected.
    public private(set) var wasConnected = false

    /// A pump that has not started. `makeWorker` is called on each worker's thread; `nil` when the intake settles everything. `servers`
    /// is what the workers' fetchers tell of the data servers.
    public init(
        _ settings: PumpSettings, intake: any Intake, stop: StopSignal, log: Log, servers: Servers? = nil,
        makeWorker: (@Sendable () -> any Worker)? = nil
    ) throws {
        self.settings = settings
        self.intake = intake
        self.stop = stop
        self.servers = servers
        self.log = log
        wake = try EventFD()
        results = Inbox(wake: wake)
        synced = Inbox(wake: wake)
        pool = makeWorker.map { [results] in WorkerPool(count: settings.workers, results: results, make: $0) }
        syncer = Syncer(inbox: synced)
    }

    /// Runs until told to stop, idle for long enough, or refused for good. Throws `BrokerError` in the last case, and when the broker
    /// stays away for longer than allowed.
    public func run() throws -> Tally {
        defer { if stop.isRequested, pool != nil, !schedule.isEmpty { IncomingFile.abandonAll() } }
        while !stop.isRequested && !isToBeFollowed {
            do {
                try serve()
                return tally
            } catch let error as BrokerError where error.isTemporary {
                if stop.isRequested {
                    log.warning("\(error); stopped, what is not acknowledged comes again")
                    break
                }
                try wait(after: error)
            }
        }
        return tally
    }

    private func wait(after error: BrokerError) throws {
        says?(.notConnected)
        let pause = backoff.next()
        if let patience = settings.patience, Monotonic.now() + pause - lastContact > patience { throw error }
        log.warning("\(error); trying again in \(String(seconds: pause)) s")
        var descriptor = pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&descriptor, 1, Int32(pause * 1000))
        askForReload()
    }

    private func askForReload() {
        guard let reload, !stop.isRequested, stop.takeReload() else { return }
        isToBeFollowed = reload()
    }

    /// One connection's life: connects, serves until the work is over, says goodbye.
    private func serve() throws {
        generation += 1
        schedule.dropWaiting()
        for job in pool?.takeBack() ?? [] { _ = schedule.finish(job.place) }
        // What waited here comes again by itself; what waits on the broker goes on waiting.
        tally.waiting = 0
        let session = try stop.whileConnecting(leave: { [log] _ in (0, "\(log.program): stopped; the broker was not reached") }) {
            try PumpSession(settings, generation: generation, log: log)
        }
        if generation > 1 { log.notice("connected again to \(settings.source.url)") }
        log.debug("connected to \(settings.source.url)")
        backoff.reset()
        wasConnected = true
        says?(.connected)
        lastContact = Monotonic.now()
        intake.connected { [wake] in wake.signal() }
        try catchUp(session)
        try session.resumeRetries()
        while try !turn(session) {}
        if !stop.isRequested && !isToBeFollowed { tally.waiting = try session.countWaiting() }
        session.close()
    }

    /// One round: everything that can be done now, then a wait for the next thing. Returns whether the work is over.
    private func turn(_ session: PumpSession) throws -> Bool {
        let before = tally
        if session.isReadable(stop.descriptor) { askForReload() }
        if stop.isRequested || isToBeFollowed, !session.isCancelled { try cancel(session) }
        if session.consumerIsReadable {
            while let delivery = try session.consumer.receive() { try take(delivery, session) }
        }
        wake.drain()
        try arrangeQueues(session)
        try releaseWaiting(session)
        for result in results.takeAll() { try finish(result, session) }
        for done in synced.takeAll() { finish(done, session) }
        startDue(session)
        if let pool { pool.replace(held: pool.isBehind ? servers?.heldThreads() ?? 0 : 0) }
        try publishAndAcknowledge(session)
        lastContact = Monotonic.now()
        if tally.received != before.received || tally.done != before.done || tally.failed != before.failed { progress?(tally) }
        if isOver(session) { return true }
        session.wait(on: [wake.descriptor, stop.isRequested ? -1 : stop.descriptor], until: deadline(session))
        return false
    }

    /// Sends what is to be sent, begins the next sync, and acknowledges what nothing more is owed for.
    func publishAndAcknowledge(_ session: PumpSession) throws {
        try session.publish()
        for var job in session.ledger.takeLost() {
            job.wasLost = true
            try postpone(job, .again(after: 1), after: Verdict.pause(job.attempt), session)
        }
        if !session.ledger.unsyncedRoots.isEmpty, session.syncing == nil, session.nextSync <= Monotonic.now() {
            let (group, roots) = session.ledger.beginSync()
            session.syncing = group
            syncer.begin(group, roots: roots)
        }
        try session.consumer.acknowledge(session.ledger.takeAcknowledgements())
    }

    func take(_ delivery: Delivery, _ session: PumpSession) throws {
        guard !session.isCancelled else { return }
        session.ledger.admit(delivery.tag)
        if delivery.exchange == settings.retries?.again {
            tally.waiting = max(0, tally.waiting - 1)
        } else {
            tally.received += 1
            lastDelivery = Monotonic.now()
        }
        if let offset = delivery.streamOffset { session.reached(offset) }
        if session.gates.isClosed(delivery.queue) { return try giveBack(delivery, session) }
        if session.gates.isWaiting(delivery.queue) {
            return session.gates.wait(delivery, until: .infinity, now: Monotonic.now())
        }
        try consider(delivery, session)
    }

    func consider(_ delivery: Delivery, _ session: PumpSession) throws {
        let received = delivery
        var delivery = delivery
        var attempt = 0
        var first: Timestamp?
        var age = 0.0
        if delivery.exchange == settings.retries?.again {
            (delivery, attempt, first, age) = RetryMessage.unwrap(delivery)
        }
        switch intake.consider(delivery) {
        case .settled(let outcome):
            tally.count(outcome)
            if outcome.result != .passed { lastDone = Monotonic.now() }
            session.publish(session.ledger.settle(delivery.tag, outcome), for: delivery.tag)
        case .wait(let seconds):
            let now = Monotonic.now()
            session.gates.putBack(received, until: now + seconds, now: now)
        case .giveBack:
            try giveBack(received, session)
        case .later(var job, let seconds):
            job.generation = generation
            if let first { job.resume(attempt: attempt, first: first, age: age) }
            try postpone(job, .postponed(seconds), after: seconds, session)
        case .work(var job):
            job.generation = generation
            if let first { job.resume(attempt: attempt, first: first, age: age) }
            if let wait = wait(for: job) {
                try postpone(job, .postponed(wait), after: wait, session)
            } else if let job = schedule.admit(job) {
                pool?.start(job)
            }
        }
        if let limit = settings.exitAfter, tally.received >= limit { try? cancel(session) }
    }

    /// Seconds until the job's server is worth a try; `nil`: now. What has been tried for long enough goes to a worker, which says so.
    private func wait(for job: Job) -> Double? {
        guard let servers, servers.anyClosed, case .file = job.post.event, job.age < settings.retryTTL else { return nil }
        return servers.wait(for: Servers.server(of: job.post.location.encodedURL))
    }

    private func finish(_ result: WorkerPool.Result, _ session: PumpSession) throws {
        for job in schedule.finish(result.job.place) { pool?.start(job) }
        guard result.job.generation == generation else { return }
        intake.finished(result.job)
        if let seconds = result.outcome.retryAfter {
            return try postpone(result.job, result.outcome, after: seconds, session)
        }
        tally.count(result.outcome)
        let tag = result.job.delivery.tag
        session.publish(session.ledger.settle(tag, result.outcome, result.job), for: tag)
    }

    /// The job waits for another try; when no more deliveries are taken it is left to the broker, which sends it again.
    private func postpone(_ job: Job, _ outcome: Outcome, after seconds: Double, _ session: PumpSession) throws {
        tally.waiting += 1
        guard !session.isCancelled else { return }
        var job = job
        job.hasWaited = true
        if !outcome.isPostponed {
            job.attempt += 1
        } else if job.isRepeated {
            job.attempt = max(1, job.attempt)
        }
        let wait = try session.wait(job, after: seconds)
        if let reason = outcome.retryReason { log.warning("\(reason); trying again in \(String(seconds: wait)) s") }
    }

    private func startDue(_ session: PumpSession) {
        guard !session.retries.isEmpty else { return }
        let due = session.retries.take(until: Monotonic.now())
        tally.waiting = max(0, tally.waiting - due.count)
        for job in due { if let job = schedule.admit(job) { pool?.start(job) } }
    }

    /// Stops deliveries; what no worker has begun is left to the broker, which sends it again to whoever comes next.
    private func cancel(_ session: PumpSession) throws {
        session.isCancelled = true
        if stop.isRequested || isToBeFollowed {
            schedule.dropWaiting()
            for job in pool?.takeBack() ?? [] { _ = schedule.finish(job.place) }
        }
        session.retries.removeAll()
        try session.consumer.cancel()
    }

    private func isOver(_ session: PumpSession) -> Bool {
        let nothingInHand = schedule.isEmpty && session.isQuiet
        // A transfer from a server that does not answer is not worth waiting for: nothing of it is there, and its post comes again.
        if stop.isRequested, let servers, schedule.runningCount <= servers.heldThreads() { return session.isQuiet }
        if session.isCancelled { return nothingInHand }
        guard let idle = settings.exitIdle, nothingInHand else { return false }
        return Monotonic.now() - idleSince(session) >= idle
    }

    /// Since when nothing came that counts. What came to a stream in the last moments before the start may not be counted by the broker yet,
    /// so that it comes a little after the end.
    private func idleSince(_ session: PumpSession) -> Double {
        guard settings.idlesOverPassed, let caughtUp = session.caughtUp else { return lastDelivery }
        return max(lastDone, caughtUp)
    }

    /// When the pump must look again though nothing arrives, on `Monotonic`; `nil`: never.
    private func deadline(_ session: PumpSession) -> Double? {
        var deadline = [session.retries.next, session.gates.nextDue].compactMap { $0 }.min()
        if let idle = settings.exitIdle, schedule.isEmpty, session.isQuiet {
            deadline = min(deadline ?? .infinity, idleSince(session) + idle)
        }
        if session.nextSync > 0, session.syncing == nil { deadline = min(deadline ?? .infinity, session.nextSync) }
        // While jobs wait for a thread, or the program for its threads, all of them may be held by servers that do not answer.
        if let pool, pool.isBehind || stop.isRequested && !schedule.isEmpty {
            deadline = min(deadline ?? .infinity, Monotonic.now() + 0.25)
        }
        return deadline
    }
}

extension String {
    /// Seconds with one decimal.
    init(seconds: Double) {
        let tenths = Int((seconds * 10).rounded())
        self = "\(tenths / 10).\(tenths % 10)"
    }
}
