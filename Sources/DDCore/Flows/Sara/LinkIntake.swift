/// What dd_sara needs beside its main pump, each a pump with a thread of its own. For a link: the control stream of its own switch, which says
/// what lies behind this switch's own links, and the reports that wait here for the switch that the posts come from.
public enum LinkParts {
    /// The pump that tells `flight` of the reports of the next switches.
    public static func flight(_ options: SaraOptions, _ flight: FlightLimit, _ stop: StopSignal) throws -> Pump {
        let settings = PumpSettings(flightOf: options)
        return try Pump(settings, intake: FlightIntake(flight), stop: stop, log: options.common.log)
    }

    /// The pump that keeps `routes` up to date.
    public static func routes(
        _ options: SaraOptions, _ routes: RouteTable, _ privates: PrivateAccess?, _ stop: StopSignal
    ) throws -> Pump {
        var settings = PumpSettings(source: BrokerSettings(options.outlet.broker, options.common), queues: [])
        settings.control = QueueName.control(feeder: options.outlet.broker.user)
        settings.patience = options.common.wait?.inSeconds
        return try Pump(
            settings, intake: RouteIntake(routes, privates, log: options.common.log), stop: stop, log: options.common.log)
    }

    /// The pump that carries reports back over the link to `cluster`.
    public static func reports(_ options: SaraOptions, to cluster: String, _ stop: StopSignal) throws -> Pump {
        var plan = QueuePlan(name: QueueName.reports(to: cluster, feeder: options.outlet.broker.user))
        plan.isProvided = true
        var settings = PumpSettings(source: BrokerSettings(options.outlet.broker, options.common), queues: [plan])
        settings.reports = BrokerSettings(options.intake.broker, options.common)
        settings.patience = options.common.wait?.inSeconds
        let intake = ReturningReports(exchange: ExchangeName.posts(of: options.intake.broker.user), log: options.common.log)
        return try Pump(settings, intake: intake, stop: stop, log: options.common.log)
    }
}

/// Keeps a `RouteTable`, and who may fetch private data, as the control stream tells it.
final class RouteIntake: Intake {
    private let routes: RouteTable
    private let privates: PrivateAccess?
    private let log: Log

    init(_ routes: RouteTable, _ privates: PrivateAccess?, log: Log) {
        (self.routes, self.privates, self.log) = (routes, privates, log)
    }

    func consider(_ delivery: Delivery) -> Consideration {
        do {
            let user = try ControlMessage(delivery).user
            routes.apply(user)
            privates?.apply(user)
            return .settled(Outcome(.done))
        } catch {
            log.error("a control message is not followed (\(delivery.which())): \(error)")
            return .settled(Outcome(.passed))
        }
    }

    func connected(wake: @escaping @Sendable () -> Void) {
        routes.beginReading()
        privates?.beginReading()
    }

    /// Accounts first: once the routes are known, posts are taken.
    func caughtUp() {
        privates?.endReading()
        routes.endReading()
    }
}

/// Publishes reports on the exchange of this switch's account at another switch. They were checked when they were put into the queue; what they
/// say is not changed here.
final class ReturningReports: Intake {
    private let exchange: String
    private let log: Log

    init(exchange: String, log: Log) { (self.exchange, self.log) = (exchange, log) }

    func consider(_ delivery: Delivery) -> Consideration {
        guard delivery.defect == nil, (try? ReportCodec.decode(delivery.message)) != nil else {
            log.error("what is no report waits for the link and is dropped (\(delivery.which()))")
            return .settled(Outcome(.failed))
        }
        var outcome = Outcome(.done)
        outcome.reports = [Outgoing(delivery.message, to: exchange, lane: .reports, ifMissing: .wait)]
        return .settled(outcome)
    }
}
