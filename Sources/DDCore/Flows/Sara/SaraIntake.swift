/// Admits posts on the pump's thread, and says whose queues are consumed.
public final class SaraIntake: Intake {
    let plan: SaraPlan
    private let queuesOfSources: IngestQueues?
    private let control: String?
    private let retries: RetryQueues?
    private let discardsOverQuota: Bool
    /// At work as long as this is.
    private let retention: Retention?
    private let expiry: Expiry?
    private let selection: Selection
    let log: Log
    private var paces = Paces()
    private var disk: DiskQuotas
    /// The sources that are held over their quotas.
    private var overQuota: Set<String> = []
    /// When it was told last that a source is held, on `Monotonic`.
    private var heldIsTold: [String: Double] = [:]
    var notices: [Outgoing] = []
    private(set) var isCaughtUp: Bool

    /// An intake. Throws `ConfigError` for a bad pattern.
    public init(
        _ plan: SaraPlan, _ queues: SaraQueues, _ options: AdmissionOptions, expiry: Expiry? = nil, log: Log
    ) throws {
        self.expiry = expiry
        self.plan = plan
        queuesOfSources = queues.ingest
        control = queues.control
        retries = queues.retries
        discardsOverQuota = options.discardsOverQuota
        retention = try options.keptDays.map { try Retention(plan, days: $0, log: log) }
        self.log = log
        try plan.usage?.open(log)
        disk = DiskQuotas(plan.usage)
        isCaughtUp = queues.control == nil
        selection = try Selection(plan.rules)
    }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        if let control, delivery.queue == control { return take(order: delivery) }
        let source = plan.readsSources ? ExchangeName.owner(ofPosts: delivery.exchange) : nil
        let isRetried = retries.map { delivery.queue == $0.again || delivery.queue == $0.formerAgain } ?? false
        let standing = source.map { plan.sources.standing(of: $0) } ?? .open
        let quota = source.map { plan.sources.quota(of: $0) } ?? UserRecord.Quota()
        if isRetried, let source { plan.usage?.addWaiting(source, -1) }
        if let source, !isRetried {
            if standing == .held { return .requeue }
            let wait = paces.wait(source, quota, now: Monotonic.now())
            if wait > 0 { return .wait(wait) }
        }
        return consider(delivery, source, standing, quota, isRetried: isRetried)
    }

    private func consider(
        _ delivery: Delivery, _ source: String?, _ standing: SourceTable.Standing, _ quota: UserRecord.Quota, isRetried: Bool
    ) -> Consideration {
        // Nothing is refused for want of a way before all ways are known.
        if plan.routes?.isKnown == false { return .wait(0.2) }
        var post: Post
        do {
            post = try PostCodec.decode(delivery)
        } catch {
            return refuse(unreadable: delivery, error)
        }
        if let refusal = Admission.identify(&post, delivery, plan) { return settle(refusal, post) }
        if standing == .discarded || standing == .unknown {
            let why = standing == .discarded ? "is stopped by the administrator" : "is no source of \(plan.cluster)"
            return settle(Status(403, "\(source ?? "") \(why)"), post)
        }
        if let permit = post.permit { return settle(permit, post) }
        let decision = selection.decide(post.location.url, log, aloud: plan.logsRejected)
        guard case .accept = decision else { return .settled(Outcome(.passed)) }
        if post.isProbe { return pass(post) }
        do {
            if let refusal = try Admission.enclose(&post, plan) ?? Admission.address(&post, plan) { return settle(refusal, post) }
        } catch {
            log.error("whether \(post.location.url) is private is not known, and it waits: \(error)", ["source": source ?? ""])
            return .wait(5)
        }
        if let refusal = Admission.refusal(of: post, plan) { return settle(refusal, post) }
        let job: Job
        do throws(FileError) {
            job = Job(delivery: delivery, post: post, place: try plan.placement.place(for: post), root: plan.root)
        } catch {
            return settle(Status(403, error.description), post)
        }
        notices += shortfall(of: post)
        guard let source else { return .work(job) }
        if standing == .held { return .later(job, 60) }
        return admit(job, source, quota, isRetried: isRetried)
    }

    private func admit(_ job: Job, _ source: String, _ quota: UserRecord.Quota, isRetried: Bool) -> Consideration {
        var job = job
        let tag = job.delivery.tag
        switch quota.bytes == nil && quota.files == nil
            ? .admitted : disk.admit(tag, of: source, DiskNeed(job, isCarried: isCarried(job.post), lock: plan.lock), quota)
        {
        case .admitted:
            if case .file(let parts?, _) = job.post.event { paces.use(source, bytes: parts.length) }
            job.room = disk.room(of: tag)
            return .work(job)
        case .never,
            .full where discardsOverQuota:
            return settle(Status(413, "\(source) may have \(quota.diskInWords) here, and has them"), job.post)
        case .full:
            tellHold(source, "it may have \(quota.diskInWords) here, and has them", job.post)
            return isRetried ? .later(job, 60) : .requeue
        }
    }

    /// Whether the block of a post is carried through by itself.
    private func isCarried(_ post: Post) -> Bool { post.block.flatMap { plan.flight?.concerns($0) } ?? false }

    /// Says to the log and to the source that its posts wait; again only after a while, however often that is found.
    func tellHold(_ source: String, _ why: String, _ post: Post) {
        let now = Monotonic.now()
        if let told = heldIsTold[source], now - told < Self.silence { return }
        heldIsTold[source] = now
        log.warning("\(source) is held: \(why)", ["source": source])
        let status = Status(507, "\(source) is held: \(why); this post and later ones wait")
        notices += plan.reporter?.report(status, on: post, seconds: 0) ?? []
    }

    /// Seconds after which a source that is held, or held again, hears of it again.
    private static let silence = 600.0

    private func refuse(unreadable delivery: Delivery, _ error: MessageError) -> Consideration {
        log.warning("a message that cannot be read is dropped (\(delivery.which())): \(error)")
        var outcome = Outcome(.failed)
        if plan.readsSources {
            let post = Post(unreadable: delivery, of: Admission.sender(of: delivery), at: plan.cluster)
            outcome.reports = plan.reporter?.report(Status(417, error.text), on: post, seconds: 0) ?? []
        }
        return .settled(outcome)
    }

    func settle(_ status: Status, _ post: Post) -> Consideration { .settled(settled(status, post)) }

    private func settled(_ status: Status, _ post: Post) -> Outcome {
        log.warning("\(post.location.url): \(status.code) \(status.message)", ["source": post.source ?? ""])
        var outcome = Outcome(.failed)
        outcome.reports = plan.reporter?.report(status, on: post, seconds: 0) ?? []
        return outcome
    }
}

