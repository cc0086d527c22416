/// The commands of `dd_switch` for the administrator of a running broker, each with its options.
public enum AdminVerb: String, Sendable, CaseIterable {
    case initialise = "init"
    case userAdd = "user add"
    case userPasswd = "user passwd"
    case userList = "user list"
    case userRemove = "user remove"
    case userStop = "user stop"
    case userResume = "user resume"
    case linkAdd = "link add"
    case linkList = "link list"
    case linkShow = "link show"
    case linkRemove = "link remove"
    case routeList = "route list"
    case routeExplain = "route explain"
    case quota
    case audit
    case check
    case doctor
    case export
    case restore
    case requests
    case unrouted
    case passwd
    case ask

    /// What follows the command, for the usage line.
    var synopsis: String {
        switch self {
        case .initialise: "[NAME…]"
        case .userAdd, .userPasswd, .userRemove, .userStop, .userResume, .quota: "[options] NAME"
        case .userList, .linkList, .routeList, .check, .requests, .passwd: "[options]"
        case .linkAdd, .linkShow, .linkRemove: "[options] CLUSTER"
        case .routeExplain: "[options] CLUSTER|FILE"
        case .audit: "[options] [NAME]"
        case .doctor: "[CONFIG]"
        case .unrouted: "[options] [clear]"
        case .export: "[options] [FILE]"
        case .restore: "[options] FILE"
        case .ask: "[options] stop | resume NAME"
        }
    }

    /// How many operands it takes.
    var operands: ClosedRange<Int> {
        switch self {
        case .initialise: 0...1000
        case .userAdd, .userPasswd, .userRemove, .userStop, .userResume, .quota, .restore: 1...1
        case .linkAdd, .linkShow, .linkRemove, .routeExplain: 1...1
        case .userList, .linkList, .routeList, .check, .requests, .passwd: 0...0
        case .audit, .doctor, .export, .unrouted: 0...1
        case .ask: 2...2
        }
    }

    /// Whether it is a user's own: it has a broker and an account, and no `switch.conf`.
    public var isForUsers: Bool { self == .passwd || self == .ask }

    /// Whether it changes what stands on the broker.
    public var changesSomething: Bool {
        ![.userList, .linkList, .linkShow, .routeList, .routeExplain, .audit, .check, .doctor, .export, .passwd, .ask].contains(
            self)
    }

    /// The options that only this command has, beside those of every command.
    var options: [OptionSpec] {
        switch self {
        case .initialise, .restore: [Self.dryRun]
        case .userAdd: [Self.dryRun] + Self.account + Self.password + [Self.noPassword]
        case .userPasswd: [Self.dryRun] + Self.password + [Self.noPassword]
        case .userRemove, .linkRemove: [Self.dryRun, Self.yes]
        case .linkAdd: [Self.dryRun] + Self.link + Self.password
        case .userStop: [Self.dryRun, Self.discard]
        case .userResume: [Self.dryRun]
        case .quota: [Self.dryRun] + Self.bounds
        case .check: Self.thresholds
        case .audit, .userList, .linkList, .linkShow, .routeList: [Self.json]
        case .passwd: Self.password
        case .ask: [Self.discard]
        case .unrouted: [Self.dryRun]
        case .doctor, .export, .requests, .routeExplain: []
        }
    }

    /// What it does, in one line.
    var summary: String {
        switch self {
        case .initialise: "make what the switch needs; NAMEs may be changed"
        case .userAdd: "make an account and all that belongs to it"
        case .userPasswd: "give an account another password"
        case .userList: "show the accounts"
        case .userRemove: "delete an account and all that is under its name"
        case .userStop: "close an account out and hold its posts"
        case .userResume: "let it in again"
        case .linkAdd: "let another switch take posts from here, or take them from there (--from)"
        case .linkList: "show the links to other switches"
        case .linkShow: "show one of them"
        case .linkRemove: "delete a link"
        case .routeList: "show which clusters can be reached, and how"
        case .routeExplain: "say which way posts for a cluster go, and why; or where one file went"
        case .quota: "show or set what an account may use"
        case .audit: "show who changed what"
        case .check: "one line and exit status for Nagios"
        case .doctor: "what is wrong, and what to do"
        case .export: "write the definitions of what belongs to the switch"
        case .restore: "make what a file of definitions has"
        case .requests: "act on what users and operators ask, until stopped"
        case .unrouted: "show, or forget, reports that had no way to a source, and posts that have none on"
        case .passwd: "ask for another password of one's own"
        case .ask: "as an operator, ask for a source to be stopped or resumed"
        }
    }

