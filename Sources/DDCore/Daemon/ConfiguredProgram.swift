/// The way of all programs that work for a configuration: from the command line to the work of one process.
public struct ConfiguredProgram<Options: ConfiguredOptions> {
    /// As they were at the start.
    public let options: Options
    private let arguments: [String]
    private let environment: [String: String]
    /// The process's own record; `nil`: `status` does not see it.
    private let mark: InstanceMark?
    /// Where systemd started it, and wants to hear of it.
    private let notifier: SystemdNotifier?
    /// What its configuration includes from the web; `nil`: nothing.
    private let includes: IncludeRefresh?

    /// Whether it works in the foreground, and alone.
    public var isAlone: Bool { mark?.isKept != true }
    /// Whether it is the one of several that does what is to be done once.
    public var isFirst: Bool { mark?.isFirst != false }

    /// Does what the command line asks for, and ends the process. `cleanUp` deletes what stays on the broker, when nothing of the configuration
    /// runs; `nil` where nothing does. `fetcher` makes what fetches the texts that configurations include from the web; `nil`: none may be
    /// included. `work` is the work of one process, and returns its exit status.
    public static func main(
        cleanUp: ((Options) throws -> Void)?, fetcher: (@Sendable (TransferOptions) -> any Fetcher)? = nil,
        work: @escaping (ConfiguredProgram) throws -> Int32
    ) -> Never {
        let name = Options.table.program
        Program.leave(
            Program.run(name) { arguments, environment in
                let answer = try Daemon.answer(Options.table, arguments: arguments, environment: environment) { _ in
                    // A configuration that cannot be read is no reason not to say what runs.
                    guard case .run(let options)? = try? Options.load(arguments: arguments, environment: environment) else {
                        return ""
                    }
                    return options.statusText
                }
                if let answer { return answer }
                let includes = fetcher.flatMap {
                    IncludeRefresh(Options.table, arguments, environment, log: Program.log(name), $0)
                }
                includes?.refresh()
                switch try Options.load(arguments: arguments, environment: environment) {
                case .help(let text): return Program.printed(text)
                case .version: return Program.printed("\(name) \(Program.version)\n")
                case .run(let options):
                    Program.speak(as: options.common.log)
                    let daemon = try Daemon(options.common, Options.table, arguments: arguments)
                    if options.action == .cleanup, let cleanUp {
                        try daemon.refuseWhileRunning()
                        try cleanUp(options)
                        return ExitStatus.done
                    }
                    let load = { try Self.load(arguments, environment) ?? options }
                    return try daemon.perform(
                        options.action, instances: options.instances, isLook: options.isLook, reload: { try load().instances }
                    ) { mark in
                        // Of several processes, the one that keeps them speaks.
                        let notifier = mark?.isKept == true ? nil : SystemdNotifier(environment)
                        defer { notifier?.isEnding() }
                        return try work(
                            Self(
                                options: options, arguments: arguments, environment: environment, mark: mark, notifier: notifier,
                                includes: includes))
                    }
                }
            })
    }

    private static func load(_ arguments: [String], _ environment: [String: String]) throws -> Options? {
        guard case .run(let options) = try Options.load(arguments: arguments, environment: environment) else { return nil }
        return options
    }

    /// Tells `status` what the process does.
    public func says(_ state: WorkState) {
        mark?.says(state)
        notifier?.says(state)
    }

    private var tells: ((FlowFigures) -> Void)? {
        let expected = options.common.figures
        let spoken = expected.logged.map { SpokenFigures($0, options.common.log) }
        guard mark != nil || notifier != nil || spoken != nil else { return nil }
        let began = Timestamp.now().seconds
        return { figures in
            var figures = figures
            figures.expected = FlowFigures.Expected(
                since: began, deadline: expected.deadline?.components.seconds, minimum: expected.minimum)
            spoken?.tells(figures)
            mark?.tells(figures)
            notifier?.tells(figures)
        }
    }

    /// Runs what `make` builds, and again with each configuration that a SIGHUP brings; see `ReloadingRun`. What the process cannot change is
    /// said then.
    public func run(until stop: StopSignal, make: @escaping (Options) throws -> any ReloadableService) throws -> Int32 {
        let first = options
        let load = {
            includes?.refresh()
            guard let next = try Self.load(arguments, environment) else { return first }
            for line in Self.unchanged(from: first, to: next, isAlone: isAlone) { first.common.log.warning(line) }
            return next
        }
        // Its thread must not be there before `stop` keeps signals from threads.
        try includes?.watch(every: options.common.includeInterval.inSeconds)
        return try withExtendedLifetime(includes) {
            try ReloadingRun(stop: stop, load: load, make: make).run(
                options, says: says, tells: tells, log: options.common.log)
        }
    }

    /// What of `next` does not take effect in a process that was started with `first`, one line for each option.
    static func unchanged(from first: Options, to next: Options, isAlone: Bool) -> [String] {
        var (before, after) = (first.fixed, next.fixed)
        // In the background the number of instances is the keeper's matter, which reads it too.
        before.merge(first.common.figures.words) { $1 }
        after.merge(next.common.figures.words) { $1 }
        if isAlone { (before["instances"], after["instances"]) = ("\(first.instances)", "\(next.instances)") }
        return Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }.map {
            "\($0) is now '\(after[$0] ?? "not set")': that needs a restart, until then it stays '\(before[$0] ?? "not set")'"
        }
    }
}

extension FiguresOption {
    /// What is set of it, for people.
    fileprivate var words: [String: String] {
        var words: [String: String] = [:]
        words["log_figures"] = logged.map { "\($0)" }
        words["deadline"] = deadline.map { "\($0)" }
        words["minimum_rate"] = minimum.map { "\($0)" }
        return words
    }
}
