/// The way of a report through a switch: is the sender who he says, and is it about something that is here? Then onto `xlog`, and to the
/// source that it concerns. What is not let through is counted, and said.
public enum ReportFlow {
    /// Validates and routes on the pump's thread; nothing else is to be done.
    public final class Reader: Intake {
        private let router: ReportRouter
        private let subjects: ReportSubjects
        private let rate: Int64
        private let log: Log
        private var paces: [String: Pace] = [:]
        private var counts: ReportCounts

        /// A reader for the switch that `router` knows; `subjects` are what reports may be about, `rate` how many a user may send per
        /// second.
        public init(router: ReportRouter, subjects: ReportSubjects = ReportSubjects(), rate: Int64 = 5_000, log: Log) {
            self.router = router
            self.subjects = subjects
            self.rate = rate
            self.log = log
            counts = ReportCounts(now: Monotonic.now())
        }

        /// See `Intake`.
        public func consider(_ delivery: Delivery) -> Consideration {
            defer { counts.summary(now: Monotonic.now()).map { log.warning($0) } }
            guard let owner = Admission.sender(of: delivery) else {
                return refuse("on \(delivery.exchange), which its owner did not send", "not sent by the exchange's owner")
            }
            guard isInTime(owner) else {
                return refuse("of \(owner), who sends more than \(rate) per second", "\(owner): too many")
            }
            do {
                if let defect = delivery.defect { throw MessageError(.text, defect) }
                var report = try ReportCodec.decode(delivery.message)
                // Who consumed is who sent the report, whatever it says.
                report.user = owner
                let message = try ReportCodec.encode(report)
                var outcome = Outcome(.done)
                var exchanges = [ExchangeName.log]
                if let fault = subjects.fault(of: report.post) {
                    note(
                        "of \(owner) about \(report.post.location.url) stays on \(ExchangeName.log): \(fault)",
                        "\(owner): \(fault)")
                } else {
                    let onward = router.onward(report)
                    exchanges += onward
                    if onward.isEmpty {
                        let cluster = report.post.fromCluster ?? "an unknown source"
                        note("about data of \(cluster) stays on \(ExchangeName.log): no way there", "no way to \(cluster)")
                    }
                }
                outcome.reports = exchanges.map { Outgoing(message, to: $0, lane: .reports, onlyIfExchangeExists: true) }
                return .settled(outcome)
            } catch {
                return refuse("of \(owner) that cannot be read: \(error)", "\(owner): cannot be read")
            }
        }

        /// What has gathered while this was not running comes at once: a minute's worth of it is no flood.
        private func isInTime(_ owner: String) -> Bool {
            let now = Monotonic.now()
            var pace = paces[owner] ?? Pace(rate: rate, burst: 60, now: now)
            defer { paces[owner] = pace }
            guard pace.wait(now: now) == 0 else { return false }
            pace.use(1)
            return true
        }

        /// Says what has been counted since it was said last.
        public func finish() { counts.summary(now: .infinity).map { log.warning($0) } }

        private func refuse(_ what: String, _ kind: String) -> Consideration {
            note("\(what) is let go", kind)
            return .settled(Outcome(.failed))
        }

        private func note(_ what: String, _ kind: String) {
            if counts.count(kind) { log.warning("a report \(what)") }
        }
    }
}

/// What was not routed, by reason: the first few of a minute are said one by one, all of them in a summary.
struct ReportCounts {
    private var counts: [String: Int] = [:]
    private var began: Double

    private static let saidSingly = 5
    private static let kinds = 200

    init(now: Double) { began = now }

    /// Counts one; whether it is to be said by itself.
    mutating func count(_ kind: String) -> Bool {
        let kind = counts[kind] != nil || counts.count < Self.kinds ? kind : "other"
        counts[kind, default: 0] += 1
        return counts[kind, default: 0] <= Self.saidSingly
    }

    /// A line once a minute when there is something that was not said singly; then it is counted afresh.
    mutating func summary(now: Double) -> String? {
        guard now - began >= 60 else { return nil }
        defer {
            counts = [:]
            if now.isFinite { began = now }
        }
        let many = counts.filter { $0.value > Self.saidSingly }.sorted { $0.key < $1.key }
        guard !many.isEmpty else { return nil }
        return "reports not routed within a minute: " + many.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
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
        var plan = QueuePlan(name: options.queue)
        plan.isProvided = true
        let broker = BrokerSettings(options.broker, options.common)
        self.init(source: broker, queues: [plan])
        reports = broker
        patience = options.common.wait?.inSeconds
    }
}
