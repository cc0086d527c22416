import DDCore
import DDTransfer
import Glibc

/// `dd_sender`: puts what is announced to another server.
public enum DDSender {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        ConfiguredProgram<SenderOptions>.main(cleanUp: deleteQueues, fetcher: { TransportFetcher($0) }) { program in
            let options = program.options
            if !options.explanation.locations.isEmpty {
                return Program.printed(try explainer(options).text(options.explanation.locations))
            }
            let stop = try StopSignal.install()
            if options.explanation.isOn {
                try OutputLines.leaveWithReader()
                defer { forgetLook(options) }
                return try program.run(until: stop) { try look($0, stop) }
            }
            return try program.run(until: stop) { try pump($0, stop) }
        }
    }

    private static func explainer(_ options: SenderOptions) throws -> Explainer {
        try Explainer(SubscribePlan(options, nil), root: String(options.destination.dropLast()))
    }

    /// The pump of a look: what comes is explained.
    private static func look(_ options: SenderOptions, _ stop: StopSignal) throws -> Pump {
        let (explainer, printer) = (try explainer(options), PostPrinter(options.common.log))
        let intake = ExplainIntake(log: options.common.log) { printer.print(explainer.text($0)) }
        return try Pump(PumpSettings(options, reports: false), intake: intake, stop: stop, log: options.common.log)
    }

    /// Deletes the queue of a look; where the broker is away it expires.
    private static func forgetLook(_ options: SenderOptions) {
        guard let settings = try? PumpSettings(options, reports: false) else { return }
        try? Cleanup.delete(settings.queues.map(\.name), on: settings.source)
    }

    private static func pump(_ options: SenderOptions, _ stop: StopSignal) throws -> Pump {
        let log = options.common.log
        let reporter = options.logBack ? Reporter(options) : nil
        let intake = try SubscribeIntake(SubscribePlan(options, reporter), log: log) { _ in }
        let servers = Servers(workers: options.parallel)
        let share = try DescriptorShare(parallel: options.parallel)
        let makeWorker: @Sendable () -> any Worker = {
            SenderWorker(
                options, share, fetcher: WatchedFetcher(TransportFetcher(options.transfer), servers, log: log),
                sender: TransportSender.make(options.destination, options.transfer), servers: servers, reporter: reporter)
        }
        let pump = try Pump(
            PumpSettings(options, reports: reporter != nil), intake: intake, stop: stop, log: log, servers: servers,
            makeWorker: makeWorker)
        pump.introduces = true
        return pump
    }

    private static func deleteQueues(_ options: SenderOptions) throws {
        let state = try QueueState(user: options.source.broker.user, common: options.common, chosen: options.queue.name)
        if state.isKnown {
            let settings = try PumpSettings(options, reports: false)
            try Cleanup.delete(settings.queues.map(\.name) + (settings.retries?.plans.map(\.name) ?? []), on: settings.source)
        }
        state.forget()
    }
}
