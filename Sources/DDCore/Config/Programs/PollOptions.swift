/// The settings of dd_poll.
public struct PollOptions: Sendable {
    /// Work, here or in the background.
    public let action: Action
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// How the server that is polled is reached, and with which account.
    public let transfer: TransferOptions
    /// Where to post.
    public let broker: BrokerURL
    /// `xs_<user>` unless set.
    public let exchange: String
    /// A post that no queue takes is an error. On for `xs_` exchanges unless set.
    public let mandatory: Bool
    /// Posts that may wait for their confirmation at once.
    public let window: Int
    /// What is polled: a folder's URL, decoded, with its final `/`, without a password.
    public let pollURL: String
    /// Where subscribers fetch: what stands for `pollURL` in posts.
    public let url: String
    /// First words of the topic.
    public let topicPrefix: String
    /// Destinations (`to_clusters`).
    public let toClusters: [String]
    /// Who alone may have it (`to_users`); none: all.
    public let toUsers: [String]
    /// The user's tag (`flow`).
    public let flow: String?
    /// What the posts say of the content's checksum.
    public let sum: Sum
    /// Accept and reject in order; every pattern compiles.
    public let rules: [SelectionRule]
    /// Time between two looks; `nil`: look once and leave.
    public let interval: Duration?
    /// The server is asked for size and time of each new file where its listing rounds them.
    public let isExact: Bool
    /// Folders in folders are looked into.
    public let isRecursive: Bool
    /// What has gone is announced as removed.
    public let remove: Bool

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<PollOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            let operands = loader.commandLine.operands
            guard let first = operands.first else { throw ConfigError(.usage, "a CONFIG is needed; dd_poll --help says more") }
            return try PollOptions(
                loader.load(configuration: first), action: Action.read(operands.dropFirst(), hasQueue: false))
        }
    }

    private init(_ loaded: Loader.Loaded, action: Action) throws(ConfigError) {
        let settings = loaded.settings
        self.action = action
        common = try CommonOptions(loaded, service: loaded.settings.table.program)
        transfer = try TransferOptions(loaded)
        broker = try settings.broker("broker", loaded.credentials)
        exchange = settings.textIfAny("exchange") ?? ExchangeName.posts(of: broker.user)
        mandatory = try settings.boolIfAny("mandatory") ?? exchange.hasPrefix("xs_")
        window = try settings.integer("window")
        let polled = try settings.read("poll_url") { (text) throws(ConfigError) in try DataURL.folder(text) }
        pollURL = polled
        guard ["http", "https", "ftp", "ftps", "sftp"].contains(polled.prefix { $0 != ":" }.lowercased()) else {
            throw ConfigError(
                at: settings.given("poll_url")?.origin ?? .builtIn, "poll_url must begin with http, https, ftp, ftps or sftp")
        }
        url =
            settings.given("url") == nil
            ? polled : try settings.read("url") { (text) throws(ConfigError) in try DataURL.folder(text) }
        topicPrefix = try settings.text("topic_prefix")
        toUsers = try PostingOptions.readers(settings)
        toClusters = Set(toUsers.compactMap(Recipient.init).map(\.cluster)).sorted() + settings.words("to_clusters")
        flow = settings.textIfAny("flow")
        sum = try settings.read("sum") { (text) throws(ConfigError) in try Self.sum(text) }
        rules = settings.rules
        let interval = try settings.duration("interval")
        guard interval > .zero else {
            throw ConfigError(
                at: settings.given("interval")?.origin ?? .builtIn, "interval 0 would never rest: say --once to look once")
        }
        self.interval = try settings.bool("once") ? nil : interval
        isExact = try settings.bool("exact")
        isRecursive = try settings.bool("recursive")
        remove = try settings.bool("remove")
    }

    /// The bytes are not seen here: their sum is left to who fetches them, or to nobody.
    private static func sum(_ text: String) throws(ConfigError) -> Sum {
        switch text {
        case "0": .none("0")
        case "c=md5": .compute(.md5)
        case "c=sha512": .compute(.sha512)
        case "c=xxh128": .compute(.xxh128)
        default:
            throw ConfigError(.configuration, "bad value '\(text)' for sum: 0, c=md5, c=sha512 or c=xxh128 is expected")
        }
    }
}
