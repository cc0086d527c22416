/// Decodes reports and hands on those that are wanted; nothing is published.
public final class LogIntake: Intake {
    private let log: Log
    private let selection: ReportSelection
    private let show: (Report) -> Void

    /// An intake that hands each report of the selection to `show`.
    public init(_ selection: ReportSelection, log: Log, show: @escaping (Report) -> Void) {
        self.log = log
        self.selection = selection
        self.show = show
    }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        do {
            if let defect = delivery.defect { throw MessageError(.text, defect) }
            let report = try ReportCodec.decode(delivery.message)
            guard selection.includes(report) else { return .settled(Outcome(.passed)) }
            show(report)
            return .settled(Outcome(.done))
        } catch {
            log.warning("a report that cannot be read is passed over (\(delivery.which())): \(error)")
            return .settled(Outcome(.passed))
        }
    }
}

/// Which reports dd_log shows. For one thread: it may own a compiled pattern.
public struct ReportSelection {
    private let path: String?
    private let pattern: Pattern?

    /// Those about one path.
    public init(about path: String) {
        self.path = String(path.drop { $0 == "/" })
        pattern = nil
    }

    /// What dd_log's options ask for.
    public init(_ options: LogOptions) throws(ConfigError) {
        path = (options.trace ?? options.pattern).map { String($0.drop { $0 == "/" }) }
        pattern = try options.trace == nil ? options.pattern.map { (text) throws(ConfigError) in try Pattern(text) } : nil
    }

    /// Whether the report is about the path: as its source posted it, or as any switch calls it; or about one the pattern matches.
    public func includes(_ report: Report) -> Bool {
        guard let path else { return true }
        let names = [report.post.postedAs, report.post.location.relpath].compactMap { $0 }
        if names.contains(path) { return true }
        guard let pattern else { return false }
        return (names + [report.post.location.url]).contains { pattern.match($0) == .match }
    }
}

extension PumpSettings {
    /// The pump that dd_log's options ask for: what comes from now on by a queue that ends with the program, or what the stream keeps.
    public init(_ options: LogOptions) {
        let user = options.broker.user
        let broker = BrokerSettings(options.broker, options.common)
        if options.trace != nil || options.since != nil {
            self.init(reportsKeptFor: user, since: options.since, on: broker)
        } else {
            let queue = QueuePlan(reportsFor: user, of: "dd_log", from: options.exchange, topicPrefix: options.topicPrefix)
            self.init(source: broker, queues: [queue])
            ignoresSkippedWhenIdle = true
        }
        // Only a trace is over when the stream has been read to its end.
        exitIdle = options.exitIdle?.inSeconds ?? (options.trace == nil ? nil : exitIdle)
        patience = options.common.wait?.inSeconds
    }

    /// The reports that the switch keeps for `user`, of the last time `since` or all of them, until no more come for a second.
    public init(reportsKeptFor user: String, since: Duration? = nil, on broker: BrokerSettings) {
        var queue = QueuePlan(name: QueueName.reports(of: user))
        queue.isProvided = true
        queue.streamOffset = since.map { .since(seconds: Timestamp.now().seconds - Int64($0.inSeconds)) } ?? .first
        self.init(source: broker, queues: [queue])
        ignoresSkippedWhenIdle = true
        // The stream has been read to its end then.
        exitIdle = 1
    }
}

extension QueuePlan {
    /// A queue of `program` for the reports that come from now on, which ends with its connection.
    init(reportsFor user: String, of program: String, from exchange: String, topicPrefix: String = "v02.log") {
        let id = String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
        self.init(name: QueueName.make(user: user, program: program, config: "follow", id: id))
        isTemporary = true
        let prefixes = topicPrefix == "v02.log" ? ["v02.log", "v02.report"] : [topicPrefix]
        bindings = prefixes.map { Binding(exchange: exchange, topic: "\($0).#") }
    }
}

