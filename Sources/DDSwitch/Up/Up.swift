import DDCore
import Glibc

/// `dd_switch up`: a whole switch in the foreground, from nothing. This file is the story; each chapter has its own.
struct Up {
    let options: UpOptions
    let folder: SwitchFolder
    /// The example source's tree.
    let sourceRoot: String

    /// Runs the switch until a signal ends it. Returns the exit status.
    static func run(_ words: [String]) -> Int32 {
        let signals = Signals()
        do {
            let options = try UpOptions(words)
            try BrokerNode.check(options.rabbitmq)
            try WebServer.check()
            let folder = try SwitchFolder(options.folder)
            try folder.requireOwn()
            guard let lock = try FileLock(folder.lock) else {
                let text = "cannot use the folder \(folder.path): a running switch has it (stop that one, or name another folder)"
                throw SwitchError(text, status: ExitStatus.failed)
            }
            defer { withExtendedLifetime(lock) {} }
            try folder.makeFolders()
            let sourceRoot = try SwitchFolder.resolved(options.serve ?? folder.source)
            try Up(options: options, folder: folder, sourceRoot: sourceRoot).stand(signals)
            return 0
        } catch {
            DDSwitch.complain("\(error)")
            return (error as? SwitchError)?.status ?? ExitStatus.failed
        }
    }

    private func stand(_ signals: Signals) throws {
        unlink(folder.env)
        let accounts = try Accounts(folder)
        var supervisor = Supervisor(signals)
        defer {
            unlink(folder.env)
            supervisor.stop()
        }
        Service.endStale(in: folder)
        let ports = try Ports(folder)
        let node = BrokerNode(folder: folder, ports: ports, programs: options.rabbitmq, listen: options.listen)
        let web = WebServer(
            folder: folder, ports: ports, sourceRoot: sourceRoot, accessLog: options.accessLog, listen: options.listen)
        let programs = Programs(folder: folder, ports: ports, accounts: accounts, options: options)

        let provision = Provision(folder: folder, accounts: accounts, sourceURL: programs.sourceURL)
        try node.configure(provision.administrator(SwitchLayout(cluster: options.cluster, feeder: Accounts.feeder)))
        try web.configure()
        try programs.configure()
        let ours = [
            ("ingest", try programs.ingestLaunch()), ("log2source", try programs.routingLaunch()),
            ("requests", try programs.requestsLaunch()),
        ]

        try supervisor.start("mapper", node.mapperLaunch, in: folder)
        try supervisor.start("broker", node.serverLaunch, in: folder)
        try supervisor.start("web", web.launch, in: folder)
        guard try supervisor.wait(seconds: 120, for: "the broker or the web server", { node.answers && web.answers }) else {
            return
        }
        // What somebody has deleted does not come back by itself.
        let end = ContinuousClock.now + .seconds(20)
        guard try supervisor.wait(seconds: 60, for: "the management API", { try provision.isRecovered() || .now > end }) else {
            return
        }
        try provision.make()
        for (name, launch) in ours { try supervisor.start(name, launch, in: folder) }
        try SmallFile.write(variables(ports, accounts, programs), to: folder.env, mode: 0o600)
        print(welcome(programs))
        fflush(nil)
        supervisor.keep()
        DDSwitch.complain("stops; its state stays in \(folder.path)")
    }

    /// `DIR/env`, for `. DIR/env` in a shell.
    private func variables(_ ports: Ports, _ accounts: Accounts, _ programs: Programs) -> String {
        func broker(_ name: String) -> String { accounts.url(name, port: ports.amqp, withPassword: true) }
        let variables: KeyValuePairs = [
            "DD_BROKER_ALICE": broker(Accounts.source), "DD_BROKER_BOB": broker(Accounts.consumer),
            "DD_BROKER_FEEDER": broker(Accounts.feeder), "DD_BROKER_ADMIN": broker(Accounts.admin),
            "DD_URL": programs.url, "DD_SOURCE_URL": programs.sourceURL, "DD_SOURCE_ROOT": sourceRoot,
            "DD_DOCUMENT_ROOT": folder.data, "DD_CLUSTER": options.cluster, "DD_SWITCH_DIR": folder.path,
            "DD_MANAGEMENT": programs.management(withPassword: true), "DD_AMQP_PORT": "\(ports.amqp)",
            "DD_PORT": "\(ports.web)", "DD_SOURCE_PORT": "\(ports.source)",
            "DD_SWITCH_PID": "\(getpid())",
        ]
        return variables.map { "\($0.key)=\(Self.shellWord($0.value))\n" }.joined()
    }

    /// One of our programs as a word of the shell, to be pasted.
    private func command(_ name: String) -> String {
        // Where one file is all programs, there is a link in the path.
        guard let launch = try? Programs.beside(name, []), launch.arguments.isEmpty else { return name }
        return Self.shellWord(launch.program)
    }

    /// What is said when everything answers: what a user would try next.
    private func welcome(_ programs: Programs) -> String {
        let home = "DD_CONFIG_HOME=\(folder.etc) DD_STATE_HOME=\(folder.state)"
        let alice = programs.broker(Accounts.source)
        let root = Self.shellWord(sourceRoot)
        return """
            The switch '\(options.cluster)' stands in \(folder.path); ctrl-c ends it.

            As bob, receive what comes, into \(folder.path)/received:
              \(home) \(command("dd_subscribe")) \(Accounts.consumer)

            As alice, in another terminal, announce what is in \(sourceRoot):
              \(home) \(command("dd_post")) -b \(alice) -u \(programs.sourceURL) -dr \(root) \(root)

            As the administrator, add a user (dd_switch help has more):
              \(home) \(command("dd_switch")) user add carol --role source --url \(programs.sourceURL)

            Ports, users and passwords, for shells: . \(folder.env)
            """
    }

    /// A text as one word of the shell, in quotes where it needs them.
    static func shellWord(_ text: String) -> String {
        if !text.isEmpty && text.utf8.allSatisfy(SwitchFolder.plain.contains) { return text }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
