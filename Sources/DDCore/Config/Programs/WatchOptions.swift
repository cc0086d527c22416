import Glibc

/// The settings of dd_watch.
public struct WatchOptions: Sendable {
    /// Work, here or in the background.
    public let action: Action
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Where to post.
    public let broker: BrokerURL
    /// `xs_<user>` unless set.
    public let exchange: String
    /// A post that no queue takes is an error. On for `xs_` exchanges unless set.
    public let mandatory: Bool
    /// Posts that may wait for their confirmation at once.
    public let window: Int
    /// What each post says.
    public let announcement: PostOptions.Announcement
    /// The blocks of a file are posted in random order.
    public let randomize: Bool
    /// What is watched: folders and files, absolute, none below another.
    public let paths: [String]
    /// What is announced.
    public let events: Set<Event>
    /// Accept and reject in order: what is announced of what changes; every pattern compiles.
    public let rules: [SelectionRule]
    /// Names that are passed over, as shells match them (`fnmatch`).
    public let ignored: [String]
    /// What is there when nothing is remembered yet is announced.
    public let existing: Bool
    /// A file is announced when it was left alone for so long after it was closed.
    public let settle: Duration
    /// How often everything is looked at, because the system tells nothing; `nil`: it is asked to tell.
    public let polling: Duration?
    /// How often everything is looked at though the system tells; `nil`: never.
    public let rescan: Duration?

    /// What the system is asked to tell of changes with.
    public let backend: Backend

    /// How changes are told.
    public enum Backend: String, CaseIterable, Sendable {
        /// fanotify where it is permitted, otherwise inotify.
        case auto
        /// fanotify(7) or an error.
        case fanotify
        /// inotify(7).
        case inotify
    }

