import Glibc

/// The actions on a configuration: work here, or in the background.
public struct Daemon {
    private let files: DaemonFiles
    private let arguments: [String]
    private let log: Log
    /// Instances wait for their broker for ever; otherwise one that has given up has ended.
    private let isPatient: Bool

    /// Seconds that `stop` waits, and `start` for the instances to be connected.
    private static let (stopLimit, startLimit) = (60.0, 10.0)

    /// The daemon of a configuration. `arguments` are those of the program without the action.
    private init(_ files: DaemonFiles, arguments: [String], log: Log, isPatient: Bool = true) {
        self.files = files
        self.arguments = arguments
        self.log = log
        self.isPatient = isPatient
    }

    /// The daemon of the configuration that was loaded from `arguments`.
    public init(_ common: CommonOptions, _ table: OptionTable, arguments: [String]) throws(ConfigError) {

        let files = DaemonFiles(
            program: common.program, configuration: common.configuration ?? "none", stateName: common.stateName,
            stateHome: common.stateHome)
        let parsed = try CommandLineParser(table).parse(arguments)
        let action = Set(parsed.operandIndices.dropFirst())
        let kept = arguments.enumerated().filter { !action.contains($0.offset) }.map(\.element)
        self.init(files, arguments: kept, log: common.log, isPatient: common.wait == nil)
    }

    /// Carries out `stop` and `status`, which need no configuration that can be read; `nil` when `arguments` ask for something else.
    /// `more` is written below a status.
    public static func answer(
        _ table: OptionTable, arguments: [String], environment: [String: String], more: (DaemonFiles) -> String = { _ in "" }
    ) throws -> Int32? {
        let parsed = try CommandLineParser(table).parse(arguments)
        guard !parsed.wantsHelp, !parsed.wantsVersion, parsed.operands.count == 2,
            // host:path DESTINATION, whatever the destination is called.
            !parsed.operands[0].contains(":") || Path.isFile(parsed.operands[0]),
            let action = try? Action.read(parsed.operands.dropFirst()), action == .stop || action == .status
        else { return nil }
        let name = ConfigPaths.name(of: parsed.operands[0])
        let paths = ConfigPaths(environment: environment)
        let files = DaemonFiles(
            program: table.program, configuration: name,
            stateName: paths.stateName(of: parsed.operands[0], folder: table.folder), stateHome: paths.stateHome)
        let daemon = Daemon(files, arguments: [], log: Log(program: table.program))
        return action == .stop ? daemon.stop() : daemon.status(more)
    }

    /// Carries out every other action but `cleanup`. `instances` are wanted; `reload` reads the configuration again and returns how many it
    /// wants then; `work` is the work of one process. `isLook`: `status` does not tell of it.
    public func perform(
        _ action: Action, instances: Int, isLook: Bool = false, reload: () throws -> Int, work: (InstanceMark?) throws -> Int32
    ) throws -> Int32 {
        switch action {
        case .start: return try start(instances)
        case .restart:
            let status = stop()
            return status == ExitStatus.done ? try start(instances) : status
        case .reload: return askToReload()
        case .instance(let number): return try work(try InstanceMark(files, number))
        case .foreground where instances == 1: return try work(isLook ? nil : InstanceMark(inForeground: files, log: log))
        case .foreground: return try keep(instances, inBackground: false, reload)
        case .keep: return try keep(instances, inBackground: true, reload)
        case .stop: return stop()
        case .status: return status { _ in "" }
        case .cleanup: return ExitStatus.usage
        }
    }

    /// Whether processes of this configuration run in the background, or several in the foreground.
    public var isRunning: Bool { PidFile.holder(of: files.keeper) != nil }

    /// Throws while it is: what it works with must not be taken away under it.
    public func refuseWhileRunning() throws(ConfigError) {
        guard isRunning else { return }
        throw ConfigError(.usage, "\(files.configuration) runs: stop it before its queue is deleted")
    }

    private func keep(_ count: Int, inBackground: Bool, _ reload: () throws -> Int) throws -> Int32 {
        let stop = try StopSignal.install()
        let first = try Program.again(files.program, arguments)
        let notifier = inBackground ? nil : SystemdNotifier(ProcessEnvironment.initial())
        let keeper = try InstanceKeeper(
            files, count: count, isPatient: isPatient, stop: stop, notifier: notifier, log: log
        ) { number in
            var launch = first
            launch.arguments += [Program.instanceWord, "\(number)"]
            if inBackground { (launch.output, launch.error) = (.append(files.log(number)), .append(files.log(number))) }
            return launch
        }
        guard let keeper else {
            log.error("\(files.configuration) runs already")
            return ExitStatus.failed
        }
        log.notice("\(files.configuration): \(count) instances are started")
        let status = keeper.run(reload: reload)
        log.notice("\(files.configuration): all instances have ended")
        return status
    }