/// How reports are written for people and for programs.
public enum ReportText {
    /// One line: when it was announced, code, who and where, how long it took, what, in words.
    public static func line(_ report: Report) -> String {
        LogLine.plain(
            "\(report.post.time.wire.prefix(18)) \(report.code) \(report.user)@\(report.host) \(milliseconds(report)) "
                + "\(report.post.location.url) \(report.post.location.withoutRepeating(report.message))") + "\n"
    }

    /// One JSON object on a line: strings, but for `code` and `seconds`, which are numbers, and `via` and `to_clusters`, lists of strings.
    public static func json(_ report: Report) -> String {
        let post = report.post
        var members: [JSONMember] = []
        func add(_ name: String, _ value: JSONValue) { members.append(JSONMember(name, value)) }
        add("time", .string(post.time.wire))
        add("code", .integer(Int64(report.code)))
        add("user", .string(report.user))
        add("host", .string(report.host))
        add("seconds", .number(report.seconds))
        add("url", .string(post.location.url))
        add("path", .string(post.location.relpath))
        add("message", .string(report.message))
        if let source = post.source { add("source", .string(source)) }
        if let cluster = post.fromCluster { add("from_cluster", .string(cluster)) }
        if let path = post.postedAs { add("posted_as", .string(path)) }
        if !post.toClusters.isEmpty { add("to_clusters", .array(post.toClusters.map { .string($0) })) }
        if !post.via.isEmpty { add("via", .array(post.via.map { .string($0) })) }
        return JSONValue.object(members).text + "\n"
    }

    /// The way of one file: for each announcement by its source, the steps in the order of the switches passed.
    public static func trace(_ reports: [Report]) -> String {
        var text = ""
        for time in Set(reports.map(\.post.time)).sorted() {
            let steps = reports.filter { $0.post.time == time }.sorted { $0.post.via.count < $1.post.via.count }
            guard let first = steps.first?.post else { continue }
            let name = first.postedAs ?? first.location.relpath
            text += LogLine.plain("\(name), announced \(time.wire.prefix(18)) by \(first.source ?? "?")") + "\n"
            for step in steps {
                let indent = String(repeating: "  ", count: step.post.via.count + 1)
                let what = "\(step.post.location.withoutRepeating(step.message)): \(step.post.location.url)"
                text += LogLine.plain("\(indent)\(step.code) \(who(step)) \(milliseconds(step)) \(what)") + "\n"
            }
            let missing = silent(steps)
            if !missing.isEmpty { text += LogLine.plain("  no word yet from \(missing.joined(separator: ", "))") + "\n" }
        }
        return text
    }

    /// Who did it, and where. Beyond a link a consumer is called by name and switch, and a switch that fetches from the next one `link_<name>`.
    private static func who(_ report: Report) -> String {
        if let cluster = cluster(report.user) { return "switch \(cluster) on \(report.host)" }
        return report.user.contains("@") ? "\(report.user) on \(report.host)" : "\(report.user)@\(report.host)"
    }

    /// The switch that an account `link_<cluster>` is of, here or (`link_<cluster>@…`) elsewhere.
    static func cluster(_ user: String) -> String? {
        guard user.hasPrefix(UserRecord.linkPrefix) else { return nil }
        return user.dropFirst(UserRecord.linkPrefix.count).split(separator: "@").first.map(String.init)
    }

    /// The clusters that the source named, as the first switch tells, and that have not said that they have the file.
    private static func silent(_ steps: [Report]) -> [String] {
        guard let first = steps.first(where: { $0.post.via.isEmpty }), let origin = first.post.fromCluster else { return [] }
        let reached = Set(steps.filter { 200..<400 ~= $0.code }.compactMap { cluster($0.user) } + [origin])
        return first.post.toClusters.filter { !reached.contains($0) && $0 != RouteTable.all }
    }

    private static func milliseconds(_ report: Report) -> String { "\(Int((report.seconds * 1000).rounded()))ms" }
}
