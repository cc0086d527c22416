/// The exchanges of a switch. Durable topic exchanges, all of them made by the administrator.
public enum ExchangeName {
    /// All public posts of the switch.
    public static let publicPosts = "xpublic"
    /// Every validated report of the switch.
    public static let log = "xlog"
    /// Reports that have no way to a source, with the reason.
    public static let unrouted = "xunrouted"
    /// Changes that running programs act on.
    public static let control = "xctl"

    /// Where a user writes posts and reports; only the feeder reads it.
    public static func posts(of user: String) -> String { "xs_" + user }
    /// Where a user reads the reports about the data that was posted under this name.
    public static func reports(of user: String) -> String { "xl_" + user }
    /// The public posts of one source.
    public static func data(of source: String) -> String { "xd_" + source }
    /// The private posts that a user may see.
    public static func privatePosts(of user: String) -> String { "xp_" + user }
    /// The private posts that are routed over the link to another cluster.
    public static func link(to cluster: String) -> String { "xq_" + cluster }

    /// The user who alone can write to this exchange; `nil` when it is not exactly `xs_<user>`.
    public static func owner(ofPosts exchange: String) -> String? {
        guard exchange.hasPrefix("xs_"), exchange.utf8.count > 3 else { return nil }
        return String(exchange.dropFirst(3))
    }
}

/// The queues of a switch, each under its user's own prefix.
public enum QueueName {
    /// `q_<user>.<program>.<config>.<id>`, at most 255 bytes: a longer `config` is cut. An `id` is 8 hex digits that the
    /// program keeps in its state.
    public static func make(user: String, program: String, config: String, id: String) -> String {
        var config = config
        let fixed = prefix(of: user).utf8.count + program.utf8.count + id.utf8.count + 2
        while !config.isEmpty && fixed + config.utf8.count > 255 { config.removeLast() }
        return "\(prefix(of: user))\(program).\(config).\(id)"
    }

    /// The stream that keeps the reports of 7 days for a source.
    public static func reports(of user: String) -> String { prefix(of: user) + "reports" }

    /// The queue from which the posts of one source are ingested, in the feeder's name.
    public static func ingest(feeder: String = "feeder", config: String = "ingest", source: String) -> String {
        make(user: feeder, program: "dd_sara", config: config, id: source)
    }

    /// The queue in which the reports of one user wait to be routed, in the feeder's name.
    public static func logRouting(feeder: String = "feeder", user: String) -> String {
        make(user: feeder, program: "dd_log", config: "routing", id: user)
    }

    /// The queue that keeps the last reports that had no way to a source, in the feeder's name.
    public static func unrouted(feeder: String = "feeder") -> String { prefix(of: feeder) + "unrouted" }

    /// The queue in which what users ask of the administrator's tool waits, in the feeder's name.
    public static func requests(feeder: String = "feeder", cluster: String) -> String {
        make(user: feeder, program: "dd_switch", config: "requests", id: cluster)
    }

    /// The stream bound to `xctl`: every control message, for programs that start later, in the feeder's name.
    public static func control(feeder: String = "feeder") -> String { prefix(of: feeder) + "control" }

    /// What the names of a user's queues begin with.
    public static func prefix(of user: String) -> String { "q_\(user)." }
}
