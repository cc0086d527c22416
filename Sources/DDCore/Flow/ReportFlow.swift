/// The way of a report through a switch: is the sender who he says? Then onto `xlog`, and to the source that it concerns.
public enum ReportFlow {
    /// Validates and routes on the pump's thread; nothing else is to be done.
    public final class Reader: Intake {
        private let router: ReportRouter
        private let log: Log

        /// A reader for the switch that `router` knows.
        public init(router: ReportRouter, log: Log) {
            self.router = router
            self.log = log
        }

        /// See `Intake`.
        public func consider(_ delivery: Delivery) -> Consideration {
            guard let owner = ExchangeName.owner(ofPosts: delivery.exchange), !delivery.isDeadLettered,
                delivery.userID ?? owner == owner
            else {
                log.warning("a report on \(delivery.exchange) that its owner did not send is let go")
                return .settled(Outcome(.failed))
            }
            do {
                if let defect = delivery.defect { throw MessageError(.text, defect) }
                var report = try ReportCodec.decode(delivery.message)
                // Who consumed is who sent the report, whatever it says.
                report.user = owner
                let message = try ReportCodec.encode(report)
                var outcome = Outcome(.done)
                outcome.reports = ([ExchangeName.log] + router.onward(report)).map {
                    Outgoing(message, to: $0, lane: .reports, onlyIfExchangeExists: true)
                }
                return .settled(outcome)
            } catch {
                log.warning("a report of \(owner) that cannot be read is let go: \(error)")
                return .settled(Outcome(.failed))
            }
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
        var plan = QueuePlan(name: options.queue)
        plan.isProvided = true
        let broker = BrokerSettings(options.broker, options.common)
        self.init(source: broker, queues: [plan])
        reports = broker
        patience = options.common.wait?.inSeconds
    }
}
