/// What `switch.conf` says of a switch, for the commands of the administrator.
public struct SwitchOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// The switch's own account on its broker; the password is empty when no credentials have it. `nil`: not said.
    public let broker: BrokerURL?
    /// The management API and the administrator's account there.
    public let management: ManagementURL
    /// Where the sources' data is stored; `nil`: not said.
    public let documentRoot: String?
    /// Where it is said who may fetch private data, for the dd_saras of links; `nil`: they carry none.
    public let privateAccounts: String?
    /// Where subscribers fetch; `nil`: not said.
    public let url: String?
    /// The switch's name in the network.
    public let cluster: String
    /// The configuration of the dd_sara that takes the sources' posts in.
    public let ingest: String
    /// Where in a cluster the switch's own queues are.
    public let queueType: QueueType
    /// What the broker grants each user who has no limits of his own.
    public let limits: UserRecord.Limits
    /// How long a message may wait in a user's queue.
    public let queueAge: Duration
    /// Queues of a user above which `check` names the account.
    public let mostQueues: Int64
    /// Bindings of a user's queues and exchanges above which `check` names the account.
    public let mostBindings: Int64

    /// The options of the file `switch.conf`, which the command line may give as well.
    public static let table = OptionTable(
        program: "dd_switch",
        synopses: [],
        options: [
            CommonOptions.broker,
            OptionSpec("management", [], .text, value: "URL", "RabbitMQ's management API, http[s]://ADMIN@HOST[:PORT]/"),
            OptionSpec("cluster", [], .text, value: "NAME", "this switch's name"),
            OptionSpec("document_root", ["dr"], .text, value: "DIR", "where the sources' data is stored"),
            OptionSpec(
                "private_accounts", [], .text, value: "DIR", "where it is said who may fetch private data: for link add"),
            OptionSpec("url", ["u"], .text, value: "URL", "where subscribers fetch"),
            OptionSpec("ingest", [], .text, value: "CONFIG", default: "ingest", "the dd_sara that takes in what sources post"),
            QueueOptions.queueType,
            OptionSpec(
                "user_connections", [], .integer(1...Int.max), value: "N", default: "100", "connections of each user at a time"),
            OptionSpec("user_channels", [], .integer(1...Int.max), value: "N", default: "500", "channels of each user at a time"),
            OptionSpec("user_queue_bytes", [], .size, value: "SIZE", default: "2G", "what may wait in each queue of a user"),
            OptionSpec(
                "user_queue_age", [], .duration(bareUnit: .seconds), value: "TIME", default: "14d",
                "how long it may wait there"),
            OptionSpec(
                "user_queues", [], .integer(1...Int.max), value: "N", default: "200",
                "queues of a user above which check names it"),
            OptionSpec(
                "user_bindings", [], .integer(1...Int.max), value: "N", default: "2000",
                "bindings of a user above which check names it"),
        ] + CommonOptions.options(wait: "forever"))

    /// Reads the configuration called `name`, or `switch` where there is one, with `settings` of the command line before it.
    public static func load(
        configuration name: String?, settings: [Setting], environment: [String: String]
    ) throws(ConfigError) -> SwitchOptions {
        let loader = try Loader(table, [], environment)
        var name = name
        if name == nil, (try? loader.paths.configuration("switch", folder: table.folder)) != nil { name = "switch" }
        return try SwitchOptions(loader.load(configuration: name, also: settings))
    }

    private init(_ loaded: Loader.Loaded) throws(ConfigError) {
        let settings = loaded.settings
        common = try CommonOptions(loaded)
        broker = try settings.given("broker").map { setting throws(ConfigError) in
            try settings.account(setting, loaded.credentials)
        }
        management = try settings.read("management") { text throws(ConfigError) in
            try ManagementURL(loaded.credentials.complete(URLParts(text)), remedy: loaded.credentials.remedy)
        }
        documentRoot = settings.textIfAny("document_root")
        privateAccounts = settings.textIfAny("private_accounts").map(Path.absolute)
        url = settings.textIfAny("url")
        let cluster = try settings.text("cluster")
        guard AccountName.isValid(cluster) else {
            throw ConfigError(.configuration, "bad cluster '\(cluster)': letters, digits, '-', '_', '.' and '@' are expected")
        }
        self.cluster = cluster
        ingest = try settings.text("ingest")
        queueType = try settings.choice("queue_type", as: QueueType.self)
        var limits = UserRecord.Limits()
        limits.connections = Int64(try settings.integer("user_connections"))
        limits.channels = Int64(try settings.integer("user_channels"))
        limits.queueBytes = try settings.size("user_queue_bytes")
        self.limits = limits
        queueAge = try settings.duration("user_queue_age")
        mostQueues = Int64(try settings.integer("user_queues"))
        mostBindings = Int64(try settings.integer("user_bindings"))
    }

    /// The file in which every change of this switch leaves a line.
    public var auditTrail: String { "\(common.stateHome)/switch/\(cluster).audit" }

    /// The vhost of the switch.
    public var vhost: String { broker?.vhost ?? "/" }
}

/// The address of RabbitMQ's management API with the account.
public struct ManagementURL: Sendable, Equatable, CustomStringConvertible {
    /// `http[s]://host:port/…/api/`.
    public let base: String
    /// Decoded.
    public let user: String
    /// Decoded.
    public let password: Secret
    /// The URL without the password.
    public let description: String

    /// Takes a URL to which the credentials were added; `remedy` is what to do where they have no password for it.
    init(_ parts: URLParts, remedy: String = Credentials().remedy) throws(ConfigError) {
        guard parts.scheme == "http" || parts.scheme == "https" else {
            throw ConfigError(.configuration, "bad management URL '\(parts)': http:// or https:// is expected")
        }
        guard let user = parts.user, let password = parts.password, !password.isEmpty else {
            throw ConfigError(
                .configuration, "no user or password for \(parts): \(remedy)")
        }
        (self.user, self.password, description) = (user, password, parts.description)
        let folder = parts.path.hasSuffix("/") ? parts.path : parts.path + "/"
        base =
            "\(parts.scheme)://\(URLParts.bracketed(parts.host)):\(parts.port ?? (parts.scheme == "https" ? 15671 : 15672))"
            + "\(folder)api/"
    }
}
