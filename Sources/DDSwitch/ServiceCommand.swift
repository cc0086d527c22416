import DDCore
import Glibc

/// `dd_switch start`, `stop`, `restart`, `reload`, `status`: all configurations of this machine, or those that are named.
enum ServiceCommand {
    /// Configurations that are started at once.
    private static let parallel = 8
    /// Seconds for commands that were given before, for a start, for the end of what is stopped.
    private static let (turn, start, end) = (300.0, 60.0, 60.0)

    /// Runs the command in the program's arguments; the exit status.
    static func run(_ words: [String]) -> Int32 {
        Program.run("dd_switch") { _, environment in
            switch try ServiceOptions.load(words, environment: environment) {
            case .help(let text): return Program.printed(text)
            case .version: return Program.printed("dd_switch \(Program.version)\n")
            case .run(let options): return try run(options)
            case nil: return ExitStatus.usage
            }
        }
    }

    private static func run(_ options: ServiceOptions) throws -> Int32 {
        if options.verb == .status { return try ServiceScreen(options).run() }
        let turn = try ServiceTurn(options.paths.stateHome)
        let log = Log(program: "dd_switch")
        if !turn.comes(within: 0) { log.notice("another dd_switch starts or stops: this waits for it") }
        guard turn.comes(within: Self.turn) else {
            throw SwitchError("another dd_switch has not come to its end in \(Int(Self.turn)) s", status: ExitStatus.failed)
        }
        return try withExtendedLifetime(turn) {
            let list = try ServiceList(options.paths)
            let services = try list.named(options.names)
            if services.isEmpty {
                log.warning("there are no configurations in \(options.paths.configHomes.joined(separator: ", "))")
            }
            switch options.verb {
            case .start: return try start(services)
            case .restart: return try restart(services)
            case .stop: return tell(services, list.stop(services, seconds: end), "stopped")
            case .reload: return tell(services, list.reload(services), "asked to read its configuration again")
            case .status: return ExitStatus.usage
            }
        }
    }

    /// Some at a time; one that cannot be started holds up no other. What is wrong with it, its program says.
    private static func start(_ services: [ServiceList.Service]) throws -> Int32 {
        var (rest, running) = (services[...], [(ServiceList.Service, ChildProcess, Double)]())
        var status = ExitStatus.done
        while !rest.isEmpty || !running.isEmpty {
            while running.count < parallel, let service = rest.popFirst() {
                guard let child = try launch(service, "start") else {
                    status = max(status, ExitStatus.failed)
                    continue
                }
                running.append((service, child, Monotonic.now() + start))
            }
            running.removeAll { service, child, end in
                guard let ended = ended(child, by: end) else { return false }
                status = max(status, say(service, "started", ended))
                return true
            }
            usleep(5_000)
        }
        return status
    }

    /// One after the other, so that of several that share work only one is away at a time.
    private static func restart(_ services: [ServiceList.Service]) throws -> Int32 {
        var status = ExitStatus.done
        for service in services {
            guard let child = try launch(service, "restart") else {
                status = max(status, ExitStatus.failed)
                continue
            }
            let end = Monotonic.now() + start + Self.end
            var ended: Int32?
            while ended == nil {
                ended = Self.ended(child, by: end)
                usleep(5_000)
            }
            status = max(status, say(service, "started anew", ended ?? ExitStatus.failed))
        }
        return status
    }

    /// Its exit status; one that has not ended in time is given up.
    private static func ended(_ child: ChildProcess, by end: Double) -> Int32? {
        if let status = child.pollStatus() { return status }
        guard Monotonic.now() >= end else { return nil }
        child.send(SIGKILL)
        return ExitStatus.failed
    }

    private static func launch(_ service: ServiceList.Service, _ action: String) throws -> ChildProcess? {
        guard let path = service.path else {
            DDSwitch.complain("\(service.title) lies in another folder: \(service.program) FILE \(action)")
            return nil
        }
        return try ChildProcess.start(Programs.beside(service.program, [path, action]))
    }

    private static func say(_ service: ServiceList.Service, _ word: String, _ status: Int32) -> Int32 {
        if status == ExitStatus.done {
            _ = Program.printed("\(LogLine.plain(service.title)) \(word)\n")
        } else {
            DDSwitch.complain("\(service.title) is not \(word): \(service.program) ended with status \(status)")
        }
        return status
    }

    private static func tell(_ services: [ServiceList.Service], _ answers: [ServiceList.Answer], _ word: String) -> Int32 {
        var status = ExitStatus.done
        for (service, answer) in zip(services, answers) {
            switch answer {
            case .done: _ = Program.printed("\(LogLine.plain(service.title)) \(word)\n")
            case .absent: _ = Program.printed("\(LogLine.plain(service.title)) does not run\n")
            case .late:
                DDSwitch.complain(
                    "\(service.title) has not ended after \(Int(end)) s: a second stop ends it at once, and the posts come again")
                status = ExitStatus.failed
            }
        }
        return status
    }
}
