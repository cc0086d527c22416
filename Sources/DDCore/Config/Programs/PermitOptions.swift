/// The settings of dd_permit.
public struct PermitOptions: Sendable {
    /// Log, waiting, TLS.
    public let common: CommonOptions
    /// Where to ask.
    public let broker: BrokerURL
    /// `xs_<user>` unless set.
    public let exchange: String
    /// What is asked for: `grant`, `revoke` or `list`.
    public let permit: Permit
    /// The users, sorted; none for `list`.
    public let users: [Recipient]
    /// One JSON object per tree, or per answer.
    public let json: Bool

    /// The options of dd_permit.
    public static let table = OptionTable(
        program: "dd_permit",
        synopses: ["[options] grant TREE USER@CLUSTER...", "[options] revoke TREE USER@CLUSTER...", "[options] list"],
        options: [
            CommonOptions.broker,
            CommonOptions.config,
            PostingOptions.exchange,
            OptionSpec("json", [], .bool, default: "off", "one JSON object per line"),
        ] + CommonOptions.options(wait: "30"))

    /// Reads arguments (without the program's name), the configuration and the accounts.
    public static func load(arguments: [String], environment: [String: String]) throws(ConfigError) -> Launch<PermitOptions> {
        let loader = try Loader(table, arguments, environment)
        return try loader.launch { () throws(ConfigError) in try PermitOptions(loader) }
    }

    private init(_ loader: Loader) throws(ConfigError) {
        let words = loader.commandLine.operands
        guard let action = words.first.flatMap(Permit.Action.init), action != .set else {
            throw ConfigError(.usage, "grant, revoke or list is needed; dd_permit --help says more")
        }
        if action == .list {
            guard words.count == 1 else { throw ConfigError(.usage, "list takes nothing: it shows all of your private trees") }
            (permit, users) = (Permit(.list), [])
        } else {
            let readers = words.dropFirst(2).flatMap { $0.split(separator: ",").map(String.init) }
            let users = readers.compactMap(Recipient.init)
            guard words.count > 2, users.count == readers.count,
                users.allSatisfy({ AccountName.isValid($0.user) && AccountName.isValid($0.cluster) })
            else { throw ConfigError(.usage, "\(action.rawValue) needs a TREE and users with their clusters, like bob@c") }
            let tree = Permit.path(words[1])
            guard !tree.isEmpty, !ControlCharacters.occur(in: tree), tree.utf8.count <= 1000,
                !tree.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
            else { throw ConfigError(.usage, "TREE is a path as in your posts, like radar/secret, with no '.' or '..' in it") }
            permit = Permit(action, tree: tree)
            self.users = Set(users).sorted()
        }
        let loaded = try loader.load(configuration: loader.configOption)
        let settings = loaded.settings
        common = try CommonOptions(loaded)
        broker = try settings.broker("broker", loaded.credentials)
        exchange = settings.textIfAny("exchange") ?? ExchangeName.posts(of: broker.user)
        json = try settings.bool("json")
    }
}
