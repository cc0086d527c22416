/// The settings of `dd_switch start`, `stop`, `restart`, `reload` and `status`.
public struct ServiceOptions: Sendable {
    /// What is to be done.
    public enum Verb: String, Sendable, CaseIterable {
        case start, stop, restart, reload, status
    }

    /// What is to be done.
    public let verb: Verb
    /// The configurations meant; empty: all.
    public let names: [String]
    /// Write objects.
    public let json: Bool
    /// Write the table again and again.
    public let watch: Bool
    /// Seconds without a word from a process, after which it hangs.
    public let hung: Duration
    /// Seconds without a file, after which it is idle.
    public let idle: Duration
    /// Seconds from announcement to receipt, above which it lags.
    public let lag: Duration
    /// Posts that wait for another try, above which it is retrying.
    public let retry: Int
    /// Per cent of messages that are not wanted, above which it is rejecting.
    public let reject: Int
    /// Where configurations and state are.
    public let paths: ConfigPaths

    /// The options of a verb.
    public static func table(_ verb: Verb) -> OptionTable {
        OptionTable(
            program: "dd_switch", synopses: ["\(verb.rawValue) [options] [NAME...]"],
            options: verb == .status ? statusOptions : [])
    }

    private static let statusOptions = [
        OptionSpec("json", [], .bool, default: "off", inFile: false, "one JSON object per configuration"),
        OptionSpec("watch", [], .bool, default: "off", inFile: false, "write the table anew every two seconds"),
        OptionSpec(
            "hung", [], .duration(bareUnit: .seconds), value: "TIME", default: "450s", inFile: false, "no word from a process"),
        OptionSpec(
            "idle", [], .duration(bareUnit: .seconds), value: "TIME", default: "900s", inFile: false, "no file for so long"),
        OptionSpec(
            "lag", [], .duration(bareUnit: .seconds), value: "TIME", default: "30s", inFile: false,
            "posts are older when they come"),
        OptionSpec("retry", [], .integer(0...1_000_000_000), value: "N", default: "1000", inFile: false, "posts that wait"),
        OptionSpec(
            "reject", [], .integer(0...100), value: "PERCENT", default: "80", inFile: false, "messages that are not wanted"),
    ]

    /// Reads the words of the command line, of which the first is the verb; `nil`: it is none of these.
    public static func load(
        _ words: [String], environment: [String: String]
    ) throws(ConfigError) -> Launch<ServiceOptions>? {
        guard let verb = words.first.flatMap(Verb.init) else { return nil }
        let loader = try Loader(table(verb), Array(words.dropFirst()), environment)
        return try loader.launch { () throws(ConfigError) in try ServiceOptions(verb, loader) }
    }

    private init(_ verb: Verb, _ loader: Loader) throws(ConfigError) {
        self.verb = verb
        names = loader.commandLine.operands
        paths = loader.paths
        let settings = Settings(table: loader.table, layers: [loader.commandLine.settings])
        try settings.check()
        guard verb == .status else {
            (json, watch, hung, idle, lag, retry, reject) = (false, false, .zero, .zero, .zero, 0, 0)
            return
        }
        json = try settings.bool("json")
        watch = try settings.bool("watch")
        hung = try settings.duration("hung")
        idle = try settings.duration("idle")
        lag = try settings.duration("lag")
        retry = try settings.integer("retry")
        reject = try settings.integer("reject")
        if json, watch { throw ConfigError(.usage, "--watch is for people, --json for programs: one of them") }
    }
}
