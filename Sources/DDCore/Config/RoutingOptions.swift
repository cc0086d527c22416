/// The settings of `dd_switch log2source`.
public struct RoutingOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// The switch's broker, as its feeder.
    public let broker: BrokerURL
    /// The queue in which users' reports wait.
    public let queue: String
    /// This switch's name.
    public let cluster: String

    /// The options of `dd_switch log2source`.
    public static let table = OptionTable(
        program: "dd_switch",
        synopses: ["log2source [options] CONFIG"],
        options: [
            CommonOptions.broker,
            OptionSpec("queue", [], .text, value: "NAME", "the queue in which users' reports wait"),
            OptionSpec("cluster", [], .text, value: "NAME", "this switch's name"),
        ] + CommonOptions.options(wait: "forever"))

    /// Reads arguments (without program and sub-command), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<RoutingOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            guard let first = loader.commandLine.operands.first else {
                throw ConfigError(.usage, "log2source: a CONFIG is needed")
            }
            let loaded = try loader.load(configuration: first)
            return try RoutingOptions(loaded)
        }
    }

    private init(_ loaded: Loader.Loaded) throws(ConfigError) {
        common = try CommonOptions(loaded)
        broker = try loaded.settings.broker("broker", loaded.credentials)
        queue = try loaded.settings.text("queue")
        cluster = try loaded.settings.text("cluster")
    }
}
