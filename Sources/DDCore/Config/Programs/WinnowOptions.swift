/// The settings of dd_winnow.
public struct WinnowOptions: Sendable {
    /// What makes two posts one.
    public enum Basis: String, Sendable, CaseIterable {
        /// Path, size and checksum; without a checksum path, size and modification time.
        case content
        /// The path alone: the first source of a file within the time that is remembered.
        case name
        /// Size and checksum, whatever it is called.
        case data
    }

    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Work, or delete the queue.
    public let action: Action
    /// From where posts come.
    public let source: SourceOptions
    /// The queue.
    public let queue: QueueOptions
    /// Accept and reject in order; every pattern compiles.
    public let rules: [SelectionRule]
    /// Where the first of each kind is posted.
    public let broker: BrokerURL
    /// The exchange there.
    public let exchange: String
    /// What makes two posts one.
    public let basis: Basis
    /// Leading directories of a path that do not count.
    public let strip: Int
    /// For how long a post is remembered.
    public let remember: Duration
    /// How many are remembered.
    public let rememberCount: Int
    /// Processes that share the queue and what they remember.
    public let instances: Int
    /// When to leave.
    public let exit: ExitOptions

    /// The file in which all processes of this configuration remember what they have seen.
    public var memory: String { "\(common.stateHome)/\(common.program)/\(common.stateName.word).seen" }

    /// The options of dd_winnow.
    public static let table = OptionTable(
        program: "dd_winnow",
        synopses: ["[options] CONFIG [\(Action.synopsis())]"],
        options: SourceOptions.options(exchange: nil, "the exchanges of the redundant sources") + [
            CommonOptions.broker,
            OptionSpec("exchange", ["ex"], .name, value: "NAME", "where the first of each is posted"),
            CommonOptions.topicPrefix("v02.post"),
            OptionSpec(
                "basis", [], .choice(Basis.allCases.map(\.rawValue)), value: "content|name|data", default: "content",
                "what makes two posts one: path and content, the path, or the content"),
            OptionSpec("strip", [], .integer(0...100), value: "N", default: "0", "leading directories that do not count"),
            OptionSpec(
                "remember", [], .duration(bareUnit: .seconds), value: "TIME", default: "6h", "for how long a post is remembered"),
            OptionSpec(
                "remember_count", [], .integer(100...1_000_000_000), value: "N", default: "1000000",
                "how many are remembered: 43 bytes each, in a file of the state"),
            SelectionOptions.instances,
        ] + SelectionOptions.rules + QueueOptions.options + [ExitOptions.idle, ExitOptions.messages]
            + FiguresOption.specs + CommonOptions.options(wait: "forever"))

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<WinnowOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            let operands = loader.commandLine.operands
            guard let first = operands.first else { throw ConfigError(.usage, "a CONFIG is needed; dd_winnow --help says more") }
            return try WinnowOptions(loader.load(configuration: first), action: Action.read(operands.dropFirst()))
        }
    }

    private init(_ loaded: Loader.Loaded, action: Action) throws(ConfigError) {
        let settings = loaded.settings
        self.action = action
        common = try CommonOptions(loaded, service: settings.table.program)
        source = try SourceOptions(loaded)
        queue = try QueueOptions(settings)
        rules = settings.rules
        broker = try settings.broker("broker", loaded.credentials)
        exchange = try settings.text("exchange")
        basis = try settings.choice("basis", as: Basis.self)
        strip = try settings.integer("strip")
        remember = try settings.duration("remember")
        rememberCount = try settings.integer("remember_count")
        instances = try settings.integer("instances")
        exit = try ExitOptions(settings)
        guard !source.exchanges.isEmpty else {
            throw ConfigError(
                .configuration, "source_exchange is needed: the exchanges on which the redundant sources are announced")
        }
        let same = source.broker.host == broker.host && source.broker.port == broker.port && source.broker.vhost == broker.vhost
        if same, source.exchanges.contains(exchange) {
            throw ConfigError(
                at: settings.given("exchange")?.origin ?? .builtIn,
                "exchange \(exchange) is a source_exchange as well: what is posted there would come back")
        }
    }
}
