import DDCore
import DDTransfer
import Glibc

/// `dd_sara`: acquires what is announced and announces it again.
@main
enum DDSara {
    static func main() {
        ConfiguredProgram<SaraOptions>.main(cleanUp: cleanUp) { program in
            try program.options.takeOverQuarantine()
            let stop = try StopSignal.install()
            if let flight = FlightLimit(program.options) { try follow(flight, program.options, stop) }
            return try program.run(until: stop) { try pump($0, stop) }
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

    private static func pump(_ options: SaraOptions, _ stop: StopSignal) throws -> Pump {
        let log = options.common.log
        let plan = SaraPlan(options)
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

    /// Reads the reports that let blocks go, on a thread with a connection of its own; the program ends when that is refused.
    private static func follow(_ flight: FlightLimit, _ options: SaraOptions, _ stop: StopSignal) throws {
        let log = options.common.log
        let settings = PumpSettings(flightOf: options)
        try Thread.start(for: "in_flight") {
            do {
                _ = try Pump(settings, intake: FlightIntake(flight), stop: stop, log: log).run()
            } catch {
                log.error("in_flight: \(error)")
                Program.leave(Program.status(of: error))
            }
        }
    }
}
