/// The settings of dd_sender.
public struct SenderOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Work, or delete the queue.
    public let action: Action
    /// Nothing is sent: what would be is explained.
    public let explanation: ExplainOptions
    /// From where posts come.
    public let source: SourceOptions
    /// The queue.
    public let queue: QueueOptions
    /// Accept and reject in order; every pattern compiles.
    public let rules: [SelectionRule]
    /// The folder that files are put below: its URL, decoded, with its final `/`.
    public let destination: String
    /// Keep the announced directories.
    public let mirror: Bool
    /// What is dropped at the front of the announced path.
    public let strip: StripChoice
    /// Joins directories and name; `nil`: no.
    public let flatten: String?
    /// What the names end in under which files are written.
    public let lock: String
    /// Where the announced files are on this machine; `nil`: they are fetched.
    public let documentRoot: String?
    /// Announced removals are carried out.
    public let remove: Bool
    /// The mode that posts say is set.
    public let preservesMode: Bool
    /// The time that posts say is set.
    public let preservesTime: Bool
    /// How data is fetched, and the accounts.
    public let transfer: TransferOptions
    /// From where data may be fetched; empty: from anywhere but the machine's own and local addresses.
    public let allowedURLs: [AllowedURL]
    /// Reports are sent.
    public let logBack: Bool
    /// What is posted of files that were sent; `nil`: nothing.
    public let outlet: Outlet?
    /// Transfers at once.
    public let parallel: Int
    /// Processes that share the queue.
    public let instances: Int
    /// When to leave.
    public let exit: ExitOptions

    /// Where files are announced when they are there.
    public struct Outlet: Sendable {
        /// The broker of the destination.
        public let broker: BrokerURL
        /// The exchange there.
        public let exchange: String
        /// What stands for the destination in the posts, with its final `/`.
        public let url: String
    }

    /// The options of dd_sender.
    public static let table = OptionTable(
        program: "dd_sender",
        synopses: ["[options] CONFIG [\(Action.synopsis())]"],
        options: SourceOptions.options(exchange: "xpublic") + [
            OptionSpec(
                "destination", [], .text, value: "URL", "the folder to put files below: sftp, ftp, ftps, http, https or file"),
            CommonOptions.broker,
            OptionSpec("exchange", ["ex"], .name, value: "NAME", "with broker: where to post what was sent (default xs_<user>)"),
            OptionSpec("url", ["u"], .text, value: "URL", "with broker: where subscribers fetch there (default the destination)"),
            CommonOptions.topicPrefix("v02.post"),
            OptionSpec(
                "document_root", ["dr"], .text, value: "DIR",
                "where the announced files are on this machine (default: they are fetched)"),
            OptionSpec("mirror", [], .bool, default: "on", "keep the announced directories"),
            StripChoice.option(),
            OptionSpec("flatten", [], .text, value: "C", "join the directories and the name with C instead"),
            OptionSpec("lock", [], .name, value: ".EXT", default: ".tmp", "end of the names of files on their way"),
            OptionSpec("preserve_mode", [], .bool, default: "off", "set the mode that the post says"),
            OptionSpec("preserve_time", [], .bool, default: "on", "set the time that the post says"),
            OptionSpec("remove", [], .bool, aliases: ["delete"], default: "on", "carry out announced removals"),
            SelectionOptions.allowURL("URL"),
            SelectionOptions.logBack,
            SelectionOptions.parallel,
            SelectionOptions.instances,
        ] + FiguresOption.specs + [CommonOptions.includes] + ExplainOptions.options + SelectionOptions.rules
            + TransferOptions.options + QueueOptions.options
            + [
                ExitOptions.idle, ExitOptions.messages,
            ]
            + CommonOptions.options(wait: "forever"))

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<SenderOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            let operands = loader.commandLine.operands
            guard let first = operands.first else { throw ConfigError(.usage, "a CONFIG is needed; dd_sender --help says more") }
            return try SenderOptions(loader.load(configuration: first), action: Action.read(operands.dropFirst()))
        }
    }

    private init(_ loaded: Loader.Loaded, action: Action) throws(ConfigError) {
        let settings = loaded.settings
        self.action = action
        explanation = try ExplainOptions(settings, action)
        common = try CommonOptions(loaded, service: settings.table.program)
        source = try SourceOptions(loaded)
        queue = try QueueOptions(settings)
        rules = settings.rules
        let folder = try settings.read("destination") { (text) throws(ConfigError) in try DataURL.folder(text) }
        destination = folder
        let scheme = folder.prefix { $0 != ":" }.lowercased()
        guard ["sftp", "ftp", "ftps", "http", "https", "file"].contains(scheme) else {
            throw ConfigError(
                at: settings.given("destination")?.origin ?? .builtIn,
                "destination must begin with sftp, ftp, ftps, http, https (WebDAV) or file")
        }
        mirror = try settings.bool("mirror")
        strip = try settings.read("strip") { (text) throws(ConfigError) in try StripChoice(text) }
        flatten = settings.textIfAny("flatten")
        lock = try settings.text("lock")
        documentRoot = settings.textIfAny("document_root").map { Path.absolute($0) }
        remove = try settings.bool("remove")
        preservesMode = try settings.bool("preserve_mode")
        preservesTime = try settings.bool("preserve_time")
        transfer = try TransferOptions(loaded)
        allowedURLs = try settings.allowedURLs(withSource: false)
        logBack = try settings.bool("log_back")
        parallel = try settings.integer("parallel")
        instances = try settings.integer("instances")
        exit = try ExitOptions(settings)
        if settings.given("broker") != nil {
            let broker = try settings.broker("broker", loaded.credentials)
            let url =
                settings.given("url") == nil
                ? folder : try settings.read("url") { (text) throws(ConfigError) in try DataURL.folder(text) }
            outlet = Outlet(
                broker: broker, exchange: settings.textIfAny("exchange") ?? ExchangeName.posts(of: broker.user), url: url)
        } else {
            outlet = nil
            for name in ["exchange", "url"] {
                guard let setting = settings.given(name) else { continue }
                throw ConfigError(
                    at: setting.origin, "\(name) is about what is posted at the destination: 'broker' is needed with it")
            }
        }
    }

    /// The folder in which what was fetched lies until it is sent.
    public var spool: String { "\(common.stateHome)/\(common.program)/\(common.stateName.word).spool" }
}
