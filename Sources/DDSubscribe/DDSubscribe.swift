import DDCore
import DDTransfer
import Glibc

/// `dd_subscribe`: fetches what is announced.
@main
enum DDSubscribe {
    static func main() {
        Program.leave(
            Program.run("dd_subscribe") { arguments, environment in
                switch try SubscribeOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_subscribe \(Program.version)\n")
                case .run(let options): try run(options)
                }
            })
    }

    private static func run(_ options: SubscribeOptions) throws -> Int32 {
        let state = try QueueState(user: options.broker.user, common: options.common, chosen: options.queue.name)
        switch options.action {
        case .foreground: return try follow(options, state)
        case .cleanup:
            guard state.isKnown else { return ExitStatus.done }
            let settings = try PumpSettings(options, state, reports: false)
            try Cleanup.delete(settings.queues.map(\.name) + (settings.retries?.plans.map(\.name) ?? []), on: settings.source)
            state.forget()
            return ExitStatus.done
        }
    }

    private static func follow(_ options: SubscribeOptions, _ state: QueueState) throws -> Int32 {
        let stop = try StopSignal.install(reloads: false)
        let log = options.common.log
        let reporter = options.logBack && options.mode != .notifyOnly ? Reporter(options) : nil
        var output = OutputLines()
        if options.mode == .notifyOnly { OutputLines.leaveWithReader() }
        let reader = try SubscribeFlow.Reader(SubscribeFlow.Plan(options, reporter), log: log) { post in
            output.write(post.location.encodedURL + "\n")
            output.flush()
            // Nobody reads any more: what could not be printed stays in the queue.
            if output.isClosed { Program.leave(ExitStatus.done) }
        }
        let policy = FetchPolicy(allowed: options.allowedURLs, allowsLocal: options.broker.isLoopback)
        let settings = AcquireSettings(options)
        let triggers = Triggers(options.triggers, config: options.common.configuration ?? "")
        let patience = options.queue.retryTTL.inSeconds
        let fetches = options.mode != .notifyOnly
        let servers = Servers(workers: options.parallel)
        let makeWorker: @Sendable () -> any Worker = {
            SubscribeFlow.Doer(
                settings, fetcher: WatchedFetcher(CurlFetcher(), servers, log: log), policy: policy, triggers: triggers,
                reporter: reporter, patience: patience,
                log: log)
        }
        let pump = try Pump(
            try PumpSettings(options, state, reports: reporter != nil), intake: reader, stop: stop, log: log, servers: servers,
            makeWorker: fetches ? makeWorker : nil)
        let progress = Progress(isShown: fetches)
        pump.progress = { progress.show($0) }
        let tally = try pump.run()
        progress.finish(tally)
        return tally.failed > 0 || tally.waiting > 0 ? ExitStatus.failed : ExitStatus.done
    }
}
