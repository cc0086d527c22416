/// Brings the next hops' reports to the blocks that wait for them: tells a `FlightLimit` of each report that comes by; nothing is published.
public final class FlightIntake: Intake {
    private let limit: FlightLimit

    /// An intake for `limit`.
    public init(_ limit: FlightLimit) { self.limit = limit }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        if delivery.defect == nil, let report = try? ReportCodec.decode(delivery.message) { limit.note(report) }
        return .settled(Outcome(.passed))
    }

    /// The queue in which the reports of this switch wait: instances share it.
    public static func queueName(_ options: SaraOptions) -> String {
        QueueName.make(
            user: options.outlet.broker.user, program: options.common.program, config: options.common.stateName.word,
            id: "flight")
    }

    static func queue(_ options: SaraOptions) -> QueuePlan {
        var plan = QueuePlan(name: queueName(options))
        plan.expires = options.queue.expire.milliseconds
        plan.bindings = ["v02.log", "v02.report"].map { Binding(exchange: ExchangeName.log, topic: "\($0).#") }
        return plan
    }
}

extension PumpSettings {
    /// The pump that carries the reports about blocks in flight.
    public init(flightOf options: SaraOptions) {
        self.init(source: BrokerSettings(options.outlet.broker, options.common), queues: [FlightIntake.queue(options)])
        patience = options.common.wait?.inSeconds
    }
}

extension FlightLimit {
    /// What dd_sara's options ask for; `nil`: nothing.
    public init?(_ options: SaraOptions) {
        guard let inFlight = options.inFlight else { return nil }
        self.init(
            bytes: inFlight.size, hops: inFlight.hops, keep: inFlight.keep.inSeconds, root: options.documentRoot,
            url: options.outlet.url, lock: options.placement.lock)
    }
}
