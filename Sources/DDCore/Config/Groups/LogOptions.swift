/// The settings of dd_log.
public struct LogOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Where reports are read.
    public let broker: BrokerURL
    /// `xl_<user>` unless set.
    public let exchange: String
    /// First words of the topics.
    public let topicPrefix: String
    /// The path or pattern that reports are to be about; `nil`: all.
    public let pattern: String?
    /// The path whose way is drawn; `nil`: reports are followed.
    public let trace: String?
    /// One JSON object per report.
    public let json: Bool
    /// Reports of the past that are shown first; `nil`: none.
    public let since: Duration?
    /// Leave when nothing came for so long; `nil`: never.
    public let exitIdle: Duration?

    /// The options of dd_log.
    public static let table = OptionTable(
        program: "dd_log",
        synopses: ["[options] [PATH or PATTERN]", "[options] --trace PATH"],
        options: [
            CommonOptions.broker,
            CommonOptions.config,
            OptionSpec("exchange", ["ex"], .text, value: "NAME", "where reports are read (default xl_<user>)"),
            CommonOptions.topicPrefix("v02.log"),
            OptionSpec("trace", [], .text, value: "PATH", inFile: false, "draw the way of a file"),
            OptionSpec("json", [], .bool, default: "off", "one JSON object per report"),
            OptionSpec("since", [], .duration(bareUnit: .seconds), value: "TIME", "show the reports of the last TIME first"),
            ExitOptions.idle,
        ] + CommonOptions.options(wait: "forever"))

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<LogOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in try LogOptions(loader) }
    }

    private init(_ loader: Loader) throws(ConfigError) {
        let operands = loader.commandLine.operands
        guard operands.count <= 1 else {
            throw ConfigError(.usage, "one PATH or PATTERN at most: '\(Redaction.masked(operands[1]))' is too many")
        }
        let loaded = try loader.load(configuration: loader.configOption)
        let settings = loaded.settings
        common = try CommonOptions(loaded, service: loaded.settings.table.program)
        broker = try settings.broker("broker", loaded.credentials)
        exchange = settings.textIfAny("exchange") ?? "xl_" + broker.user
        topicPrefix = try settings.text("topic_prefix")
        pattern = operands.first
        trace = settings.textIfAny("trace")
        json = try settings.bool("json")
        since = try settings.durationIfAny("since")
        exitIdle = try settings.durationIfAny("exit_idle")
        if pattern != nil && trace != nil { throw ConfigError(.usage, "--trace PATH needs no other PATH") }
        if let pattern { do throws(ConfigError) { _ = try Pattern(pattern) } catch { throw ConfigError(.usage, error.text) } }
    }
}
