import DDCore
import DDTransfer
import Glibc

/// `dd_sara`: acquires what is announced and announces it again.
@main
enum DDSara {
    static func main() {
        Program.leave(
            Program.run("dd_sara") { arguments, environment in
                switch try SaraOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_sara \(Program.version)\n")
                case .run(let options): try run(options)
                }
            })
    }

    private static func run(_ options: SaraOptions) throws -> Int32 {
        let queues = try SaraQueues(options)
        switch options.action {
        case .foreground: return try acquire(options, queues)
        case .cleanup:
            if let state = queues.state, !state.isKnown { return ExitStatus.done }
            try Cleanup.delete(
                queues.plans.filter { !$0.isProvided }.map(\.name) + (queues.retries?.plans.map(\.name) ?? []),
                on: BrokerSettings(options.intake.broker, options.common))
            queues.state?.forget()
            return ExitStatus.done
        }
    }

    private static func acquire(_ options: SaraOptions, _ queues: SaraQueues) throws -> Int32 {
        let stop = try StopSignal.install(reloads: false)
        let log = options.common.log
        let plan = SaraFlow.Plan(options)
        let reader = try SaraFlow.Reader(plan, log: log)
        let settings = AcquireSettings(options)
        let triggers = Triggers(options.triggers, config: options.common.configuration ?? "")
        let patience = options.queue.retryTTL.inSeconds
        let servers = Servers(workers: options.parallel)
        let pump = try Pump(PumpSettings(options, queues), intake: reader, stop: stop, log: log, servers: servers) {
            SaraFlow.Doer(
                plan, settings, fetcher: WatchedFetcher(CurlFetcher(), servers, log: log), triggers: triggers, patience: patience,
                log: log)
        }
        let tally = try pump.run()
        return tally.failed > 0 || tally.waiting > 0 ? ExitStatus.failed : ExitStatus.done
    }
}
