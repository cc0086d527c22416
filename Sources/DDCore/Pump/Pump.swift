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
    var crowd = Crowd()
    private let results: Inbox<WorkerPool.Result>
    private let synced: Inbox<Syncer.Done>
    var schedule = Schedule()
    private var generation = 0
    private var backoff = Backoff()
    private let suspects = Suspects()
    /// When the broker was last heard of, on `Monotonic`.
    private var lastContact = Monotonic.now()
    /// Since when the connection stands, on `Monotonic`; `nil`: there is none.
    private var connectedAt: Double?
    /// What was said last of a broker that is not served, and when, on `Monotonic`.
    private var said: (text: String, at: Double, times: Int) = ("", -.infinity, 0)
    /// All that is needed was once there: what is missing now was deleted, and may be made again.
    var hasServed = false
    private var lastDelivery = Monotonic.now()
    /// When something came that was not passed over.
    private var lastDone = Monotonic.now()
    var tally = Tally()
    /// Called after each round that changed the tally.
    public var progress: ((Tally) -> Void)?
    /// Called when the broker is reached, and when it is lost.
    public var says: ((WorkState) -> Void)?
    /// Says at the first connection which queue it reads, and what reaches that.
    public var introduces = false
    /// Called at the first connection.
    public var connectedFirst: (() -> Void)?
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
            } catch let error as BrokerError where error.isTemporary || hasServed && error.mayBeMended {
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
        let now = Monotonic.now()
        // What ends each connection as soon as it stands must not be tried without a pause.
        if let since = connectedAt, now - since >= 5 { backoff.reset() }
        connectedAt = nil
        let pause = backoff.next()
        if let patience = settings.patience, now + pause - lastContact > patience { throw error }
        let times = error.description == said.text ? said.times : 0
        if times < 6 || now - said.at >= 30 {
            log.warning("\(error); trying again in \(String(seconds: pause)) s")
            said = (error.description, now, times + 1)
        }
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
        for job in pool?.takeBack() ?? [] { _ = schedule.finish(job) }
        // What waited here comes again by itself; what waits on the broker goes on waiting.
        tally.waiting = 0
        let session = try stop.whileConnecting(leave: { [log] _ in (0, "\(log.program): stopped; the broker was not reached") }) {
            try PumpSession(settings, generation: generation, suspects: suspects, log: log)
        }
        session.instead = { [unowned self] in intake.reports(insteadOf: $0, $1) }
        if generation > 1 { log.notice("connected again to \(settings.source.url)") }
        log.debug("connected to \(settings.source.url)")
        if !wasConnected { introduce() }
        connectedAt = Monotonic.now()
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

    private func introduce() {
        connectedFirst?()
        guard introduces, let queue = settings.queues.first else { return }
        let bindings = queue.bindings.map { "\($0.exchange) \($0.topic)" }.joined(separator: ", ")
        log.notice("connected to \(settings.source.url): queue \(queue.name), bound to \(bindings)")
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
        try reopenCancelled(session)
        try arrangeQueues(session)
        try rebind(session)
        try releaseWaiting(session)
        for result in results.takeAll() { try finish(result, session) }
        for done in synced.takeAll() { finish(done, session) }
        startDue(session)
        try makeRoom(session)
        if let pool, let why = pool.replace(held: pool.isBehind ? servers?.heldThreads() ?? 0 : 0) { crowd.say(why, log) }
        try publishAndAcknowledge(session)
        lastContact = Monotonic.now()
        if tally.received != before.received || tally.done != before.done || tally.failed != before.failed { progress?(tally) }
        if isOver(session) { return true }
        hasServed = true
        session.wait(on: [wake.descriptor, stop.isRequested ? -1 : stop.descriptor], until: deadline(session))
        return false
    }

    /// Sends what is to be sent, begins the next sync, and acknowledges what nothing more is owed for.
    func publishAndAcknowledge(_ session: PumpSession) throws {
        session.publish(intake.takeNotices(), for: PumpSession.noDelivery)
        try session.publish()
        for var job in session.ledger.takeLost() {
            job.wasLost = true
            try postpone(job, .again(after: 1), after: Backoff.pause(afterTry: job.attempt), session)
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
        if settings.retries?.hasWaited(delivery) == true {
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
        var tries: RetryMessage.Tries?
        if settings.retries?.hasWaited(delivery) == true {
            let unwrapped = RetryMessage.unwrap(delivery)
            delivery = unwrapped.delivery
            tries = unwrapped.tries
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
            if let tries { job.resume(tries) }
            try postpone(job, .postponed(seconds), after: seconds, session)
        case .work(var job):
            job.generation = generation
            if let tries { job.resume(tries) }
            if let why = faultOfAnnouncement(job, session) {
                intake.finished(job)
                let outcome = intake.refuse(job, why)
                tally.count(outcome)
                session.publish(session.ledger.settle(delivery.tag, outcome), for: delivery.tag)
            } else if let wait = wait(for: job) {
                intake.finished(job)
                try postpone(job, .postponed(wait), after: wait, session)
            } else if let job = schedule.admit(job) {
                pool?.start(job)
            }
        }
        if let limit = settings.exitAfter, tally.received >= limit { try? cancel(session) }
    }

    /// Why nothing could be announced of a job, found before anything is fetched; `nil`: nothing is known against it. What is short fits
    /// everywhere.
    private func faultOfAnnouncement(_ job: Job, _ session: PumpSession) -> String? {
        let message = job.delivery.message
        guard message.headers.fields.count > Self.fewHeaders || message.byteCount > FrameLimits.smallestFrame / 2,
            let announcement = intake.announcement(of: job)
        else { return nil }
        // A recomputed sum, the name of a part file.
        return session.fault(of: announcement, slack: 512, maxHeaders: Delivery.maxHeaders)
    }

    /// So few that those that are added on the way are no matter.
    private static let fewHeaders = 80

    /// Seconds until the job's server is worth a try; `nil`: now. What has been tried for long enough goes to a worker, which says so.
    private func wait(for job: Job) -> Double? {
        guard let servers, servers.anyClosed, case .file = job.post.event, job.age < settings.retryTTL else { return nil }
        return servers.wait(for: servers.name(of: job.post.location.encodedURL, for: job.post.source))
    }

    private func finish(_ result: WorkerPool.Result, _ session: PumpSession) throws {
        for job in schedule.finish(result.job) { pool?.start(job) }
        result.job.room?.release()
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
    func postpone(_ job: Job, _ outcome: Outcome, after seconds: Double, _ session: PumpSession) throws {
        tally.waiting += 1
        guard !session.isCancelled else { return }
        var job = job
        job.hasWaited = true
        if outcome.mayBeStored { job.mayBeStored = true }
        if !outcome.isPostponed {
            job.attempt += 1
        } else if job.isRepeated {
            job.attempt = max(1, job.attempt)
        }
        let wait = try session.wait(job, after: seconds)
        if let reason = outcome.retryReason { log.warning("\(reason); trying again in \(String(seconds: wait.seconds)) s") }
        if wait.isOnBroker { intake.waitsOnBroker(job) }
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
            session.isLeaving = true
            schedule.dropWaiting()
            for job in pool?.takeBack() ?? [] { _ = schedule.finish(job) }
        }
        session.retries.removeAll()
        (session.rebinds, session.asksAgain) = (.infinity, .infinity)
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
        let moments = [session.retries.next, session.gates.nextDue, session.rebinds, session.asksAgain]
        var deadline = moments.compactMap { $0 }.filter(\.isFinite).min()
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
