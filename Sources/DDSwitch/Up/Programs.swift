import DDCore
import Glibc

/// The programs of ours that run under the switch, and their generated configuration.
struct Programs {
    let folder: SwitchFolder
    let ports: Ports
    let accounts: Accounts
    let options: UpOptions

    /// Writes `DIR/etc`.
    func configure() throws {
        try SmallFile.write(credentials, to: folder.etc + "/credentials.conf", mode: 0o600)
        try SmallFile.makeFolder(folder.etc + "/sara")
        try SmallFile.write(ingest, to: folder.etc + "/sara/ingest.conf")
        try SmallFile.makeFolder(folder.etc + "/switch")
        try SmallFile.write(administration, to: folder.etc + "/switch/switch.conf")
        try SmallFile.write(routing, to: folder.etc + "/switch/routing.conf")
        try SmallFile.makeFolder(folder.etc + "/subscribe")
        try SmallFile.write(consumer, to: folder.etc + "/subscribe/\(Accounts.consumer).conf")
    }

    /// The ingest: what the sources post is fetched, stored and announced.
    func ingestLaunch() throws -> ChildProcess.Launch {
        try launch("dd_sara", [folder.etc + "/sara/ingest.conf"])
    }

    /// The routing of reports to the sources of the data.
    func routingLaunch() throws -> ChildProcess.Launch {
        try launch("dd_switch", ["log2source", folder.etc + "/switch/routing.conf"])
    }

    /// What acts on what users and operators ask.
    func requestsLaunch() throws -> ChildProcess.Launch {
        try launch("dd_switch", ["-c", folder.etc + "/switch/switch.conf", "requests"])
    }

    private func launch(_ name: String, _ arguments: [String]) throws -> ChildProcess.Launch {
        var launch = try Self.beside(name, arguments)
        launch.environment = environment
        return launch
    }

    /// How one of our programs is started: the file beside the one that runs, or the same file where it is all programs.
    static func beside(_ name: String, _ arguments: [String]) throws -> ChildProcess.Launch {
        let own = try SwitchFolder.resolved("/proc/self/exe")
        let path = String(own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex)) + name
        if access(path, X_OK) == 0 { return ChildProcess.Launch(path, arguments) }
        let again = try Program.again(name, arguments)
        guard again.arguments.first == name else {
            throw SwitchError("cannot find \(path): install \(name) beside dd_switch", status: ExitStatus.unavailable)
        }
        return again
    }

    var url: String { "http://\(options.listen ?? "127.0.0.1"):\(ports.web)/" }
    var sourceURL: String { "http://127.0.0.1:\(ports.source)/" }

    private var environment: [String: String] {
        var environment = ProcessEnvironment.initial()
        environment["DD_CONFIG_HOME"] = folder.etc
        environment["DD_STATE_HOME"] = folder.state
        return environment
    }

    /// The broker's URL for an account, without its password.
    func broker(_ account: String) -> String { accounts.url(account, port: ports.amqp, withPassword: false) }

    /// The URL of the management API for the administrator.
    func management(withPassword: Bool) -> String {
        let secret = withPassword ? ":" + accounts.password(Accounts.admin) : ""
        return "http://\(Accounts.admin)\(secret)@127.0.0.1:\(ports.management)/"
    }

    private var credentials: String {
        let brokers = Accounts.all.map { accounts.url($0, port: ports.amqp, withPassword: true) + "\n" }
        return brokers.joined() + management(withPassword: true) + "\n"
    }

    private var ingest: String {
        """
        # The ingest of this switch. Written by dd_switch up at each start.
        source_broker \(broker(Accounts.feeder))
        source_exchange \(ExchangeName.posts(of: Accounts.source))
        source_topic #
        source_from_exchange on
        control on
        allow_url \(Accounts.source) \(sourceURL)
        \(options.mirror ? "mirror on\ntrusted on" : "mirror off\nprivate_accounts \(folder.privateAccounts)")
        block_min 1
        outside_links \(options.outsideLinks ? "on" : "off")
        document_root \(folder.data)
        broker \(broker(Accounts.feeder))
        url \(url)
        cluster \(options.cluster)

        """
    }

    private var administration: String {
        """
        # This switch, for its administrator. Written by dd_switch up at each start.
        broker \(broker(Accounts.feeder))
        management \(management(withPassword: false))
        cluster \(options.cluster)
        document_root \(folder.data)
        private_accounts \(folder.privateAccounts)
        url \(url)

        """
    }

    private var routing: String {
        """
        # The routing of reports. Written by dd_switch up at each start.
        broker \(broker(Accounts.feeder))
        \([Accounts.source, Accounts.consumer].map { "exchange \(ExchangeName.posts(of: $0))" }.joined(separator: "\n"))
        cluster \(options.cluster)
        url \(url)
        document_root \(folder.data)

        """
    }

    private var consumer: String {
        """
        # The example consumer: everything that this switch announces. Written by dd_switch up at each start.
        broker \(broker(Accounts.consumer))
        subtopic #
        mirror on
        outside_links \(options.outsideLinks ? "on" : "off")
        directory \(folder.path)/received

        """
    }
}
