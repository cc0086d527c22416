/// The settings of dd_subscribe.
public struct SubscribeOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Work, or delete the queue.
    public let action: Action
    /// `-n` or `-d` on the command line: a look through a queue of its own, which takes nothing from that of the configuration. The word that
    /// ends that queue's name; `nil`: the configuration's queue is worked off.
    public let look: String?
    /// The form `host:path DESTINATION`: there is no configuration to be read again.
    public let isRemote: Bool
    /// Where to subscribe: one of `brokers`.
    public private(set) var broker: BrokerURL
    /// All brokers that announce the same, in the order in which they are written; never empty.
    public let brokers: [BrokerURL]
    /// Which of `brokers` it is.
    private var number = 0
    /// What is subscribed to.
    public let exchange: String
    /// First words of the topics.
    public let topicPrefix: String
    /// What is bound, without the prefix; never empty.
    public let subtopics: [String]
    /// The queue.
    public let queue: QueueOptions
    /// Accept, reject, directory in order; every pattern compiles. Directories are absolute.
    public let rules: [SelectionRule]
    /// Where things go for which no rule names a directory. Absolute.
    public let directory: String
    /// How files are put below a directory.
    public let placement: PlacementOptions
    /// The user's programs.
    public let triggers: TriggerOptions
    /// From where data may be fetched; empty: from anywhere but the machine's own and local addresses.
    public let allowedURLs: [AllowedURL]
    /// How data is fetched.
    public private(set) var transfer: TransferOptions
    /// The file of the sources' keys, with which posts are verified; `nil`: they are not.
    public let signers: String?
    /// What is done with a post that was accepted.
    public let mode: Mode
    /// With mode `explain`: of which files.
    public let explanation: ExplainOptions
    /// Reports are sent.
    public let logBack: Bool
    /// Announced removals are carried out.
    public let remove: Bool
    /// The index that is walked before posts are followed, decoded, with its final `/`; `nil`: none is.
    public let existing: String?
    /// Transfers at once.
    public let parallel: Int
    /// Processes that share the queue.
    public let instances: Int
    /// When to leave.
    public let exit: ExitOptions

    /// The most brokers that one configuration may name.
    static let maxBrokers = 4

    /// What is done with a post that was accepted.
    public enum Mode: Sendable, Equatable {
        /// Fetch and store.
        case fetch
        /// Print its URL (`-n`).
        case notifyOnly
        /// Fetch, and store nothing (`-d`).
        case discard
        /// Say which rule decides about it, and where its file would go (`--dry_run`).
        case explain

        /// Whether data is fetched.
        public var fetches: Bool { self == .fetch || self == .discard }
    }

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<SubscribeOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            let operands = loader.commandLine.operands
            guard let first = operands.first else {
                throw ConfigError(.usage, "a CONFIG, or host:path and DESTINATION, is needed; dd_subscribe --help says more")
            }
            if first.contains(":") && !Path.isFile(first) {
                return try SubscribeOptions(loader, remote: first, operands.dropFirst())
            }
            let loaded = try loader.load(configuration: first)
            return try SubscribeOptions(loaded, action: Action.read(operands.dropFirst()), remote: nil)
        }
    }

    /// The same at the broker with this number in `brokers`.
    public func at(_ number: Int) -> SubscribeOptions {
        var options = self
        options.broker = brokers[number]
        options.transfer.account = brokers[number]
        options.number = number
        return options
    }

    /// The file of what several brokers have announced.
    public var copiesFile: String { "\(common.stateHome)/\(common.program)/\(common.stateName.word).copies" }

    /// Whether `broker` is the first of `brokers`.
    var isAtFirstBroker: Bool { number == 0 }

    /// The form `host:path DESTINATION`.
    private init(_ loader: Loader, remote text: String, _ rest: ArraySlice<String>) throws(ConfigError) {
        guard let destination = rest.first, rest.count <= 2, !destination.isEmpty else {
            throw ConfigError(.usage, "behind host:path exactly one DESTINATION is needed")
        }
        if let word = rest.dropFirst().first, word != Action.cleanupWord {
            let other = Redaction.masked(word)
            throw ConfigError(.usage, "behind host:path and DESTINATION only '\(Action.cleanupWord)' may stand, not '\(other)'")
        }
        let action = rest.count == 2 ? Action.cleanup : .foreground
        let given = Set(loader.commandLine.settings.map(\.name))
        if given.contains("instances") { throw ConfigError(.usage, "--instances is for the form with CONFIG") }
        if given.contains("subtopic") { throw ConfigError(.usage, "--subtopic contradicts host:path, which says the subtopic") }
        let plain = try RemoteForm.isPlain(loader.commandLine)
        let source = try RemoteSource(text, plain: plain)
        var also = [Setting(name: "subtopic", value: source.subtopic, origin: .commandLine)]
        if let broker = source.brokerText {
            if given.contains("broker") { throw ConfigError(.usage, "--broker contradicts the host of host:path: write :path") }
            also.append(Setting(name: "broker", value: broker.reveal(), origin: .commandLine))
        }
        let loaded = try loader.load(configuration: nil, also: also)
        try self.init(loaded, action: action, remote: RemoteForm(path: source.path, destination: Path.absolute(destination)))
    }

    private init(_ loaded: Loader.Loaded, action: Action, remote: RemoteForm?) throws(ConfigError) {
        let settings = loaded.settings
        self.action = action
        isRemote = remote != nil
        brokers = try settings.brokers("broker", loaded.credentials)
        broker = brokers[0]
        exchange = try settings.text("exchange")
        topicPrefix = try settings.text("topic_prefix")
        subtopics = settings.texts("subtopic")
        queue = try QueueOptions(settings)
        rules = settings.rules.map { rule in
            if case .directory(let path) = rule { .directory(Path.absolute(path)) } else { rule }
        }
        directory = remote?.destination ?? Path.absolute(".")
        placement = try PlacementOptions(settings, mirror: remote != nil, strip: remote?.path.count ?? 0)
        triggers = try TriggerOptions(settings)
        transfer = try TransferOptions(loaded)
        transfer.account = broker
        allowedURLs = try settings.allowedURLs(withSource: false)
        let verifies = try settings.bool("verify")
        signers = verifies ? settings.textIfAny("signers") : nil
        if verifies, signers == nil {
            throw ConfigError(.configuration, "verify on needs signers, the file of the sources' keys")
        }
        if verifies, try settings.bool("existing") {
            throw ConfigError(.configuration, "verify on and existing exclude each other: an index is signed by nobody")
        }
        mode = try SubscribeOptions.mode(settings)
        explanation = try ExplainOptions(settings, action)
        look = try SubscribeOptions.look(settings, mode, action)
        logBack = try settings.bool("log_back")
        remove = try settings.bool("remove")
        existing = try settings.bool("existing") ? SubscribeOptions.index(settings, broker) : nil
        parallel = try settings.integer("parallel")
        instances = look == nil ? try settings.integer("instances") : 1
        if brokers.count > SubscribeOptions.maxBrokers {
            throw ConfigError(.usage, "\(brokers.count) brokers are more than \(SubscribeOptions.maxBrokers)")
        }
        if brokers.count > 1, instances > 1 {
            throw ConfigError(
                at: settings.given("instances")?.origin ?? .builtIn,
                "instances above 1 and several brokers exclude each other: 'parallel' says how many transfers run at once")
        }
        exit = try ExitOptions(settings)
        common = try CommonOptions(loaded, configuration: remote?.name(broker, exchange), service: loaded.settings.table.program)
        if remote == nil, let plain = settings.given("plain"), try settings.bool("plain") {
            throw ConfigError(at: plain.origin, "plain is for the form host:path only; the broker's URL says amqp:// or amqps://")
        }
    }

    /// The index that is walked: the broker's own host over http, with TLS where the broker has it, unless it is given.
    private static func index(_ settings: Settings, _ broker: BrokerURL) throws(ConfigError) -> String {
        guard settings.given("index") != nil else {
            let host = broker.host.utf8.contains(UInt8(ascii: ":")) ? "[\(broker.host)]" : broker.host
            return "\(broker.isTLS ? "https" : "http")://\(host)/"
        }
        return try settings.read("index") { (text) throws(ConfigError) in try DataURL.folder(text) }
    }

    /// All directories that files may go below, as they are configured.
    public var roots: [String] {
        [directory]
            + rules.compactMap { rule in
                if case .directory(let path) = rule { path } else { nil }
            }
    }

    /// A word of this process where the command line, and no file, asks to look on. Throws for what a look cannot be.
    private static func look(_ settings: Settings, _ mode: Mode, _ action: Action) throws(ConfigError) -> String? {
        let option = mode == .explain ? "dry_run" : mode == .notifyOnly ? "notify_only" : "download_and_discard"
        guard mode != .fetch, let setting = settings.given(option), setting.origin == .commandLine else { return nil }
        guard action == .foreground || action == .cleanup else {
            throw ConfigError(
                .usage, "--\(option) is a look in the foreground: for work in the background write '\(option) on' into the file")
        }
        guard settings.given("instances")?.origin != .commandLine else {
            throw ConfigError(.usage, "--\(option) looks on in one process: leave --instances out")
        }
        return QueuePlan.lookWord
    }

    private static func mode(_ settings: Settings) throws(ConfigError) -> Mode {
        let (notify, discard) = (try settings.bool("notify_only"), try settings.bool("download_and_discard"))
        if notify && discard { throw ConfigError(.usage, "notify_only and download_and_discard contradict each other") }
        if try settings.bool("dry_run") {
            if discard { throw ConfigError(.usage, "dry_run and download_and_discard contradict each other") }
            return .explain
        }
        return notify ? .notifyOnly : discard ? .discard : .fetch
    }
}
