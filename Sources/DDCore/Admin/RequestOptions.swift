/// What the commands for users and operators need: a broker and an account there.
public struct RequestOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// The broker, as the user who asks.
    public let broker: BrokerURL

    /// Reads the command's options and the accounts.
    public static func load(
        _ invocation: AdminInvocation, environment: [String: String]
    ) throws(ConfigError) -> RequestOptions {
        let loader = try Loader(invocation.verb.table, [], environment)
        let shared = Set(([CommonOptions.broker] + CommonOptions.options(wait: "30")).map(\.name))
        let settings = invocation.settings.list.filter { shared.contains($0.name) }
        return try RequestOptions(loader.load(configuration: nil, also: settings))
    }

    private init(_ loaded: Loader.Loaded) throws(ConfigError) {
        common = try CommonOptions(loaded)
        broker = try loaded.settings.broker("broker", loaded.credentials)
    }

    /// What `dd_switch ask` is to send.
    public func request(_ invocation: AdminInvocation) throws(ConfigError) -> UserRequest {
        let name = invocation.operands[1]
        guard AccountName.isValid(name) else { throw ConfigError(.usage, "'\(LogLine.plain(name))' is no name for an account") }
        switch invocation.operands[0] {
        case "stop": return .stop(user: name, try invocation.settings.bool("discard") ? .discard : .hold)
        case "resume": return .resume(user: name)
        default: throw ConfigError(.usage, "ask: stop or resume is expected")
        }
    }
}
