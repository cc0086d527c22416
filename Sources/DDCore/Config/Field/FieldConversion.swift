/// Turns a configuration of the field's tools (sr3, v2) into one of ours, line by line. What has no counterpart stays in it as a comment that says why.
public struct FieldConversion: Sendable {
    /// What their programs are called, by the folder that their configurations lie in.
    public enum Component: String, CaseIterable, Sendable {
        case subscribe, sarra, sender, watch, post, poll, winnow, shovel, cpost, cpump, report

        /// Ours that does the same.
        public var program: String? {
            switch self {
            case .subscribe: "dd_subscribe"
            case .sarra: "dd_sara"
            case .sender: "dd_sender"
            case .watch: "dd_watch"
            case .post, .cpost: "dd_post"
            case .poll: "dd_poll"
            case .winnow, .shovel, .cpump: "dd_winnow"
            case .report: "dd_switch log2source"
            }
        }

        /// It reads posts at one broker and writes them at another.
        var hasSource: Bool { [.sarra, .sender, .winnow, .shovel, .cpump].contains(self) }
        /// It only writes posts.
        var onlyPosts: Bool { [.watch, .post, .cpost, .poll].contains(self) }

        var table: OptionTable? {
            switch program {
            case "dd_subscribe": SubscribeOptions.table
            case "dd_sara": SaraOptions.table
            case "dd_sender": SenderOptions.table
            case "dd_watch": WatchOptions.table
            case "dd_post": PostOptions.table
            case "dd_poll": PollOptions.table
            case "dd_winnow": WinnowOptions.table
            case "dd_switch log2source": RoutingOptions.table
            default: nil
            }
        }
    }

    /// The configuration in our words.
    public private(set) var text = ""
    /// Lines with an option, and those of them that say the same now.
    public private(set) var counts = (lines: 0, carried: 0)

    let component: Component
    private(set) var seen: Set<String> = []
    private var directory: String?
    private var path: String?
    private var destination: String?
    private var acceptsUnmatched = false
    /// Several of their options say how often figures are logged.
    var hasFigures = false

    /// Their options that name a plugin.
    private static let programs: Set<String> = ["plugin", "callback", "flowcb", "onmessage", "onpost", "onfile", "onheartbeat"]
    /// Plugins of theirs that log or count, which is done here without any.
    private static let counting: Set<String> = [
        "log", "flowcb.log", "msg_log", "file_log", "post_log", "msg_total", "file_total", "post_total", "msg_total_save",
        "file_total_save", "post_total_save", "msg_rawlog", "hb_log", "gather.message", "flowcb.gather.message",
    ]

