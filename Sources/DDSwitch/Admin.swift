import DDCore
import DDTransfer
import Glibc

/// The commands for the administrator of a running broker: puts their parts together.
enum Admin {
    /// Runs the command in the program's arguments; the exit status.
    static func run() -> Int32 {
        Program.run("dd_switch") { words, environment in
            // Nagios knows 0 to 3 only: what cannot be read is UNKNOWN, whatever the command line looks like.
            let launch: Launch<AdminInvocation>?
            do throws(ConfigError) { launch = try AdminInvocation.launch(words) } catch {
                guard words.contains(AdminVerb.check.rawValue) else { throw error }
                return Examination.unknown("\(error)")
            }
            switch launch {
            case .help(let text): return Program.printed(text)
            case .version: return Program.printed("dd_switch \(Program.version)\n")
            case .run(let invocation): return try run(invocation, environment)
            case nil:
                let word = words.first { !$0.hasPrefix("-") } ?? words.joined(separator: " ")
                throw ConfigError(.usage, "unknown sub-command '\(Redaction.masked(word))' (see dd_switch help)")
            }
        }
    }

    /// `help COMMAND…`: what `COMMAND… --help` says.
    static func help(_ words: [String]) -> Int32 {
        switch words.first {
        case "log2source": return Log2Source.run(["--help"])
        case let word? where ServiceOptions.Verb(rawValue: word) != nil: return ServiceCommand.run([word, "--help"])
        case "metrics": return MetricsCommand.run(["--help"])
        case "quarantine": return QuarantineCommand.run([])
        case "explain": return ExplainCommand.run(["--help"])
        default: break
        }
        return Program.run("dd_switch") { _, _ in
            guard case .help(let text)? = try AdminInvocation.launch(words + ["--help"]) else {
                throw ConfigError(
                    .usage, "there is no command '\(Redaction.masked(words.joined(separator: " ")))' (see dd_switch help)")
            }
            return Program.printed(text)
        }
    }

    private static func run(_ invocation: AdminInvocation, _ environment: [String: String]) throws -> Int32 {
        if invocation.verb.isForUsers { return try Asking.run(invocation, environment) }
        if invocation.verb == .check {
            return Examination.check(invocation) {
                let administration = try Self.administration(
                    .load(invocation, environment: environment), changes: false, say: show)
                administration.localPaths = ConfigPaths(environment: environment)
                return administration
            }
        }
        let options = try SwitchOptions.load(invocation, environment: environment)
        if invocation.verb == .audit { return try showAudit(options.auditTrail, invocation) }
        let changes = invocation.verb.changesSomething && !invocation.isDryRun
        let administration = try Self.administration(options, changes: changes, say: show)
        administration.localPaths = ConfigPaths(environment: environment)
        if invocation.verb == .doctor { return try Examination.diagnose(options, administration) }
        if invocation.verb == .requests { return try serve(administration, options) }
        return try run(invocation, administration, options, environment)
    }

    /// The administrator of the switch that `options` tell of; without `changes`, nothing is changed, only said to `say`.
    static func administration(
        _ options: SwitchOptions, changes: Bool, say: @escaping (String) -> Void
    ) throws -> Administration {
        guard let client = ManagementClient(options.management, authorities: options.common.caFile) else {
            throw ManagementError("cannot start libcurl", status: ExitStatus.unavailable)
        }
        let account = options.management.user
        // Opened before anything is changed: what cannot be audited is not done.
        let audit = changes ? try AuditTrail(options.auditTrail, account: account) : nil
        return Administration(
            client.api(vhost: options.vhost), SwitchLayout(options), account: account, audit: audit, say: say)
    }

    private static func show(_ line: String) {
        print(line)
        // What was done is seen even when the next step fails.
        fflush(nil)
    }

    /// `requests`: until a signal ends it.
    private static func serve(_ administration: Administration, _ options: SwitchOptions) throws -> Int32 {
        let stop = try StopSignal.install(reloads: false)
        let log = options.common.log.service("dd_switch requests")
        Program.speak(as: log)
        let intake = RequestIntake(administration, log: log) { error in
            log.error("\(error)")
            Program.leave(ExitStatus.unavailable)
        }
        try Pump(PumpSettings(options), intake: intake, stop: stop, log: log).runNotifying()
        return ExitStatus.done
    }

    private static func run(
        _ invocation: AdminInvocation, _ administration: Administration, _ options: SwitchOptions, _ environment: [String: String]
    ) throws -> Int32 {
        let (settings, operands) = (invocation.settings, invocation.operands)
        let name = operands.first ?? ""
        switch invocation.verb {
        case .initialise: try administration.initialise(names: operands, feederPassword: options.broker?.password)
        case .userAdd: try administration.add(name, Administration.Addition(settings))
        case .userPasswd: try administration.changePassword(name, PasswordSource(settings))
        case .userList: try administration.list(json: settings.bool("json"))
        case .userRemove:
            let isSure = try settings.bool("yes")
            guard try administration.remove(name, confirm: { try isSure || confirmed(name) }) else { return ExitStatus.failed }
        case .userStop: try administration.stop(name, settings.bool("discard") ? .discard : .hold)
        case .userResume: try administration.resume(name)
        case .linkAdd:
            try LinkCommand.add(
                name, settings, administration, options, isDryRun: invocation.isDryRun, environment: environment)
        case .linkList, .linkShow: try administration.listLinks(operands.first, json: settings.bool("json"))
        case .linkRemove:
            let isSure = try settings.bool("yes")
            guard try administration.removeLink(name, confirm: { try isSure || confirmed(name) }) else {
                return ExitStatus.failed
            }
        case .routeList: try administration.listRoutes(json: settings.bool("json"))
        case .routeExplain: return try RouteCommand.explain(name, administration, options)
        case .quota: try administration.quota(name, settings)
        case .export: try export(administration, to: operands.first)
        case .restore:
            guard let text = SmallFile.text(name) else {
                throw ConfigError(.configuration, "cannot read the definitions \(name)")
            }
            try administration.restore(text, path: name)
        case .unrouted: try administration.unrouted(operands.first)
        case .audit, .passwd, .ask, .check, .doctor, .requests: return ExitStatus.usage
        }
        return administration.isIncomplete ? ExitStatus.failed : ExitStatus.done
    }

    private static func confirmed(_ name: String) throws -> Bool {
        guard let answer = Terminal.confirm("Delete all this? (yes or no) ") else {
            throw ConfigError(.usage, "no terminal to ask on: give --yes to remove \(name)")
        }
        return answer
    }

    private static func export(_ administration: Administration, to path: String?) throws {
        let text = try administration.exported()
        guard let path else {
            _ = Program.printed(text)
            return
        }
        try SmallFile.write(text, to: path, mode: 0o600)
    }

    private static func showAudit(_ trail: String, _ invocation: AdminInvocation) throws -> Int32 {
        let isJSON = invocation.settings.given("json").flatMap { Values.bool($0.value) } ?? false
        var output = OutputLines()
        let (entries, unreadable) = try AuditTrail.entries(trail)
        for entry in entries {
            if let name = invocation.operands.first, !entry.isAbout(name) { continue }
            output.write((isJSON ? entry.json.text : entry.text) + "\n")
        }
        output.flush()
        guard let first = unreadable.first else { return ExitStatus.done }
        let lines =
            unreadable.count == 1
            ? "line \(first) is no entry" : "line \(first) and \(unreadable.count - 1) others are no entries"
        Log(program: "dd_switch").error("\(trail): \(lines): something else has written there")
        return ExitStatus.failed
    }
}
