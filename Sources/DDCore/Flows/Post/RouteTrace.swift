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
        var post = ProbeIntake.post(".trace_route")
        (post.isProbe, post.toClusters) = (true, options.tracedRoute)
        let probe = try ProbeIntake(
            post, to: options.exchange, topicPrefix: options.announcement.topicPrefix, awaited: options.tracedRoute
        ) { [unowned self] in show($0) }
        let settings = PumpSettings(asking: options.broker, options.common)
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
        output.write(ProbeIntake.line(report))
        output.flush()
    }
}

extension PumpSettings {
    /// The pump of a program that asks switches something at `url`, and reads their reports as long as some come within its `wait`.
    init(asking url: BrokerURL, _ common: CommonOptions) {
        let broker = BrokerSettings(url, common)
        let queue = QueuePlan(reportsFor: url.user, of: common.program, from: ExchangeName.reports(of: url.user))
        self.init(source: broker, queues: [queue])
        announcements = broker
        patience = common.wait?.inSeconds
        exitIdle = patience
        ignoresSkippedWhenIdle = true
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

    /// Publishes `post` on `exchange`, and awaits the word of the switches `awaited`; `ALL` among them: of all that there are.
    init(
        _ post: Post, to exchange: String, topicPrefix: String = "v02.post", awaited names: [String],
        show: @escaping (Report) -> Void
    ) throws {
        self.show = show
        awaited = Set(names).subtracting([RouteTable.all])
        awaitsAll = awaited.count < Set(names).count
        relpath = post.location.relpath
        let message = try PostCodec.encode(post, topicPrefix: topicPrefix)
        notices = [Outgoing(message, to: exchange, lane: .announcements, ifMissing: .wait)]
    }

    /// Who answered, by the clock of that switch how long after the question, and what.
    static func line(_ report: Report) -> String {
        let time = Int((report.seconds * 1000).rounded())
        return LogLine.plain("\(report.code) \(name(report)) \(time)ms \(report.message)") + "\n"
    }

    /// The cluster of the switch that answered.
    static func name(_ report: Report) -> String { ReportText.cluster(report.user) ?? report.post.fromCluster ?? report.user }

    /// A post that is no file: old switches and clients take it for the removal of one that is not there. `folder` begins its path, by which
    /// its reports are known.
    static func post(_ folder: String) -> Post {
        let relpath = "\(folder)/" + String(UInt64.random(in: .min ... .max), radix: 16)
        return Post(time: .now(), location: Location(base: "file:///", relpath: relpath), event: .removed)
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
        case 201: awaited.subtract(report.post.toClusters + [PermitRequest.own])
        // It goes on; or more is said.
        case 200, 202: break
        default:
            hasFailed = true
            awaited.subtract(report.post.toClusters + [PermitRequest.own])
        }
        if let name, report.code == 201 || report.message.hasPrefix("reached") { awaited.remove(name) }
        return .settled(Outcome(.done))
    }
}