    /// Converts `source`, the text of a configuration.
    public init(_ source: String, of component: Component) {
        self.component = component
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmed }
        // Which of two that mean one of ours is the one.
        for line in lines { seen.insert(FieldOptions.normal(Self.name(line))) }
        for line in lines { convert(String(line)) }
        finish()
    }

    private static func name(_ line: Substring) -> String {
        let word = line.prefix { $0 != " " && $0 != "\t" && $0 != "=" }
        return String(word.drop { $0 == "-" })
    }

    private mutating func convert(_ line: String) {
        guard !line.isEmpty, !line.hasPrefix("#") else { return text += line + "\n" }
        counts.lines += 1
        let name = Self.name(line[...])
        let value = line.drop { $0 == "-" }.dropFirst(name.count)
        var words = value.trimmed.split { $0 == " " || $0 == "\t" }.map(String.init)
        if words.first == "=" { words.removeFirst() }
        // A comment behind a value.
        if let comment = words.firstIndex(where: { $0.hasPrefix("#") }), comment > 0 { words.removeSubrange(comment...) }
        switch converted(FieldOptions.normal(name), words.joined(separator: " "), words) {
        case .lines(let lines):
            counts.carried += 1
            for line in lines { text += line + "\n" }
        case .same(let why):
            counts.carried += 1
            text += "# \(line): \(why)\n"
        case .none(let why): text += "# not carried over: \(line): \(why)\n"
        }
    }

    enum Result {
        case lines([String])
        /// What it asks for is so without it.
        case same(String)
        case none(String)
    }

    func has(_ option: String) -> Bool { component.table?.option(named: option)?.inFile == true }

    func ours(_ option: String, _ value: String) -> Result {
        guard has(option) else { return .none("\(option) is of no use to \(component.program ?? "us")") }
        if let fault = component.table?.option(named: option)?.fault(in: value), !value.contains("${") {
            return .none("as '\(option)' it would be wrong: \(fault)")
        }
        return .lines(["\(option) \(value)"])
    }

    func bool(_ value: String) -> Bool { value.isEmpty || ["true", "yes", "on", "1"].contains(value.lowercased()) }

    private mutating func converted(_ name: String, _ value: String, _ words: [String]) -> Result {
        if component == .report, !["broker", "exchange"].contains(name) {
            return .none("dd_switch log2source brings reports to their sources")
        }
        if Self.programs.contains(name), value == "None" { return .same("nothing is started") }
        if Self.programs.contains(name), Self.counting.contains(value.lowercased()) {
            return .same("each file is in the log at level info; log_figures, dd_switch status and metrics count")
        }
        switch name {
        case "broker":
            if component.onlyPosts, seen.contains("postbroker") { return .none("post_broker says where to post") }
            return value.hasPrefix("mqtt")
                ? .none("only AMQP is spoken") : ours(component.hasSource ? "source_broker" : "broker", value)
        case "postbroker":
            if component == .subscribe { return .none("dd_sara announces again what it has fetched") }
            return value.hasPrefix("mqtt") ? .none("only AMQP is spoken") : ours("broker", value)
        case "exchange", "exchangesuffix":
            let exchange = name == "exchange" ? value : "xs_${BROKER_USER}_\(value)"
            if component.onlyPosts, seen.contains("postexchange") || seen.contains("postexchangesuffix") {
                return .none("post_exchange says where to post")
            }
            return ours(component.hasSource ? "source_exchange" : "exchange", exchange)
        case "postexchange": return component == .subscribe ? .none("nothing is posted") : ours("exchange", value)
        case "postexchangesuffix":
            return component == .subscribe ? .none("nothing is posted") : ours("exchange", "xs_${BROKER_USER}_\(value)")
        case "topicprefix":
            if component.onlyPosts, seen.contains("posttopicprefix") { return .none("post_topicPrefix says how to post") }
            return component.onlyPosts ? postPrefix(value) : ours("topic_prefix", value)
        case "posttopicprefix":
            if !component.hasSource { return component == .subscribe ? .none("nothing is posted") : postPrefix(value) }
            return seen.contains("topicprefix")
                ? .none("topic_prefix is that of what is read and of what is posted; posts are written as v02")
                : postPrefix(value)
        case "subtopic": return ours(component.hasSource ? "source_topic" : "subtopic", value)
        case "accept", "reject": return rule(name, words)
        case "acceptunmatch", "acceptunmatched":
            acceptsUnmatched = has("accept") && bool(value)
            return has("accept") ? .lines([]) : .none("nothing is selected here")
        case "directory":
            directory = value
            switch component {
            case .subscribe: return ours("directory", value)
            case .sarra:
                return seen.contains("postbasedir") || seen.contains("documentroot")
                    ? .same("post_baseDir says where: what is served is what is stored") : ours("document_root", value)
            case .poll, .sender: return .lines([])
            default: return .none("there is no directory to put files into")
            }
        case "path":
            path = value
            if component == .watch { return ours("path", value) }
            if component == .poll || component == .sender { return .lines([]) }
            return .same("paths are operands of dd_post: dd_post -c CONFIG \(value)")
        case "destination", "sendto", "pollurl":
            destination = value
            return component == .poll || component == .sender
                ? .lines([]) : .none("only dd_sender and dd_poll have another server")
        case "postbasedir", "basedir", "documentroot":
            return has("document_root")
                ? ours("document_root", value.hasPrefix("file:") ? String(value.dropFirst(5)) : value)
                : .none("nothing is served")
        case "postbaseurl", "url": return ours("url", value)
        case "strip": return strip(value)
        case "instances": return ours("instances", value)
        case "sleep", "scheduledinterval":
            return component == .poll ? ours("interval", value) : .same("changes are told as they come")
        case "loglevel":
            let level = ["critical": "error", "warn": "warning", "none": "error"][value.lowercased()] ?? value.lowercased()
            return ours("log_level", level)
        case "debug": return bool(value) ? ours("log_level", "debug") : .same("it is not")
        case "logreject":
            return bool(value) ? ours("log_reject", "on") : .same("it is not")
        case "reportback", "report":
            return has("log_back") || bool(value) ? ours("log_back", bool(value) ? "on" : "off") : .same("it reports nothing")
        case "preservetime", "timecopy":
            if has("preserve_time") { return ours("preserve_time", bool(value) ? "on" : "off") }
            return bool(value) ? .same("posts say the time of modification") : .none("posts always say it")
        case "filetotalinterval", "msgtotalinterval", "posttotalinterval", "housekeeping", "heartbeat": return figures(value)
        case "set": return level(words)
        case "messagedebugdump", "logmessagedump":
            return .same(bool(value) ? "at log_level debug each message is written out" : "it is not")
        case "reportexchange" where value.hasPrefix("xs_"): return .same("reports go to the user's own exchange")
        case "logevents": return .same("each step of a file is in the log at level info")
        case "expire" where !has("expire"): return .same("it has no queue of its own")
        case "downloadcpcommand": return .same("transfers are made by the program itself")
        case "hbmemorymultiplier": return .same("memory does not grow with what was done")
        case "retryemptybeforeexit", "retrydriver": return .same("what failed waits on the broker, also over a stop")
        case "chmodlog",
            "permlog" where Int(value, radix: 8) == 0o600:
            return .same("logs are made so")
        case "inline" where !bool(value): return .same("it is not")
        case "recursive" where component == .watch:
            return bool(value) ? .same("folders are looked into") : .none("they always are")
        case "lsfileindex": return .same("listings of all usual forms are read as they are")
        case "accelthreshold", "accelwgetthreshold", "accelcpcommand", "accelwgetcommand", "accelscpcommand", "bufsize":
            return .same("transfers of all sizes are made by the program itself")
        case "preservemode", "permcopy": return ours("preserve_mode", bool(value) ? "on" : "off")
        case "caching", "cache", "nodupettl", "suppressduplicates":
            if component == .winnow {
                return ours("remember", value.isEmpty || ["on", "true"].contains(value.lowercased()) ? "6h" : value)
            }
            return .same("what is there with the same bytes is not fetched or posted again")
        case "inflight": return value.hasPrefix(".") ? ours("lock", value) : .none("a time or a folder is no lock name")
        case "queue", "queuename": return ours("queue", value)
        case "batch", "prefetch", "maxinflightmessages": return ours(has("prefetch") ? "prefetch" : "window", value)
        case "events", "fileevents": return events(value)
        case "sum", "integrity", "identity", "identitymethod": return sum(value)
        case "blocksize", "partflg": return parts(value)
        case "forcepolling": return bool(value) ? ours("force_polling", "30") : .same("it is not")
        case "download": return ours("notify_only", bool(value) ? "off" : "on")
        case "nodownload", "notifyonly": return ours("notify_only", bool(value) ? "on" : "off")
        case "poststart", "postonstart": return ours("existing", bool(value) ? "on" : "off")
        case "to": return ours("to_clusters", value)
        case "timeout": return ours("low_speed_time", value)
        case "onmessage", "onpart", "onfile":
            let option = "on_" + name.dropFirst(2)
            return FieldOptions.foreignValue(value, of: option) == nil && value.hasPrefix("/")
                ? ours(option, value) : .none("plugins do not run here: on_message, on_part and on_file start programs")
        default: return byName(name, value)
        }
    }

    /// What several lines say together.
    private mutating func finish() {
        if acceptsUnmatched { text += "accept .*\n" }
        guard let destination, component == .poll || component == .sender else { return }
        let folder = [path, directory].compactMap { $0 }.first ?? ""
        let slash = destination.hasSuffix("/") ? "" : "/"
        let whole = folder.isEmpty ? destination : destination + slash + folder
        text += "\(component == .poll ? "poll_url" : "destination") \(whole)\n"
    }
}
