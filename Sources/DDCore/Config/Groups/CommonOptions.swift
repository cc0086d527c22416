/// What every program has.
public struct CommonOptions: Sendable {
    /// `dd_post`, `dd_sara`...
    public let program: String
    /// The configuration's name, in queue names and as `${CONFIG}`; `nil` when there is none.
    public let configuration: String?
    /// The word under which the state of the configuration is kept.
    public let stateName: StateName
    /// Where queue names and block maps are kept.
    public let stateHome: String
    /// How much is logged, and how.
    public let log: Log
    /// What `accept` and `reject` leave is said in the log.
    public let logReject: Bool
    /// What is expected of its work, and how often it is told.
    public let figures: FiguresOption
    /// How often what is included from the web is looked at again.
    public let includeInterval: Duration
    /// How long to wait for the broker; `nil`: for ever.
    public let wait: Duration?
    /// Seconds between heartbeats, 0 for none.
    public let heartbeat: Int
    /// PEM file of the authorities that may have signed a broker's certificate.
    public let caFile: String

    /// The file of locks that keep two of the user's programs from working on one item at the same time, for all programs and configurations.
    public var programLocks: String { "\(stateHome)/programs.lock" }

    /// `service`: the name in the log of a program that runs on; `nil`: it does what it was told and ends.
    init(_ loaded: Loader.Loaded, configuration: String? = nil, service: String? = nil) throws(ConfigError) {
        let settings = loaded.settings
        program = settings.table.program
        self.configuration = configuration ?? loaded.configuration
        stateName = configuration.map { StateName($0) } ?? loaded.stateName ?? StateName("none")
        stateHome = loaded.stateHome
        let log = Log(
            program: program, level: try settings.choice("log_level", as: Log.Level.self),
            format: try settings.choice("log_format", as: Log.Format.self))
        self.log = service.map { log.service($0) } ?? log
        logReject = settings.table.option(named: "log_reject") == nil ? false : try settings.bool("log_reject")
        figures = try FiguresOption(settings)
        includeInterval =
            settings.table.option(named: Self.includes.name) == nil ? .seconds(3600) : try settings.duration(Self.includes.name)
        guard settings.table.option(named: "wait") != nil else {
            // A program that asks no broker.
            (wait, heartbeat, caFile) = (nil, 0, "")
            for warning in settings.warnings { log.warning(warning) }
            return
        }
        wait = try settings.wait("wait")
        let seconds = try settings.duration("heartbeat").components.seconds
        guard let heartbeat = UInt16(exactly: seconds) else {
            throw ConfigError(at: settings.given("heartbeat")?.origin ?? .builtIn, "heartbeat is longer than 65535 seconds")
        }
        self.heartbeat = Int(heartbeat)
        caFile = try settings.text("cafile")
        if let given = settings.given("heartbeat"), given.spelling == nil, case .file = given.origin {
            log.warning(
                "\(given.origin): heartbeat \(given.value) is the time between AMQP heartbeats here, not that between two runs of periodic"
                    + " work as in the field's tools; amqp_heartbeat says that it is meant so")
        }
        for warning in settings.warnings { log.warning(warning) }
    }

    /// The common part of a table; `wait` is the default of that option.
    static func options(wait: String) -> [OptionSpec] {
        [
            OptionSpec(
                "cafile", [], .text, value: "FILE", default: "/etc/ssl/certs/ca-certificates.crt",
                "PEM file of the authorities trusted for amqps"),
            OptionSpec(
                "heartbeat", [], .duration(bareUnit: .seconds), aliases: ["amqp_heartbeat"], value: "SECONDS", default: "60",
                "time between heartbeats, 0 for none"),
            OptionSpec(
                "log_format", [], .choice(Log.Format.allCases.map(\.rawValue)), value: "text|json", default: "text",
                "form of the log lines"),
            OptionSpec(
                "log_level", [], .choice(Log.Level.allCases.map(\.rawValue)), value: "LEVEL", default: "notice",
                "error, warning, notice, info or debug"),
            OptionSpec("wait", [], .wait, value: "SECONDS|forever", default: wait, "how long to wait for the broker"),
        ]
    }

    static let broker = OptionSpec("broker", ["b"], .text, value: "URL", "amqp[s]://user[:password]@host[:port][/vhost]")

    static let brokers = OptionSpec(
        "broker", ["b"], .text, repeatable: true, value: "URL",
        "amqp[s]://user[:password]@host[:port][/vhost]; several that announce the same: the first copy counts")

    static let includes = OptionSpec(
        "include_interval", [], .duration(bareUnit: .seconds), value: "TIME", default: "1h",
        "how often what is included from the web is looked at again")

    static let config = OptionSpec(
        "config", ["c"], .text, value: "CONFIG", inFile: false, "configuration: a path, or a name to look up")

    static func topicPrefix(_ standard: String) -> OptionSpec {
        OptionSpec("topic_prefix", ["tp"], .name, value: "WORDS", default: standard, "first words of the topics")
    }
}
