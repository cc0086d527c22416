/// The settings of dd_post.
public struct PostOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Where to post.
    public let broker: BrokerURL
    /// `xs_<user>` unless set.
    public let exchange: String
    /// What each post says.
    public let announcement: Announcement
    /// The operands: files, folders, `-` for a list on standard input. Empty: `announcement.url` names the file itself.
    public let paths: [String]
    /// The list on standard input is separated by NUL.
    public let isNullSeparated: Bool
    /// A path below the document root that does not exist is announced as removed.
    public let remove: Bool
    /// The blocks of a file are posted in random order.
    public let randomize: Bool
    /// The connection is made anew for every post.
    public let reconnect: Bool
    /// A post that no queue takes is an error. On for `xs_` exchanges unless set.
    public let mandatory: Bool
    /// Nothing is posted; what would be is said.
    public let dryRun: Bool
    /// Posts that may wait for their confirmation at once.
    public let window: Int

    /// What the posts of one run have in common.
    public struct Announcement: Sendable {
        /// Where subscribers fetch, without a password: a prefix that ends in `/`, or the file itself when there are no paths.
        public let url: String
        /// Absolute. `/` unless set.
        public let documentRoot: String
        /// First words of the topic.
        public let topicPrefix: String
        /// Instead of the words that are made from the path.
        public let subtopic: String?
        /// Destinations (`to_clusters`).
        public let toClusters: [String]
        /// The user's tag (`flow`).
        public let flow: String?
        /// Where subscribers place it (`rename`).
        public let rename: String?
        /// How files are cut.
        public let parts: PartsChoice
        /// How they are summed.
        public let sum: SumChoice
    }

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<PostOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in try PostOptions(loader) }
    }

    private init(_ loader: Loader) throws(ConfigError) {
        let loaded = try loader.load(configuration: loader.configOption)
        let settings = loaded.settings
        paths = loader.commandLine.operands
        if paths.isEmpty && settings.given("url").map({ $0.value.hasSuffix("/") }) ?? true {
            throw ConfigError(
                .usage, "nothing to post: give PATHs, - for a list on standard input, or a --url that names the file")
        }
        common = try CommonOptions(loaded)
        broker = try settings.broker("broker", loaded.credentials)
        exchange = settings.textIfAny("exchange") ?? "xs_" + broker.user
        announcement = try Announcement(settings, hasPaths: !paths.isEmpty)
        isNullSeparated = try settings.bool("null")
        remove = try settings.bool("remove")
        randomize = try settings.bool("randomize")
        reconnect = try settings.bool("reconnect")
        mandatory = try settings.boolIfAny("mandatory") ?? exchange.hasPrefix("xs_")
        dryRun = try settings.bool("dry_run")
        window = try settings.integer("window")
        if isNullSeparated && !paths.contains("-") {
            throw ConfigError(.usage, "-0 is about a list on standard input: give - as a PATH")
        }
    }
}

extension PostOptions.Announcement {
    init(_ settings: Settings, hasPaths: Bool) throws(ConfigError) {
        let parts = try settings.read("url") { (text) throws(ConfigError) in try DataURL.checked(text) }
        url = hasPaths && !parts.hasSuffix("/") ? parts + "/" : parts
        documentRoot = Path.absolute(try settings.text("document_root"))
        topicPrefix = try settings.text("topic_prefix")
        subtopic = settings.textIfAny("subtopic")
        toClusters = settings.words("to_clusters")
        flow = settings.textIfAny("flow")
        rename = settings.textIfAny("rename")
        self.parts = try settings.read("parts") { (text) throws(ConfigError) in try PartsChoice(text) }
        sum = try settings.read("sum") { (text) throws(ConfigError) in try SumChoice(text) }
    }
}