extension SaraIntake {
    /// See `Intake`.
    public func connected(wake: @escaping @Sendable () -> Void) {
        plan.usage?.watch(wake)
        disk.forgetComing()
        guard control != nil else { return }
        // What is read again from the beginning is no news.
        isCaughtUp = false
        plan.sources.beginReading()
        plan.routes?.beginReading()
        plan.privates?.beginReading()
    }

    /// See `Intake`.
    public func caughtUp() {
        isCaughtUp = true
        if plan.sources.endReading() { log.warning(ControlMessage.streamIsEmpty) }
        plan.privates?.endReading()
        plan.routes?.endReading()
    }

    /// See `Intake`.
    public var queueVersion: Int { plan.sources.version + (plan.usage?.version ?? 0) + disk.version }

    /// See `Intake`. Those of sources that are open, and within their quotas on disk as far as that is known.
    public func queues() -> [WantedQueue] {
        guard let queuesOfSources else { return [] }
        let sources = plan.sources.consumed
        let quotas = sources.map { ($0, plan.sources.quota(of: $0)) }
        plan.usage?.measure(quotas.filter { $1.bytes != nil || $1.files != nil }.map(\.0))
        let open = quotas.filter { disk.isOpen($0, $1) }
        noteHolds(sources, open.map(\.0))
        return open.map { source, _ in
            WantedQueue(plan: queuesOfSources.plan(of: source), isRequired: queuesOfSources.configured.contains(source))
        }
    }

    /// A source that is not open is held, unless it is just being measured.
    private func noteHolds(_ sources: [String], _ open: [String]) {
        let closed = Set(sources).subtracting(open).filter { plan.usage?.usage(of: $0) != nil }
        for source in overQuota.subtracting(closed) { log.notice("\(source) is taken in again", ["source": source]) }
        overQuota = closed
    }

    /// See `Intake`.
    public func holds() -> Set<String> {
        guard let queuesOfSources else { return [] }
        return Set(overQuota.map(queuesOfSources.hold(of:)))
    }

    /// See `Intake`.
    public var held: [String] { overQuota.union(plan.sources.stopped).sorted() }

    /// See `Intake`.
    public func takeNotices() -> [Outgoing] {
        defer { notices.removeAll() }
        return notices
    }

    /// See `Intake`.
    public func finished(_ job: Job) { disk.finished(job.delivery.tag) }

    /// See `Intake`.
    public func waitsOnBroker(_ job: Job) {
        if plan.readsSources, let source = job.post.source { plan.usage?.addWaiting(source, 1) }
    }

    /// See `Intake`.
    public func announcement(of job: Job) -> Outgoing? {
        // All ways of it differ in little: the first stands for them.
        (try? plan.outgoing(plan.announced(job.post, at: job.place)))?.first
    }

    /// See `Intake`.
    public func refuse(_ job: Job, _ why: String) -> Outcome {
        settled(Status(413, "it cannot be announced: \(why)"), job.post)
    }

    /// See `Intake`. What could not be foreseen is also kept for the administrator, where this program routes reports.
    public func reports(insteadOf outgoing: Outgoing, _ why: String) -> [Outgoing] {
        guard let reporter = plan.reporter, var post = try? PostCodec.decode(outgoing.message) else { return [] }
        let isRetry = outgoing.lane == .retries
        if isRetry, plan.readsSources {
            // As it came: whose it is says the exchange, not the message.
            post.source = outgoing.message.headers[RetryQueues.Header.exchange].flatMap(ExchangeName.owner(ofPosts:))
            post.fromCluster = plan.cluster
        }
        let status =
            isRetry ? Status(499, "it cannot wait for another try: \(why)") : Status(413, "it cannot be announced: \(why)")
        let reports = reporter.report(status, on: post, seconds: 0)
        guard case .route = reporter.way else { return reports }
        return reports + [ReportRouter.setAside(outgoing, why)]
    }
}