    private func start(_ count: Int) throws -> Int32 {
        if let (process, _) = PidFile.holder(of: files.keeper) {
            return running(process)
        }
        try files.makeFolders()
        var launch = try Program.again(files.program, arguments + [Program.keepWord])
        launch.hasOwnSession = true
        (launch.output, launch.error) = (.append(files.log(0)), .append(files.log(0)))
        let child = try ChildProcess.start(launch)
        let end = Monotonic.now() + Self.startLimit
        while Monotonic.now() < end {
            if let status = child.pollStatus() {
                log.error("\(files.configuration) ended at once with status \(status): see \(files.log(0)) and \(files.log(1))")
                return status == ExitStatus.done ? ExitStatus.failed : status
            }
            let lines = files.instances()
            if lines.count == count, lines.allSatisfy({ $0.isReady }) { return ExitStatus.done }
            if let line = lines.first(where: { $0.ended != nil }), let status = line.ended {
                return withdraw(child, line, status)
            }
            usleep(20_000)
        }
        log.warning("\(files.configuration) is started and not connected yet: see \(files.log(1))")
        return ExitStatus.done
    }

    /// What a second `start` says: that it runs, and whether it works.
    private func running(_ process: ProcessHandle) -> Int32 {
        let lines = files.instances()
        let text = "\(files.configuration) runs already, as process \(process.pid)"
        guard let line = lines.first(where: { !$0.isReady }) else {
            log.notice("\(text)")
            return ExitStatus.done
        }
        log.warning("\(text), but instance \(line.number) \(line.text): see \(files.log(line.number))")
        return lines.contains(where: \.runs) ? ExitStatus.done : ExitStatus.failed
    }

    /// An instance ended at the start. What was refused, or is configured wrongly, does not become right by itself: nothing is left running.
    private func withdraw(_ child: ChildProcess, _ line: InstanceStatus, _ status: Int32) -> Int32 {
        let why = lastWords(line.number).map { ": \($0)" } ?? ""
        let log = "\(files.configuration): instance \(line.number) \(line.text)\(why) (see \(files.log(line.number)))"
        guard [ExitStatus.refused, ExitStatus.configuration, ExitStatus.usage].contains(status) else {
            self.log.error("\(log)")
            return status == ExitStatus.unavailable ? status : ExitStatus.failed
        }
        child.send(SIGTERM)
        let hasEnded = child.wait(seconds: Self.stopLimit) != nil
        self.log.error("\(log); \(hasEnded ? "nothing runs" : "the others have not ended yet")")
        return status
    }

    /// The last line of an instance's log, without the time and the program.
    private func lastWords(_ number: Int) -> String? {
        guard let line = (SmallFile.text(files.log(number)) ?? "").split(separator: "\n").last else { return nil }
        return LogLine.plain(String(line.firstRange(of: "\(files.program): ").map { line[$0.upperBound...] } ?? line))
    }

    private func stop() -> Int32 {
        guard let (process, _) = PidFile.holder(of: files.keeper) else {
            log.notice("\(files.configuration) does not run")
            return ExitStatus.done
        }
        process.send(SIGTERM)
        if process.waitForEnd(seconds: Self.stopLimit) { return ExitStatus.done }
        let left = files.instances().filter(\.runs).map { "instance \($0.number)" }.joined(separator: ", ")
        log.error(
            "\(files.configuration) has not ended after \(Int(Self.stopLimit)) s: \(left) still has transfers; "
                + "a second stop ends it at once, and the posts come again")
        return ExitStatus.failed
    }

    private func askToReload() -> Int32 {
        guard let (process, _) = PidFile.holder(of: files.keeper) else {
            log.error("\(files.configuration) does not run")
            return ExitStatus.failed
        }
        return process.send(SIGHUP) ? ExitStatus.done : ExitStatus.failed
    }

    private func status(_ more: (DaemonFiles) -> String) -> Int32 {
        let lines = files.instances()
        var text = lines.isEmpty ? "\(files.program) \(files.configuration): not running\n" : ""
        for line in lines { text += "\(files.program) \(files.configuration) \(line.number): \(line.text)\n" }
        _ = Program.printed(text + more(files))
        return lines.contains(where: \.runs) ? ExitStatus.done : ExitStatus.notRunning
    }
}
