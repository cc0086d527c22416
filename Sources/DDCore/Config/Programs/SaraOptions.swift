/// The settings of dd_sara.
public struct SaraOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Work, or delete the queue.
    public let action: Action
    /// Nothing is fetched: what would become of files is explained.
    public let explanation: ExplainOptions
    /// From where posts come.
    public let intake: Intake
    /// Where they are announced again.
    public let outlet: Outlet
    /// Links to other switches.
    public let routing: RoutingChoices
    /// The queue.
    public let queue: QueueOptions
    /// Accept and reject in order; every pattern compiles.
    public let rules: [SelectionRule]
    /// Below this everything is stored. Absolute.
    public let documentRoot: String
    /// How files are put below the document root.
    public let placement: PlacementOptions
    /// Only a part of files above a size is kept at once; `nil`: all files are kept whole.
    public let inFlight: InFlightOptions?
    /// The user's programs.
    public let triggers: TriggerOptions
    /// From where data may be fetched, for all or for one source.
    public let allowedURLs: [AllowedURL]
    /// How data is fetched.
    public private(set) var transfer: TransferOptions
    /// What is taken in beyond that.
    public let admission: AdmissionOptions
    /// Reports are sent.
    public let logBack: Bool
    /// Transfers at once.
    public let parallel: Int
    /// Processes that share the queue.
    public let instances: Int
    /// When to leave.
    public let exit: ExitOptions

    /// The file in which all processes of this machine count what sources have below the document root.
    var usageFile: String { "\(common.stateHome)/usage/\(String(StateName.number(of: documentRoot), radix: 16))" }

    /// From where posts come.
    public struct Intake: Sendable {
        /// Where to subscribe.
        public let broker: BrokerURL
        /// What is subscribed to; empty only where all sources come over the control stream.
        public let exchanges: [String]
        /// What is bound, without the prefix; never empty.
        public let topics: [String]
        /// First words of the topics that are bound; what is announced is always `v02.post`.
        public let topicPrefix: String
        /// The exchanges belong to sources: each `xs_<user>` names the source of what comes from it.
        public let isFromSources: Bool
        /// How large a block of a source may be, in bytes.
        public let blockSizes: ClosedRange<Int64>
        /// The sources may keep their own paths.
        public let isTrusted: Bool
    }

    /// Where posts are announced again.
    public struct Outlet: Sendable {
        /// Where to post.
        public let broker: BrokerURL
        /// The exchange there; `nil`: each source's own (`xd_<source>`).
        public let exchange: String?
        /// The URL of the document root, decoded, without a password, ending in `/`.
        public let url: String
        /// The checksum is computed anew from what was stored.
        public let recomputesSum: Bool
        /// This switch's name.
        public let cluster: String
        /// Other names for it.
        public let aliases: [String]
    }

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<SaraOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            let operands = loader.commandLine.operands
            guard let first = operands.first else { throw ConfigError(.usage, "a CONFIG is needed; dd_sara --help says more") }
            return try SaraOptions(loader.load(configuration: first), action: Action.read(operands.dropFirst()))
        }
    }

    private init(_ loaded: Loader.Loaded, action: Action) throws(ConfigError) {
        let settings = loaded.settings
        self.action = action
        explanation = try ExplainOptions(settings, action)
        if explanation.isOn, explanation.locations.isEmpty {
            throw ConfigError(
                .usage, "--dry_run explains files that --path names: to look on, use dd_subscribe --dry_run at this switch")
        }
        common = try CommonOptions(loaded, service: loaded.settings.table.program)
        intake = try Intake(settings, loaded.credentials)
        outlet = try Outlet(settings, loaded.credentials, isFromSources: intake.isFromSources)
        routing = try RoutingChoices(settings, isFromSources: intake.isFromSources, cluster: outlet.cluster)
        queue = try QueueOptions(settings)
        rules = settings.rules
        documentRoot = Path.absolute(try settings.text("document_root"))
        placement = try PlacementOptions(settings, mirror: !intake.isFromSources || intake.isTrusted)
        inFlight = try InFlightOptions(settings)
        triggers = try TriggerOptions(settings)
        transfer = try TransferOptions(loaded)
        allowedURLs = try settings.allowedURLs(withSource: true)
        admission = try AdmissionOptions(settings, common, isFromSources: intake.isFromSources, isDaily: !placement.mirror)
        logBack = try settings.bool("log_back")
        parallel = try settings.integer("parallel")
        instances = try settings.integer("instances")
        exit = try ExitOptions(settings)
        for (name, path) in [("quarantine", admission.quarantine), ("private_accounts", admission.privateAccounts ?? "")]
        where "\(path)/".hasPrefix("\(documentRoot)/") {
            throw ConfigError(
                .configuration, "\(name) \(path) is below the document root, which is served: choose another place")
        }
        if let setting = settings.given("private_accounts"), routing.link == nil, !admission.control || placement.mirror {
            throw settings.bad(
                setting, "private data needs option link, or sources that come over the control stream: control on, mirror off")
        }
        transfer.account = intake.broker
        if admission.control, queue.name != nil {
            throw ConfigError(.configuration, "control on makes a queue for each source: leave option queue out")
        }
        if intake.isFromSources && allowedURLs.isEmpty && !admission.control {
            throw ConfigError(
                .configuration, "source_from_exchange on without allow_url: say from where the data of sources may be fetched")
        }
        if placement.mirror && intake.isFromSources && !intake.isTrusted {
            throw ConfigError(
                at: settings.given("mirror")?.origin ?? .builtIn,
                "mirror on with source_from_exchange on needs trusted on: sources could write into each other's directories")
        }
    }
}

extension SaraOptions.Intake {
    init(_ settings: Settings, _ credentials: Credentials) throws(ConfigError) {
        broker = try settings.broker("source_broker", credentials)
        isFromSources = try settings.bool("source_from_exchange")
        isTrusted = try settings.bool("trusted")
        let (smallest, largest) = (try settings.size("block_min"), try settings.size("block_max"))
        guard smallest <= largest else {
            throw ConfigError(
                at: (settings.given("block_min") ?? settings.given("block_max"))?.origin ?? .builtIn,
                "block_min \(smallest) is above block_max \(largest)")
        }
        blockSizes = smallest...largest
        topics = settings.texts("source_topic")
        topicPrefix = try settings.text("topic_prefix")
        let control = try settings.bool("control")
        exchanges = isFromSources && control && settings.given("source_exchange") == nil ? [] : settings.texts("source_exchange")
        guard isFromSources else { return }
        for exchange in exchanges where !exchange.hasPrefix("xs_") || exchange == "xs_" {
            let origin = settings.all("source_exchange").first { $0.value == exchange }?.origin ?? .builtIn
            throw ConfigError(
                at: origin == .commandLine ? .builtIn : origin,
                "source_from_exchange on: source_exchange '\(exchange)' names no source, xs_<user> is expected")
        }
    }
}

extension SaraOptions.Outlet {
    init(_ settings: Settings, _ credentials: Credentials, isFromSources: Bool) throws(ConfigError) {
        broker = try settings.broker("broker", credentials)
        exchange = settings.textIfAny("exchange") ?? (isFromSources ? nil : ExchangeName.publicPosts)
        url = try settings.read("url") { (text) throws(ConfigError) in try DataURL.folder(text) }
        recomputesSum = try settings.bool("recompute_chksum")
        cluster = settings.textIfAny("cluster") ?? broker.host
        aliases = settings.words("cluster_aliases")
    }
}
