import DDCore
import DDTransfer
import Glibc

/// `dd_subscribe`: fetches what is announced.
public enum DDSubscribe {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        ConfiguredProgram<SubscribeOptions>.main(cleanUp: deleteQueues, fetcher: { TransportFetcher($0) }) { program in
            let options = program.options
            if !options.explanation.locations.isEmpty {
                return Program.printed(try explainer(options).text(options.explanation.locations))
            }
            let stop = try StopSignal.install(reloads: !options.isRemote)
            if !options.mode.fetches { try OutputLines.leaveWithReader() }
            let progress = try Progress(isShown: options.mode.fetches && program.isAlone)
            defer { progress.finish() }
            let isComplete = try !program.isFirst || walk(program, stop, progress)
            let status = try program.run(until: stop) { try service($0, stop, progress) }
            try leave(options)
            return status == ExitStatus.done && !isComplete ? ExitStatus.failed : status
        }
    }

    private static func explainer(_ options: SubscribeOptions) throws -> Explainer {
        try Explainer(try SubscribePlan(options, nil), root: options.directory)
    }

    private static func deleteQueues(_ all: SubscribeOptions) throws {
        unlink(all.copiesFile)
        for number in all.brokers.indices { try cleanUp(at: all.at(number)) }
    }

    private static func cleanUp(at options: SubscribeOptions) throws {
        let state = try QueueState(options)
        if state.isKnown {
            let settings = try PumpSettings(options, state, reports: false)
            try Cleanup.delete(settings.queues.map(\.name) + (settings.retries?.plans.map(\.name) ?? []), on: settings.source)
        }
        state.forget()
    }

    /// The configuration's queue; `nil` for a look, which has one of its own.
    private static func state(_ options: SubscribeOptions) throws -> QueueState? {
        options.look == nil ? try QueueState(options) : nil
    }

    /// Says what stays on the broker. The queue of a look that is over is deleted; where the broker is away it expires.
    private static func leave(_ options: SubscribeOptions) throws {
        guard options.look != nil else {
            guard options.isRemote else { return }
            let name = try QueueState(options).name
            let text = "the queue \(name) stays on the broker until it is unused for \(options.queue.expire.inWords)"
            return options.common.log.notice(
                "\(text): the same command goes on where this one ended, with '\(Action.cleanupWord)' behind it the queue is deleted"
            )
        }
        let settings = try PumpSettings(options, nil, reports: false)
        try? Cleanup.delete(settings.queues.map(\.name), on: settings.source)
    }

    /// One pump, or one for each of several brokers.
    private static func service(
        _ options: SubscribeOptions, _ stop: StopSignal, _ progress: Progress
    ) throws -> any ReloadableService {
        guard options.brokers.count > 1 else { return try pump(options, stop, progress) }
        let copies = try FirstCopies(options.look == nil ? options.copiesFile : nil)
        let members = options.brokers.indices.map { number in
            PumpGroup.Member("\(options.brokers[number])") { try pump(options.at(number), stop, progress, number, copies) }
        }
        return try PumpGroup(members, stop: stop, log: options.common.log)
    }

    private static func pump(
        _ options: SubscribeOptions, _ stop: StopSignal, _ progress: Progress, _ number: Int = 0, _ copies: FirstCopies? = nil
    ) throws -> Pump {
        let log = options.common.log
        let reporter = options.logBack && options.mode.fetches ? Reporter(options) : nil
        let intake = try intake(options, reporter) { (try? copies?.isFirst($0, from: number)) ?? true }
        let servers = Servers(workers: options.parallel)
        let makeSingle = try maker(options, reporter, progress) {
            WatchedFetcher(TransportFetcher(options.transfer), servers, log: log)
        }
        let makeWorker: @Sendable () -> any Worker = {
            guard let copies else { return makeSingle() }
            return FirstCopyWorker(makeSingle(), copies, broker: number, reporter: reporter, log: log)
        }
        let pump = try Pump(
            try PumpSettings(options, try state(options), reports: reporter != nil), intake: intake, stop: stop, log: log,
            servers: servers, makeWorker: options.mode.fetches ? makeWorker : nil)
        let glance = try FlowGlance(options)
        pump.introduces = true
        // Where others read the same queue, it may be they who get everything.
        if options.instances == 1 { pump.connectedFirst = { glance.start() } }
        pump.progress = { tally in
            progress.show(tally, by: number)
            if tally.received > 0 { glance.stop() }
        }
        return pump
    }

    /// What `--existing` asks for: the queue is made, then the index is walked. False when something on it could not be had.
    private static func walk(
        _ program: ConfiguredProgram<SubscribeOptions>, _ stop: StopSignal, _ progress: Progress
    ) throws -> Bool {
        let options = program.options
        guard let index = options.existing else { return true }
        let log = options.common.log
        let queue = try PumpSettings(options, try state(options), reports: false)
        guard try QueueSetup.declare(queue, stop: stop, log: log) else { return true }
        program.says(.connected)
        var settings = ExistingWalk.Settings(index: index, subtopics: options.subtopics, workers: options.parallel)
        settings.discards = options.mode == .discard
        let lister = FolderLister(
            fetcher: TransportFetcher(options.transfer), policy: policy(options), scratch: options.common.stateHome)
        let walk = try ExistingWalk(
            settings, lister: lister, intake: try intake(options, nil), stop: stop, log: log,
            makeWorker: options.mode.fetches
                ? try maker(options, nil, progress) { TransportFetcher(options.transfer) } : nil)
        walk.progress = { progress.show($0) }
        let tally = walk.run()
        log.notice("the index of \(index) is walked: \(tally.done) fetched, \(tally.passed) unchanged, \(tally.failed) failed")
        return tally.failed == 0
    }

    private static func policy(_ options: SubscribeOptions) -> FetchPolicy {
        FetchPolicy(allowed: options.allowedURLs, allowsLocal: options.broker.isLoopback)
    }

    /// Better printed twice than not at all: what is not known to be another copy is the first.
    private static func intake(
        _ options: SubscribeOptions, _ reporter: Reporter?, isFirst: @escaping (Post) -> Bool = { _ in true }
    ) throws -> any PostIntake {
        let printer = PostPrinter(options.common.log)
        if options.mode == .explain {
            let explainer = try explainer(options)
            return ExplainIntake(log: options.common.log) { if isFirst($0) { printer.print(explainer.text($0)) } }
        }
        return try SubscribeIntake(try SubscribePlan(options, reporter), log: options.common.log) { post in
            if isFirst(post) { printer.print(post.location.encodedURL + "\n") }
        }
    }

    private static func maker(
        _ options: SubscribeOptions, _ reporter: Reporter?, _ progress: Progress,
        _ makeFetcher: @escaping @Sendable () -> any Fetcher
    ) throws -> @Sendable () -> any Worker {
        let (settings, policy) = (try AcquireSettings(options), policy(options))
        let triggers = try Triggers(
            options.triggers, config: options.common.configuration ?? "", locks: options.common.programLocks,
            log: options.common.log)
        let (patience, log) = (options.queue.retryTTL.inSeconds, options.common.log)
        return {
            let fetcher = progress.isShown ? CountedFetcher(makeFetcher()) { progress.arrived($0) } : makeFetcher()
            return SubscribeWorker(
                settings, fetcher: fetcher, policy: policy, triggers: triggers, reporter: reporter, patience: patience,
                log: log)
        }
    }
}
