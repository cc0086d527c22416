import Glibc

/// The loop of every program that consumes: deliveries out to the workers, outcomes back, announcements, confirmations, reports, syncs,
/// acknowledgements.
///
/// One thread owns all connections and waits on their sockets; nothing is polled on a clock, and an idle pump uses no processor.
/// Any failure of a connection drops them all and begins anew: what was not acknowledged comes again.
public final class Pump: ReloadableService {
    let settings: PumpSettings
    let intake: any Intake
    let pool: WorkerPool?
    let servers: Servers?
    private let syncer: Syncer
    let stop: StopSignal
    let log: Log
    private let wake: EventFD
    var crowd = Crowd()
    private let results: Inbox<WorkerPool.Result>
    private let synced: Inbox<Syncer.Done>
    var schedule = Schedule()
    var generation = 0
    private var backoff = Backoff()
    private let suspects = Suspects()
    /// When the broker was last heard of, on `Monotonic`.
    private var lastContact = Monotonic.now()
    /// Since when the connection stands, on `Monotonic`; `nil`: there is none.
    private(set) var connectedAt: Double?
    /// What was said last of a broker that is not served, and when, on `Monotonic`.
    private var said: (text: String, at: Double, times: Int) = ("", -.infinity, 0)
    /// All that is needed was once there: what is missing now was deleted, and may be made again.
    var hasServed = false
    var lastDelivery = Monotonic.now()
    /// When something came that was not passed over.
    var lastDone = Monotonic.now()
    var tally = Tally()
    /// Called after each round that changed the tally.
    public var progress: ((Tally) -> Void)?
    /// Called when the broker is reached, and when it is lost.
    public var says: ((WorkState) -> Void)?
    /// See `ReloadableService`.
    public var tells: ((FlowFigures) -> Void)?
    var desk = FiguresDesk()
    /// Says at the first connection which queue it reads, and what reaches that.
    public var introduces = false
    /// Called at the first connection.
    public var connectedFirst: (() -> Void)?
    /// See `ReloadableService`.
    public var reload: (() -> Bool)?
    var isBeingReplaced: Bool { replacement.isAsked }
    /// Asks the pump to end for another one.
    let replacement: Replacement
    /// What was said of directories of which it is not known what became of them.
    var unknownRoots: Set<String> = []
    /// Called when it has ended.
    public var ended: (() -> Void)?
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
        replacement = Replacement(wake: wake)
        results = Inbox(wake: wake)
        synced = Inbox(wake: wake)
        pool = try makeWorker.map { [results] in try WorkerPool(count: settings.workers, results: results, make: $0) }
        syncer = try Syncer(inbox: synced)
    }

    /// Runs until told to stop, idle for long enough, or refused for good. Throws `BrokerError` in the last case, and when the broker
    /// stays away for longer than allowed.
    public func run() throws -> Tally {
        defer { ended?() }
        return try stop.whileWorking(work)
    }

    private func work() throws -> Tally {
        defer { if stop.isRequested, pool != nil, !schedule.isEmpty { IncomingFile.abandonAll() } }
        while !stop.isRequested && !isBeingReplaced {
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
        wake.drain()
        let until = Monotonic.now() + pause
        while !isBeingReplaced, Readiness.wait(for: stopDescriptor, wake.descriptor, seconds: until - Monotonic.now()) {
            if stop.isRequested { break }
            wake.drain()
            askForReload()
        }
        askForReload()
    }

    private func askForReload() {
        guard let reload, !stop.isRequested, stop.takeReload() else { return }
        if reload() { replacement.ask() }
    }

    /// Readable when something is to be done about a signal. A reload is none of this pump's business where another one asks for it.
    private var stopDescriptor: Int32 { reload == nil ? stop.endDescriptor : stop.descriptor }

    /// One connection's life: connects, serves until the work is over, says goodbye.
    private func serve() throws {
        generation += 1
        desk.ledger.forgetDeliveries()
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
        if !stop.isRequested && !isBeingReplaced { tally.waiting = try session.countWaiting() }
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
        if session.isReadable(stopDescriptor) { askForReload() }
        if stop.isRequested || isBeingReplaced, !session.isCancelled { try cancel(session) }
        if session.consumerIsReadable {
            // What is put back may come again at once: however much comes, the rest of the round has its turn.
            var taken = 0
            while taken < settings.prefetch, let delivery = try session.receive() {
                try take(delivery, session)
                taken += 1
            }
        }
        wake.drain()
        try session.queues.reopenCancelled()
        try arrangeQueues(session)
        try session.queues.rebind()
        try releaseWaiting(session)
        for result in results.takeAll() { try finish(result, session) }
        for done in synced.takeAll() { finish(done, session) }
        startDue(session)
        try makeRoom(session)
        if let pool, let why = pool.replace(held: pool.isBehind ? servers?.heldThreads() ?? 0 : 0) { crowd.say(why, log) }
        try publishAndAcknowledge(session)
        lastContact = Monotonic.now()
        if tally.received != before.received || tally.done != before.done || tally.failed != before.failed { progress?(tally) }
        try tell(session)
        if isOver(session) { return true }
        try checkStream(session)
        hasServed = true
        rest()
        session.wait(on: [wake.descriptor, stop.isRequested ? -1 : stopDescriptor], until: deadline(session))
        return false
    }

    /// While the threads have enough to do, the pump takes what they have done many at a time: each of its rounds costs about as much for one
    /// file as for twenty, here and at the broker, which gets a packet of each round. Nothing waits for longer than `restTime`.
    private func rest() {
        guard isLoaded, !stop.isRequested else { return }
        Readiness.wait(for: stopDescriptor, seconds: Self.restTime)
    }

    /// Whether so many jobs wait for a thread that none of the threads runs out of them within `restTime`.
    private var isLoaded: Bool { pool.map { $0.waiting >= Self.load } ?? false }

    private static let load = 64
    /// Seconds.
    private static let restTime = 0.002

    /// Sends what is to be sent, begins the next sync, and acknowledges what nothing more is owed for.
    func publishAndAcknowledge(_ session: PumpSession) throws {
        session.publish(intake.takeNotices(), for: PumpSession.noDelivery)
        try session.publish()
        for var job in session.takeLost() {
            job.wasLost = true
            try postpone(job, .again(after: 1), after: Backoff.pause(afterTry: job.attempt), session)
        }
        if let (group, roots) = session.beginSync(isLoaded: isLoaded) { syncer.begin(group, roots: roots) }
        try session.acknowledge()
    }

    /// Stops deliveries; what no worker has begun is left to the broker, which sends it again to whoever comes next.
    func cancel(_ session: PumpSession) throws {
        let isLeaving = stop.isRequested || isBeingReplaced
        if isLeaving {
            schedule.dropWaiting()
            for job in pool?.takeBack() ?? [] { _ = schedule.finish(job) }
        }
        try session.cancel(isLeaving: isLeaving)
    }
}
