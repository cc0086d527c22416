import Glibc

/// `dd_post --trace_route`: sends a probe to other switches and shows what each on the way says.
public final class RouteTrace {
    private let options: PostOptions
    private let stop: StopSignal
    private var output = OutputLines()

    /// A trace to `options.tracedRoute`.
    public init(_ options: PostOptions, stop: StopSignal) { (self.options, self.stop) = (options, stop) }

    /// Sends the probe, writes a line for each switch as it answers, and returns the exit status: 0 when all clusters named were reached.
    public func run() throws -> Int32 {
        let user = options.broker.user
        let patience = options.common.wait?.inSeconds
        let broker = BrokerSettings(options.broker, options.common)
        let queue = QueuePlan(reportsFor: user, of: "dd_post", from: ExchangeName.reports(of: user))
        var settings = PumpSettings(source: broker, queues: [queue])
        settings.announcements = broker
        settings.exitIdle = patience
        settings.ignoresSkippedWhenIdle = true
        settings.patience = patience
        let probe = try ProbeIntake(options) { [unowned self] in show($0) }
        let pump = try Pump(settings, intake: probe, stop: stop, log: options.common.log)
        _ = try pump.run()
        if let signal = stop.number { return ExitStatus.signal(signal) }
        for name in probe.awaited.sorted() {
            options.common.log.error("no word from \(name): it is not known how far the way goes")
        }
        for name in probe.passed.subtracting(probe.heard).sorted() {
            options.common.log.error("no word from \(name), which it has passed")
        }
        return probe.isAnswered && !probe.hasFailed ? ExitStatus.done : ExitStatus.failed
    }

    private func show(_ report: Report) {
        let name = ReportText.cluster(report.user) ?? report.post.fromCluster ?? report.user
        let time = Int((report.seconds * 1000).rounded())
        output.write(LogLine.plain("\(report.code) \(name) \(time)ms \(report.message)") + "\n")
        output.flush()
    }
}

/// Sends one probe and takes the reports about it.
final class ProbeIntake: Intake {
    /// Clusters that have not answered.
    private(set) var awaited: Set<String>
    /// Switches that the probe has passed, as those behind them say: their own word may come later.
    private(set) var passed: Set<String> = []
    /// Switches that have answered.
    private(set) var heard: Set<String> = []
    /// Some switch has said that it goes no further.
    private(set) var hasFailed = false
    let relpath: String
    private var notices: [Outgoing] = []
    private let show: (Report) -> Void

    init(_ options: PostOptions, show: @escaping (Report) -> Void) throws {
        self.show = show
        awaited = Set(options.tracedRoute).subtracting([RouteTable.all])
        awaitsAll = awaited.count < Set(options.tracedRoute).count
        relpath = ".trace_route/" + String(UInt64.random(in: .min ... .max), radix: 16)
        // Old switches and clients take it for the removal of a file that is not there.
        var post = Post(time: .now(), location: Location(base: "file:///", relpath: relpath), event: .removed)
        post.isProbe = true
        post.toClusters = options.tracedRoute
        let message = try PostCodec.encode(post, topicPrefix: options.announcement.topicPrefix)
        notices = [Outgoing(message, to: options.exchange, lane: .announcements, ifMissing: .wait)]
    }

    /// Whether all clusters that there are were asked: how many that is nobody knows here.
    private let awaitsAll: Bool

    /// Whether there is a word from each cluster named, and from each switch before them.
    var isAnswered: Bool { awaited.isEmpty && passed.isSubset(of: heard) }

    var isSatisfied: Bool { !awaitsAll && isAnswered }

    func takeNotices() -> [Outgoing] {
        defer { notices.removeAll() }
        return notices
    }

    func consider(_ delivery: Delivery) -> Consideration {
        guard delivery.defect == nil, let report = try? ReportCodec.decode(delivery.message),
            (report.post.postedAs ?? report.post.location.relpath) == relpath
        else { return .settled(Outcome(.passed)) }
        show(report)
        let name = ReportText.cluster(report.user) ?? report.post.fromCluster
        passed.formUnion(report.post.via)
        if let name { heard.insert(name) }
        switch report.code {
        // It ends there: all names that it was to care for mean this switch.
        case 201: awaited.subtract(report.post.toClusters)
        case 202: break
        default:
            hasFailed = true
            awaited.subtract(report.post.toClusters)
        }
        if let name, report.code == 201 || report.message.hasPrefix("reached") { awaited.remove(name) }
        return .settled(Outcome(.done))
    }
}
