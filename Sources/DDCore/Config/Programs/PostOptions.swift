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
    /// Accept and reject in order: what is announced of what is found; every pattern compiles.
    public let rules: [SelectionRule]
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
    /// Files that are being written are followed to their end; `nil`: files are posted as they are.
    public let growing: Growing?
    /// What looks like a mistake though it may be meant: whole paths of this machine below a URL of a web or ftp server.
    public let pathWarning: String?
    /// Clusters the way to which is asked for instead of posting (`trace_route`); empty: none.
    public let tracedRoute: [String]
    /// Posts that may wait for their confirmation at once.
    public let window: Int

    /// How files that are being written are followed.
    public struct Growing: Sendable {
        /// Bytes in a block.
        public let blockSize: Int64
        /// A file is finished that was closed so long ago.
        public let settle: Duration
        /// A file is finished that did not change for so long.
        public let idle: Duration
        /// How often files are looked at; `nil`: when the file system says that they changed, or every 5 s where it does not.
        public let polling: Duration?
    }

    /// What the posts of one run have in common.
    public struct Announcement: Sendable {
        /// Where subscribers fetch, decoded, without a password: a prefix that ends in `/`, or the file itself when there are no paths.
        public let url: String
        /// Absolute. `/` unless set.
        public let documentRoot: String
        /// First words of the topic.
        public let topicPrefix: String
        /// Instead of the words that are made from the path.
        public let subtopic: String?
        /// Destinations (`to_clusters`).
        public let toClusters: [String]
        /// The file of the key that signs posts; `nil`: they are not signed.
        public let signingKey: String?
        /// Who alone may have it (`to_users`); none: all.
        public let toUsers: [String]
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
        // Who writes -p FILE has no PATH: that is what is to be said.
        _ = try settings.read("parts") { (text) throws(ConfigError) in try PartsChoice(text) }
        tracedRoute = settings.words("trace_route")
        if tracedRoute.isEmpty, paths.isEmpty && settings.given("url").map({ $0.value.hasSuffix("/") }) ?? true {
            throw ConfigError(
                .usage, "nothing to post: give PATHs, - for a list on standard input, or a --url that names the file")
        }
        common = try CommonOptions(loaded)
        broker = try settings.broker("broker", loaded.credentials)
        exchange = settings.textIfAny("exchange") ?? "xs_" + broker.user
        announcement = try Announcement(settings, hasPaths: !paths.isEmpty, tracedRoute: tracedRoute)
        pathWarning = settings.given("document_root") == nil ? Self.warning(announcement.url, paths.first) : nil
        rules = settings.rules
        isNullSeparated = try settings.bool("null")
        remove = try settings.bool("remove")
        randomize = try settings.bool("randomize")
        reconnect = try settings.bool("reconnect")
        mandatory = try settings.boolIfAny("mandatory") ?? exchange.hasPrefix("xs_")
        dryRun = try settings.bool("dry_run")
        window = try settings.integer("window")
        growing = try settings.bool("growing") ? Growing(settings, announcement.parts, paths) : nil
        guard tracedRoute.isEmpty || paths.isEmpty else {
            throw ConfigError(.usage, "--trace_route posts no files: leave the PATHs out")
        }
        if isNullSeparated && !paths.contains("-") {
            throw ConfigError(.usage, "-0 is about a list on standard input: give - as a PATH")
        }
    }
}

extension PostOptions {
    /// What is said of a first path without a document root; `nil` where whole paths are what the server shows.
    private static func warning(_ url: String, _ path: String?) -> String? {
        let servesFolders = ["http:", "https:", "ftp:", "ftps:"].contains { url.utf8.starts(with: $0.utf8) }
        guard servesFolders, let path, path != "-" else { return nil }
        let full = Path.absolute(path)
        return "no document_root: \(full) is announced as \(url)\(full.dropFirst()); -dr DIR says which folder \(url) shows"
    }
}

extension PostOptions.Growing {
    init(_ settings: Settings, _ parts: PartsChoice, _ paths: [String]) throws(ConfigError) {
        guard case .blocks(.inplace, let size) = parts else {
            throw ConfigError(.usage, "growing goes with parts i,SIZE or auto: receivers put the blocks into the file")
        }
        guard !paths.contains("-") else { throw ConfigError(.usage, "growing takes files, not a list on standard input") }
        blockSize = size
        settle = try settings.duration("settle")
        idle = try settings.duration("idle")
        polling = try settings.durationIfAny("force_polling")
        guard polling != .zero else { throw ConfigError(.usage, "force_polling must be 1 second or more") }
    }
}

extension PostOptions.Announcement {
    init(_ settings: Settings, hasPaths: Bool, tracedRoute: [String] = []) throws(ConfigError) {
        // Nothing is fetched over a route that is traced.
        url =
            try !tracedRoute.isEmpty
            ? "file:///"
            : settings.read("url") { (text) throws(ConfigError) in
                try hasPaths ? DataURL.folder(text) : DataURL.checked(text)
            }
        documentRoot = Path.absolute(try settings.text("document_root"))
        topicPrefix = try settings.text("topic_prefix")
        subtopic = settings.textIfAny("subtopic")
        signingKey = settings.textIfAny("signing_key")
        toUsers = try PostingOptions.readers(settings)
        toClusters = Set(toUsers.compactMap(Recipient.init).map(\.cluster)).sorted() + settings.words("to_clusters")
        flow = settings.textIfAny("flow")
        rename = settings.textIfAny("rename")
        self.parts = try settings.read("parts") { (text) throws(ConfigError) in try PartsChoice(text) }
        sum = try settings.read("sum") { (text) throws(ConfigError) in try SumChoice(text) }
    }
}
