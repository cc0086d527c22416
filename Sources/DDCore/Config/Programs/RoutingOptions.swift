/// The settings of `dd_switch log2source`.
public struct RoutingOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// The switch's broker, as its feeder.
    public let broker: BrokerURL
    /// The users whose reports are taken, beside those that the control stream names.
    public let users: [String]
    /// Where in a cluster the users' queues of reports are.
    public let queueType: QueueType
    /// This switch's name.
    public let cluster: String
    /// The URLs under which this switch announces.
    public let urls: [String]
    /// The document root below them; `nil`: it is not looked at.
    public let documentRoot: String?
    /// Reports are about what is below these URLs, and nothing else.
    public let onlyHere: Bool
    /// Reports that a user may send per second.
    public let rate: Int64

    /// The options of `dd_switch log2source`.
    public static let table = OptionTable(
        program: "dd_switch",
        synopses: ["log2source [options] CONFIG"],
        options: [
            CommonOptions.broker,
            OptionSpec(
                "exchange", ["ex"], .text, repeatable: true, value: "NAME",
                "the xs_ of a user whom the control stream does not name"),
            QueueOptions.queueType,
            OptionSpec("cluster", [], .text, value: "NAME", "this switch's name"),
            OptionSpec(
                "url", ["u"], .text, repeatable: true, value: "URL",
                "where this switch announces"),
            OptionSpec(
                "document_root", ["dr"], .text, value: "DIR",
                "what is below these URLs: reports about it must be about what is there"),
            OptionSpec("only_here", [], .bool, default: "off", "reports are about what is below these URLs, and nothing else"),
            OptionSpec(
                "report_rate", [], .integer(1...1_000_000), value: "N", default: "5000", "reports that a user may send per second"
            ),
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
        common = try CommonOptions(loaded, service: "dd_switch log2source")
        broker = try loaded.settings.broker("broker", loaded.credentials)
        var users: [String] = []
        for setting in loaded.settings.all("exchange") {
            guard let user = ExchangeName.owner(ofPosts: setting.value) else {
                throw loaded.settings.bad(setting, "the exchange of a user, xs_USER")
            }
            users.append(user)
        }
        self.users = users
        queueType = try loaded.settings.choice("queue_type", as: QueueType.self)
        cluster = try loaded.settings.text("cluster")
        urls = loaded.settings.all("url").map(\.value)
        documentRoot = loaded.settings.textIfAny("document_root").map(Path.absolute)
        onlyHere = try loaded.settings.bool("only_here")
        rate = Int64(try loaded.settings.integer("report_rate"))
    }
}
