import DDCore
import DDTransfer
import Glibc

/// `dd_subscribe`: fetches what is announced.
@main
enum DDSubscribe {
    static func main() {
        Program.leave(
            Program.run("dd_subscribe") { arguments, environment in
                let answer = try Daemon.answer(SubscribeOptions.table, arguments: arguments, environment: environment) { _ in
                    // A configuration that cannot be read is no reason not to say what runs.
                    guard case .run(let options)? = try? SubscribeOptions.load(arguments: arguments, environment: environment)
                    else { return "" }
                    return IncompleteFile.report(below: options.roots, lock: options.placement.lock)
                }
                if let answer { return answer }
                switch try SubscribeOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): return Program.printed(text)
                case .version: return Program.printed("dd_subscribe \(Program.version)\n")
                case .run(let options): return try run(options, arguments, environment)
                }
            })
    }

    private static func run(_ options: SubscribeOptions, _ arguments: [String], _ environment: [String: String]) throws -> Int32 {
        let daemon = try Daemon(options.common, SubscribeOptions.table, arguments: arguments)
        func load() throws -> SubscribeOptions {
            guard case .run(let options) = try SubscribeOptions.load(arguments: arguments, environment: environment) else {
                return options
            }
            return options
        }
        if options.action == .cleanup { return try cleanUp(options, daemon) }
        return try daemon.perform(options.action, instances: options.instances, reload: { try load().instances }) { mark in
            let stop = try StopSignal.install(reloads: !options.isRemote)
            if options.mode == .notifyOnly { OutputLines.leaveWithReader() }
            let progress = Progress(isShown: options.mode != .notifyOnly && mark == nil)
            defer { progress.finish() }
            let run = ReloadingRun(stop: stop, load: load) { try pump($0, stop, progress) }
            return try run.run(options, mark, log: options.common.log)
        }
    }

    private static func cleanUp(_ options: SubscribeOptions, _ daemon: Daemon) throws -> Int32 {
        try daemon.refuseWhileRunning()
        let state = try QueueState(options)
        if state.isKnown {
            let settings = try PumpSettings(options, state, reports: false)
            try Cleanup.delete(settings.queues.map(\.name) + (settings.retries?.plans.map(\.name) ?? []), on: settings.source)
        }
        state.forget()
        return ExitStatus.done
    }

    private static func pump(_ options: SubscribeOptions, _ stop: StopSignal, _ progress: Progress) throws -> Pump {
        let log = options.common.log
        let reporter = options.logBack && options.mode != .notifyOnly ? Reporter(options) : nil
        var output = OutputLines()
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
        let servers = Servers(workers: options.parallel)
        let makeWorker: @Sendable () -> any Worker = {
            SubscribeFlow.Doer(
                settings, fetcher: WatchedFetcher(CurlFetcher(), servers, log: log), policy: policy, triggers: triggers,
                reporter: reporter, patience: patience, log: log)
        }
        let pump = try Pump(
            try PumpSettings(options, try QueueState(options), reports: reporter != nil), intake: reader, stop: stop, log: log,
            servers: servers, makeWorker: options.mode == .notifyOnly ? nil : makeWorker)
        pump.progress = { progress.show($0) }
        return pump
    }
}