    /// All commands with their operands, one per line.
    public static var overview: String {
        allCases.map { verb in
            let head = "  \(verb.rawValue) \(verb.synopsis)"
            return head + String(repeating: " ", count: max(30 - head.count, 1)) + "  \(verb.summary)\n"
        }.joined()
    }

    /// All options of the command.
    public var table: OptionTable {
        let common = isForUsers ? [CommonOptions.broker] + CommonOptions.options(wait: "30") : SwitchOptions.table.options
        let own = options + (isForUsers ? [] : [self == .check ? Self.longConfig : CommonOptions.config])
        // `user add --url` is the user's, not the switch's.
        let names = Set(own.map(\.name) + ["help", "version"])
        return OptionTable(
            program: "dd_switch", synopses: ["\(rawValue) \(synopsis)"], options: own + common.filter { !names.contains($0.name) }
        )
    }

    /// The options of all commands, each once, for a common help text.
    public static var everyOption: [OptionSpec] {
        var seen: Set<String> = ["version", "help"]
        return allCases.flatMap(\.table.options).filter { seen.insert($0.name).inserted }
    }

    // Where -c is the critical threshold.
    private static let longConfig = OptionSpec(
        "config", [], .text, value: "CONFIG", inFile: false, "configuration: a path, or a name to look up")
    private static let dryRun = OptionSpec("dry_run", ["n"], .bool, default: "off", "show what would change, change nothing")
    private static let yes = OptionSpec("yes", ["y"], .bool, default: "off", "remove without asking")
    private static let json = OptionSpec("json", [], .bool, default: "off", "one JSON object per line")
    private static let discard = OptionSpec("discard", [], .bool, default: "off", "posts that wait are refused, not held")
    private static let noPassword = OptionSpec(
        "no_password", [], .bool, default: "off", "no password in RabbitMQ: another backend has it")

    private static let password = [
        OptionSpec("password", [], .text, value: "PW", "the password; others on this machine can see it in the process list"),
        OptionSpec(
            "password_file", [], .text, value: "FILE", "the password's file; where there is none, one is made and written (0600)"),
    ]

    private static let account = [
        OptionSpec(
            "role", [], .choice(UserRecord.Role.allCases.map(\.rawValue)), value: "ROLE",
            "source, consumer, operator, admin or (default) user"),
        OptionSpec("url", [], .text, repeatable: true, value: "URL", "below which the source's data may be fetched"),
        OptionSpec("reuse", [], .bool, default: "off", "also a name that was removed less than 30 days ago"),
        OptionSpec("legacy", [], .bool, "may declare its own exchange, as older clients do"),
    ]

    private static let link = [
        OptionSpec(
            "reaches", [], .text, value: "A,B:N",
            "the clusters that lie behind it, and how many links are between (1); none: nothing"),
        OptionSpec("from", [], .text, value: "URL", "take posts from there: its broker, with the account link_HERE that it gave"),
        OptionSpec(
            "origins", [], .text, value: "A,B", "with --from: refuse data that was posted elsewhere (default any but here)"),
    ]

    private static let bounds = [
        OptionSpec("bytes", [], .text, value: "SIZE|none", "what the source's files may take on disk"),
        OptionSpec("files", [], .text, value: "N|none", "how many files"),
        OptionSpec("rate", [], .text, value: "SIZE|none", "bytes fetched per second"),
        OptionSpec("messages", [], .text, value: "N|none", "messages per second"),
        OptionSpec("connections", [], .text, value: "N|none", "connections at a time"),
        OptionSpec("channels", [], .text, value: "N|none", "channels at a time"),
        OptionSpec("queue_bytes", [], .text, value: "SIZE|none", "bytes in each queue"),
    ]

    private static let thresholds = [
        OptionSpec(
            "warning", ["w"], .integer(0...Int.max), value: "N", default: "10000", "messages in one queue that are a warning"),
        OptionSpec(
            "critical", ["c"], .integer(0...Int.max), value: "N", default: "100000", "messages in one queue that are critical"),
    ]
}
