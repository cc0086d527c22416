import DDCore
import DDTransfer
import Glibc

/// `dd_sara`: acquires what is announced and announces it again.
public enum DDSara {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        ConfiguredProgram<SaraOptions>.main(cleanUp: cleanUp, fetcher: { TransportFetcher($0) }) { program in
            let options = program.options
            let log = options.common.log
            if options.explanation.isOn {
                return Program.printed(try Explainer(SaraPlan(options), options).text(options.explanation.locations))
            }
            try options.takeOverQuarantine()
            let stop = try StopSignal.install()
            if let flight = FlightLimit(options) {
                try follow("in_flight", LinkParts.flight(options, flight, stop), log)
            }
            let first = SaraPlan(options)
            let (routes, privates) = (first.routes, first.privates)
            if let cluster = options.routing.link, let routes {
                try follow("routes", LinkParts.routes(options, routes, privates, stop), log)
                try follow("reports to \(cluster)", LinkParts.reports(options, to: cluster, stop), log)
            }
            return try program.run(until: stop) { options in
                var plan = SaraPlan(options)
                // Those that are followed go on.
                if options.routing.link != nil, let routes { (plan.routes, plan.privates) = (routes, privates) }
                return try pump(options, plan, stop)
            }
        }
    }

    private static func cleanUp(_ options: SaraOptions) throws {
        if options.inFlight != nil {
            try Cleanup.delete([FlightIntake.queueName(options)], on: BrokerSettings(options.outlet.broker, options.common))
        }
        let queues = try SaraQueues(options)
        if queues.state?.isKnown != false {
            try Cleanup.delete(queues.own, on: BrokerSettings(options.intake.broker, options.common))
        }
        queues.state?.forget()
    }

    private static func pump(_ options: SaraOptions, _ plan: SaraPlan, _ stop: StopSignal) throws -> Pump {
        let log = options.common.log
        let queues = try SaraQueues(options)
        let intake = try SaraIntake(
            plan, queues, options.admission, expiry: try Expiry(plan, options), log: log)
        let settings = try AcquireSettings(options)
        let triggers = try Triggers(
            options.triggers, config: options.common.configuration ?? "", locks: options.common.programLocks, log: log)
        let quarantine = Quarantine(options.admission.quarantine)
        let patience = options.queue.retryTTL.inSeconds
        let servers = Servers(workers: options.parallel, tellsSources: options.intake.isFromSources)
        return try Pump(PumpSettings(options, queues), intake: intake, stop: stop, log: log, servers: servers) {
            SaraWorker(
                plan, settings, fetcher: WatchedFetcher(TransportFetcher(options.transfer), servers, log: log),
                triggers: triggers,
                quarantine: quarantine, patience: patience, log: log)
        }
    }

    /// Runs a pump beside the main one, on a thread with connections of its own; the program ends when it is refused.
    private static func follow(_ purpose: String, _ make: @autoclosure @escaping @Sendable () throws -> Pump, _ log: Log) throws {
        try Thread.start(for: purpose) {
            do {
                _ = try make().run()
            } catch {
                log.error("\(purpose): \(error)")
                Program.leave(Program.status(of: error))
            }
        }
    }
}
