/// Validates and routes reports on the pump's thread: is the sender the one that the exchange belongs to, and is it about something that is
/// here? Then the report goes onto `xlog`, and to the source that it concerns. What has no way there is kept on `xunrouted`, counted, and
/// logged. Each user's reports come by a queue of their own.
public final class ReportIntake: Intake {
    private let router: ReportRouter
    private let subjects: ReportSubjects
    private let feeder: String
    private let queueType: QueueType
    private let rate: Int64
    private let log: Log
    private var users: UserTable
    private var isCaughtUp = false
    private var paces: [String: Pace] = [:]
    private var counts: ReportCounts

    /// An intake for the switch that the options describe.
    public init(_ options: RoutingOptions) {
        router = ReportRouter(cluster: options.cluster)
        subjects = ReportSubjects(urls: options.urls, root: options.documentRoot, onlyHere: options.onlyHere)
        feeder = options.broker.user
        queueType = options.queueType
        rate = options.rate
        log = options.common.log
        users = UserTable(options.users)
        counts = ReportCounts(now: Monotonic.now())
    }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        defer { counts.summary(now: Monotonic.now()).map { log.warning($0) } }
        if delivery.queue == QueueName.control(feeder: feeder) { return take(order: delivery) }
        guard let owner = Admission.sender(of: delivery) else {
            return refuse(delivery, "not sent by the exchange's owner", delivery.which())
        }
        let wait = pace(of: owner, delivery.message.body.utf8.count)
        if wait > 0 { return .wait(wait) }
        do {
            if let defect = delivery.defect { throw MessageError(.text, defect) }
            var report = try ReportCodec.decode(delivery.message)
            let link = users.link(of: owner)
            // Who consumed is who sent the report, whatever it says; beyond a link the other switch says who it was.
            report.user = link.map { Self.name(report.user, owner, at: $0) } ?? owner
            return route(report, try ReportCodec.encode(report), from: link)
        } catch {
            return refuse(delivery, "\(owner): it cannot be read", "\(delivery.which()): \(error)")
        }
    }

    /// Who consumed at the switch `cluster`, or behind it.
    private static func name(_ user: String, _ owner: String, at cluster: String) -> String {
        user.utf8.elementsEqual(owner.utf8) || user.utf8.contains(UInt8(ascii: "@")) ? user : "\(user)@\(cluster)"
    }

    private func route(_ report: Report, _ message: WireMessage, from link: String?) -> Consideration {
        let about =
            link.map { beyond($0, report.post) } ?? subjects.fault(of: report.post, isRouted: router.upstream(report.post) != nil)
        let isOurs = report.post.fromCluster ?? router.cluster == router.cluster
        let fault = about ?? router.fault(of: report) ?? (isOurs ? stranger(report.post) : nil)
        var outcome = Outcome(.done)
        if let fault {
            note("\(report.user): \(fault)", report.post.location.url)
            outcome.result = .failed
        }
        outcome.reports = router.outgoing(report, message, fault: fault)
        return .settled(outcome)
    }

    /// Why the switch `cluster` has nothing to say about a post, or `nil`: only what went from here to it lies behind it.
    private func beyond(_ cluster: String, _ post: Post) -> String? {
        guard let here = post.via.firstIndex(of: router.cluster), post.via.first == post.fromCluster else {
            return "about what did not come from here"
        }
        let next = post.via.dropFirst(here + 1).first
        return next == nil || next == cluster ? nil : "about what did not go over the link to \(cluster)"
    }

    /// Whose exchange would have to be asked for: a consumer may make names up, thousands of them.
    private func stranger(_ post: Post) -> String? {
        guard let source = post.source, !users.has(source) else { return nil }
        return "there is no source \(source)"
    }

    /// Seconds until a report of `owner` may be considered; 0: now, and it is counted. A long one counts as several of 1 KiB.
    private func pace(of owner: String, _ bytes: Int) -> Double {
        let now = Monotonic.now()
        var pace = paces[owner] ?? Pace(rate: rate, now: now)
        let wait = pace.wait(now: now)
        if wait == 0 { pace.use(Double(bytes / 1024 + 1)) }
        paces[owner] = pace
        return wait
    }

    private func refuse(_ delivery: Delivery, _ kind: String, _ detail: String) -> Consideration {
        note(kind, detail)
        var outcome = Outcome(.failed)
        outcome.reports = [ReportRouter.unreadable(delivery, "\(kind): \(detail)")]
        return .settled(outcome)
    }

    private func note(_ kind: String, _ what: String) {
        if counts.count(kind) { log.warning("a report is not routed: \(kind) (\(what))") }
    }

    /// Says what has been counted since it was said last.
    public func finish() { counts.summary(now: .infinity).map { log.warning($0) } }

    private func take(order delivery: Delivery) -> Consideration {
        do {
            let order = try ControlMessage(delivery)
            users.apply(order.user)
            if isCaughtUp { log.info("\(order.by) says: \(order.action.rawValue)", ["user": order.user.name]) }
            return .settled(Outcome(.done))
        } catch {
            log.error("a control message is not followed (\(delivery.which())): \(error)")
            return .settled(Outcome(.passed))
        }
    }
}

extension ReportIntake {
    /// See `Intake`.
    public func connected(wake: @escaping @Sendable () -> Void) {
        // What is read again from the beginning is no news.
        isCaughtUp = false
        users.beginReading()
    }

    /// See `Intake`.
    public func caughtUp() {
        isCaughtUp = true
        if users.endReading() { log.warning(ControlMessage.streamIsEmpty) }
        // Who is gone need not be remembered.
        paces = paces.filter { users.has($0.key) }
    }

    /// See `Intake`.
    public var queueVersion: Int { users.version }

    /// See `Intake`.
    public func queues() -> [WantedQueue] {
        users.names.map { user in
            var plan = QueuePlan(name: QueueName.logRouting(feeder: feeder, user: user))
            plan.type = queueType
            plan.isBounded = true
            plan.bindings = ["v02.log.#", "v02.report.#"].map { Binding(exchange: ExchangeName.posts(of: user), topic: $0) }
            return WantedQueue(plan: plan, isRequired: false)
        }
    }
}

extension PostCodec {
    /// Reads a delivery's post; one whose text is not UTF-8 is a `MessageError`.
    static func decode(_ delivery: Delivery) throws(MessageError) -> Post {
        if let defect = delivery.defect { throw MessageError(.text, defect) }
        return try decode(delivery.message)
    }
}

extension PumpSettings {
    /// The pump that `dd_switch log2source` runs.
    public init(_ options: RoutingOptions) {
        let broker = BrokerSettings(options.broker, options.common)
        self.init(source: broker, queues: [])
        control = QueueName.control(feeder: options.broker.user)
        reports = broker
        patience = options.common.wait?.inSeconds
    }
}
