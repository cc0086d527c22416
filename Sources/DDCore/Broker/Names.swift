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
    /// The posts that are routed over the link to another cluster, private ones and others.
    public static func link(to cluster: String) -> String { "xq_" + cluster }
    /// Reports on their way back to another cluster, from which posts come here.
    public static func reports(to cluster: String) -> String { "xr_" + cluster }

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
    ///
    /// Whatever the source and the configuration are called, no two queues of the switch have one name: a `~` is in no account's name, and the
    /// configuration's is written so that it ends where the source's begins (`word`).
    public static func ingest(feeder: String = "feeder", config: String = "ingest", source: String) -> String {
        make(user: feeder, program: "dd_sara", config: word(config), id: source)
    }

    /// What the names of the queues begin with in which posts of all sources wait for another try, in the feeder's name. Of no source:
    /// after the configuration comes a `~` and a letter that is no hexadecimal digit, which `word` never writes.
    static func retries(feeder: String = "feeder", config: String = "ingest") -> String {
        "\(prefix(of: feeder))dd_sara.\(word(config))~waiting"
    }

    /// What they began with before: a source could be called so that its queue was one of them.
    static func formerRetries(feeder: String = "feeder", config: String = "ingest") -> String {
        "\(prefix(of: feeder))dd_sara.\(config)"
    }

    /// A configuration's name as one word: letters, digits, `-` and `_` stand for themselves, every other byte is `~` and two
    /// hexadecimal digits. One of more than 100 bytes is cut and ends in `~~` and its checksum.
    static func word(_ config: String) -> String {
        var word = ""
        for byte in config.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: word.unicodeScalars.append(Unicode.Scalar(byte))
            default: word += "~" + hexadecimal(UInt64(byte), digits: 2)
            }
        }
        guard word.utf8.count > 100 else { return word }
        // FNV-1a.
        let sum = config.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return word.prefix(80) + "~~" + hexadecimal(sum, digits: 16)
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    /// The empty queue that is there while the dd_sara called `config` holds the posts of a source on purpose, in the feeder's name. Its
    /// second word is no program's: it is nobody's queue of posts, whatever the source is called.
    public static func hold(feeder: String = "feeder", config: String = "ingest", source: String) -> String {
        make(user: feeder, program: "dd_sara_holds", config: word(config), id: source)
    }

    /// The queue in which the reports of one user wait to be routed, in the feeder's name.
    public static func logRouting(feeder: String = "feeder", user: String) -> String {
        make(user: feeder, program: "dd_log", config: "routing", id: user)
    }

    /// The queue in which reports wait for the link to the cluster from which the data came, in the feeder's name.
    public static func reports(to cluster: String, feeder: String = "feeder") -> String {
        make(user: feeder, program: "dd_log", config: "link", id: cluster)
    }

    /// The queue in which posts for another cluster wait for it, in the name of its account.
    public static func link(to cluster: String) -> String { link(ofAccount: UserRecord.linkPrefix + cluster) }

    /// The same, by the account.
    static func link(ofAccount account: String) -> String { prefix(of: account) + "posts" }

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
