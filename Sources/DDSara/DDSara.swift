import DDCore
import DDTransfer
import Glibc

/// `dd_sara`: acquires what is announced and announces it again.
@main
enum DDSara {
    static func main() {
        Program.leave(
            Program.run("dd_sara") { arguments, environment in
                let answer = try Daemon.answer(SaraOptions.table, arguments: arguments, environment: environment) { _ in
                    // A configuration that cannot be read is no reason not to say what runs.
                    guard case .run(let options)? = try? SaraOptions.load(arguments: arguments, environment: environment)
                    else { return "" }
                    return IncompleteFile.report(below: [options.documentRoot], lock: options.placement.lock)
                        + OccupiedReport.text(options)
                }
                if let answer { return answer }
                switch try SaraOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): return Program.printed(text)
                case .version: return Program.printed("dd_sara \(Program.version)\n")
                case .run(let options): return try run(options, arguments, environment)
                }
            })
    }

    private static func run(_ options: SaraOptions, _ arguments: [String], _ environment: [String: String]) throws -> Int32 {
        Program.speak(as: options.common.log)
        options.takeOverQuarantine()
        let daemon = try Daemon(options.common, SaraOptions.table, arguments: arguments)
        func load() throws -> SaraOptions {
            guard case .run(let options) = try SaraOptions.load(arguments: arguments, environment: environment) else {
                return options
            }
            return options
        }
        if options.action == .cleanup { return try cleanUp(options, daemon) }
        return try daemon.perform(options.action, instances: options.instances, reload: { try load().instances }) { mark in
            let stop = try StopSignal.install()
            if let flight = FlightLimit(options) { try follow(flight, options, stop) }
            let run = ReloadingRun(stop: stop, load: load) { try pump($0, stop) }
            return try run.run(options, mark, log: options.common.log)
        }
    }

    private static func cleanUp(_ options: SaraOptions, _ daemon: Daemon) throws -> Int32 {
        try daemon.refuseWhileRunning()
        if options.inFlight != nil {
            try Cleanup.delete([FlightIntake.queueName(options)], on: BrokerSettings(options.outlet.broker, options.common))
        }
        let queues = try SaraQueues(options)
        if queues.state?.isKnown != false {
            try Cleanup.delete(queues.own, on: BrokerSettings(options.intake.broker, options.common))
        }
        queues.state?.forget()
        return ExitStatus.done
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