    /// What can be announced.
    public enum Event: String, CaseIterable, Sendable {
        /// Files that were written, moved here or given another name.
        case file
        /// Symbolic links.
        case link
        /// Folders that were made.
        case directory
        /// What was removed or moved away.
        case remove
    }

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<WatchOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in
            let operands = loader.commandLine.operands
            guard let first = operands.first else {
                throw ConfigError(.usage, "PATHs, or a CONFIG, are needed; dd_watch --help says more")
            }
            guard Self.isPath(first) else {
                guard loader.configOption == nil else {
                    throw ConfigError(.usage, "--config goes with PATHs: '\(Redaction.masked(first))' is no folder and no file")
                }
                return try WatchOptions(
                    loader.load(configuration: first), nil, Action.read(operands.dropFirst(), hasQueue: false))
            }
            return try WatchOptions(loader.load(configuration: loader.configOption), operands, .foreground)
        }
    }

    /// Whether an operand names what is to be watched, and not a configuration.
    private static func isPath(_ text: String) -> Bool {
        var info = stat()
        guard stat(text, &info) == 0 else { return text.contains("/") && !text.hasSuffix(".conf") }
        return info.st_mode & S_IFMT == S_IFDIR || !text.hasSuffix(".conf")
    }

    private init(_ loaded: Loader.Loaded, _ operands: [String]?, _ action: Action) throws(ConfigError) {
        let settings = loaded.settings
        self.action = action
        broker = try settings.broker("broker", loaded.credentials)
        exchange = settings.textIfAny("exchange") ?? ExchangeName.posts(of: broker.user)
        mandatory = try settings.boolIfAny("mandatory") ?? exchange.hasPrefix("xs_")
        window = try settings.integer("window")
        announcement = try PostOptions.Announcement(settings, hasPaths: true)
        randomize = try settings.bool("randomize")
        if operands != nil, settings.given("path") != nil {
            throw ConfigError(.usage, "PATHs are given as operands and with 'path': one of the two")
        }
        paths = Self.outermost((operands ?? settings.texts("path")).map { Path.absolute($0) })
        guard !paths.isEmpty else { throw ConfigError(.configuration, "'path' is needed: what is to be watched") }
        let root = announcement.documentRoot
        for path in paths where !(root == "/" || path == root || path.utf8.starts(with: (root + "/").utf8)) {
            throw ConfigError(.usage, "\(path) is not below the document root \(root); see option document_root")
        }
        events = try settings.read("events") { (text) throws(ConfigError) in try Self.events(text) }
        rules = settings.rules
        ignored = settings.texts("ignore").filter { $0 != "none" }
        existing = try settings.bool("existing")
        settle = try settings.duration("settle")
        polling = try settings.durationIfAny("force_polling")
        backend = try settings.choice("backend", as: Backend.self)
        guard polling != .zero else { throw ConfigError(.usage, "force_polling must be 1 second or more") }
        let rescan = try settings.duration("rescan")
        self.rescan = rescan > .zero ? rescan : nil
        // What was remembered for the same paths is found again.
        let text = ([broker.description, exchange, announcement.url] + paths).joined(separator: "\n")
        let name = "paths_" + String(StateName.number(of: text), radix: 16)
        common = try CommonOptions(loaded, configuration: operands == nil ? nil : name, service: loaded.settings.table.program)
    }

    private static func events(_ text: String) throws(ConfigError) -> Set<Event> {
        var events: Set<Event> = []
        for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            guard let event = Event(rawValue: String(word)) else {
                let known = Event.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigError(.configuration, "bad value '\(Redaction.masked(text))' for events: \(known), with commas")
            }
            events.insert(event)
        }
        guard !events.isEmpty else { throw ConfigError(.configuration, "events is empty: nothing would be announced") }
        return events
    }

    /// Without what lies below another.
    private static func outermost(_ paths: [String]) -> [String] {
        let sorted = Set(paths).sorted { $0.utf8.count < $1.utf8.count }
        return sorted.filter { path in
            !sorted.contains { $0 != path && path.utf8.starts(with: ($0 == "/" ? "/" : $0 + "/").utf8) }
        }.sorted()
    }

    /// The options of dd_watch.
    public static let table = OptionTable(
        program: "dd_watch",
        synopses: ["[options] PATH...", "[options] CONFIG [\(Action.synopsis(hasQueue: false))]"],
        options: [
            OptionSpec(
                "backend", [], .choice(Backend.allCases.map(\.rawValue)), value: "auto|fanotify|inotify", default: "auto",
                "how the system is asked to tell of changes"),
            CommonOptions.broker,
            CommonOptions.config,
            PostingOptions.documentRoot,
            OptionSpec(
                "events", [], .text, value: "A,B", default: "file,link,directory,remove", "what is announced: some of these"),
            PostingOptions.exchange,
            OptionSpec("existing", [], .bool, default: "off", "at the first start announce what is there"),
            PostingOptions.flow,
            OptionSpec(
                "force_polling", [], .duration(bareUnit: .seconds), value: "TIME",
                "look at everything so often, because the file system has no events"),
            OptionSpec(
                "ignore", [], .text, repeatable: true, value: "PATTERN", default: ".*.tmp",
                "names to pass over, as shells match them; none for none"),
            PostingOptions.mandatory,
            PostingOptions.parts,
            PostingOptions.readers,
            PostingOptions.signingKey,
            OptionSpec("path", [], .text, repeatable: true, value: "PATH", "what is watched, in a configuration"),
            PostingOptions.randomize,
            PostingOptions.rename,
            OptionSpec(
                "rescan", [], .duration(bareUnit: .seconds), value: "TIME", default: "1d",
                "look at everything so often though the system tells of changes; 0 for never"),
            OptionSpec(
                "settle", [], .duration(bareUnit: .seconds), value: "TIME", default: "0",
                "announce a file when it was left alone for so long"),
            PostingOptions.subtopic,
            PostingOptions.sum,
            PostingOptions.toClusters,
            CommonOptions.topicPrefix("v02.post"),
            PostingOptions.url,
            PostingOptions.window,
        ] + SelectionOptions.rules + FiguresOption.specs + CommonOptions.options(wait: "forever"))
}
