/// One command line of `dd_switch` for the administrator, taken apart.
public struct AdminInvocation: Sendable {
    /// What is to be done.
    public let verb: AdminVerb
    /// The operands behind it.
    public let operands: [String]
    /// The options of the command itself.
    public let settings: Settings
    /// `--config`, or the operand of `doctor`; `nil`: the default.
    public let configuration: String?
    /// Options that stand in `switch.conf` otherwise.
    public let common: [Setting]

    /// Finds the command in `words` (the arguments without the program's name); `nil` when there is none of these.
    public static func launch(_ words: [String]) throws(ConfigError) -> Launch<AdminInvocation>? {
        var rest = words[...]
        var configuration: String?
        while let word = rest.first, word.hasPrefix("-") {
            if word == "-c" || word == "--config" {
                guard rest.count > 1 else { throw ConfigError(.usage, "option '\(word)' needs a value CONFIG") }
                configuration = rest[rest.startIndex + 1]
                rest = rest.dropFirst(2)
            } else if word.hasPrefix("--config=") {
                configuration = String(word.dropFirst("--config=".count))
                rest = rest.dropFirst()
            } else {
                return nil
            }
        }
        guard let verb = try take(&rest) else { return nil }
        let parsed = try CommandLineParser(verb.table).parse(Array(rest))
        if parsed.wantsHelp { return .help(verb.table.help) }
        if parsed.wantsVersion { return .version }
        return .run(try AdminInvocation(verb, parsed, configuration))
    }

    private static func take(_ rest: inout ArraySlice<String>) throws(ConfigError) -> AdminVerb? {
        guard let first = rest.popFirst() else { return nil }
        let actions = AdminVerb.allCases.map(\.rawValue).filter { $0.hasPrefix(first + " ") }.map {
            $0.dropFirst(first.count + 1)
        }
        guard !actions.isEmpty else { return AdminVerb(rawValue: first) }
        guard let second = rest.popFirst(), let verb = AdminVerb(rawValue: "\(first) \(second)") else {
            throw ConfigError(.usage, "\(first): one of \(actions.joined(separator: ", ")) is expected")
        }
        return verb
    }

    private init(_ verb: AdminVerb, _ parsed: ParsedCommandLine, _ configuration: String?) throws(ConfigError) {
        self.verb = verb
        guard verb.operands.contains(parsed.operands.count) else {
            throw ConfigError(.usage, "usage: dd_switch \(verb.rawValue) \(verb.synopsis)")
        }
        let own = Set(verb.options.map(\.name))
        settings = Settings(
            table: verb.table, layers: [verb.isForUsers ? parsed.settings : parsed.settings.filter { own.contains($0.name) }])
        try settings.check()
        common = parsed.settings.filter { !own.contains($0.name) && $0.name != "config" }
        let operand = verb == .doctor ? parsed.operands.first : nil
        self.configuration = parsed.settings.last { $0.name == "config" }?.value ?? operand ?? configuration
        operands = parsed.operands
    }

    /// Whether only to show what would change.
    public var isDryRun: Bool { settings.given("dry_run").flatMap { Values.bool($0.value) } ?? false }
}

extension SwitchOptions {
    /// Reads the configuration that a command line names, or the default one.
    public static func load(_ invocation: AdminInvocation, environment: [String: String]) throws(ConfigError) -> SwitchOptions {
        try load(configuration: invocation.configuration, settings: invocation.common, environment: environment)
    }
}
