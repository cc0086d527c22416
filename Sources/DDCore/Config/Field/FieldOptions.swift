/// The options of the field's tools (sr3 and v2): which of ours is meant, or why there is none.
enum FieldOptions {
    /// What is said of one of their options.
    private enum Counterpart {
        /// Ours, the first that the program has.
        case option([String])
        /// There is none here: why, or what to do instead.
        case none(String)
    }

    /// What to write in the place of their option `name` in a file of the program that has `table`; `nil`: it is none of theirs.
    static func advice(for name: String, in table: OptionTable, inFile: Bool) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        guard let counterpart = counterpart(normal(name)) else {
            return table.option(named: name) == nil ? others(name) : nil
        }
        // Ours in another spelling is a slip. Theirs have capital letters.
        if name == name.lowercased(), table.options.contains(where: { normal($0.name) == normal(name) }) { return nil }
        switch counterpart {
        case .none(let why): return why
        case .option(let names):
            let ours = names.first { table.option(named: $0).map { $0.inFile || !inFile } == true }
            guard let ours else { return "\(names[0]) elsewhere, of no use to \(table.program)" }
            return "here: '\(inFile ? "" : "--")\(ours)'"
        }
    }

    /// The programs of ours that have the option `name`; `nil`: none has.
    private static func others(_ name: String) -> String? {
        let tables = [
            PostOptions.table, PollOptions.table, WatchOptions.table, SubscribeOptions.table, SaraOptions.table,
            SenderOptions.table,
            LogOptions.table,
        ]
        let programs = tables.filter { $0.option(named: name)?.inFile == true }.map(\.program)
        return programs.isEmpty ? nil : "an option of \(programs.joined(separator: ", "))"
    }

    /// Names that a file may not use though an option of ours is spelled so: theirs means something else, and what is done cannot be
    /// undone.
    static func refusal(of name: String) -> String? {
        guard name == "delete" else { return nil }
        return "'delete' means in the field's tools that the file is deleted where it was fetched, which is not done here;"
            + " to carry out announced removals write 'remove'"
    }

    /// Whether what is written behind an option of ours can only be theirs, and what to do then.
    static func foreignValue(_ value: String, of name: String) -> String? {
        let last = value.split { $0 == " " || $0 == "\t" }.dropFirst().last.map(String.init) ?? ""
        switch name {
        case "accept" where endings.contains { last.hasPrefix($0) }:
            return "'\(last)' behind the pattern is an action of the field's tools, which does not exist here"
        case "on_message", "on_part", "on_file":
            guard value == "None" || value.hasSuffix(".py") || plugins.contains(where: { value.hasPrefix($0) }) else {
                return nil
            }
            return "it looks like a plugin of the field's tools, which does not run here: give the path of a program"
        default: return nil
        }
    }

    private static let endings = ["DESTFN", "WHATFN", "HEADFN", "NONE", "SATNET", "SENDER", "TIME", "rename=", "mirror="]
    private static let plugins = ["msg_", "file_", "part_", "post_"]

    /// Why their option has no counterpart; `nil`: it may have one.
    static func absence(of name: String) -> String? { none[normal(name)] }

    /// Ours that means the same as their option `name`, with the same values; `nil`: there is none, or something is different.
    static func same(as name: String, in program: String) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let name = normal(name)
        // There theirs is about posting again, or about the files that are announced at the other end.
        let isOther = name.hasPrefix("post") && (program == "dd_subscribe" || program == "dd_sender" && name != "postbroker")
        return isOther ? nil : same[name]
    }

    private static let same = [
        "queuename": "queue", "postbaseurl": "url", "postbasedir": "document_root", "postdocumentroot": "document_root",
        "postbroker": "broker", "postexchange": "exchange", "pollurl": "poll_url", "maxinflightmessages": "prefetch",
        "permcopy": "preserve_mode", "preservemode": "preserve_mode", "timecopy": "preserve_time",
        "preservetime": "preserve_time",
        "loglevel": "log_level", "logreject": "log_reject", "reportback": "log_back", "notifyonly": "notify_only",
        "sourcefromexchange": "source_from_exchange", "recomputechksum": "recompute_chksum", "topicprefix": "topic_prefix",
        "scheduledinterval": "interval", "filetotalinterval": "log_figures", "housekeeping": "log_figures",
    ]

    /// The first of ours that means the same and that the program with `table` has.
    static func counterpart(of name: String, in table: OptionTable?) -> String? {
        ours[normal(name)]?.first { table?.option(named: $0)?.inFile == true }
    }

    /// A name without what tells spellings apart.
    static func normal(_ name: String) -> String {
        String(name.unicodeScalars.filter { $0 != "_" && $0 != "-" }.map { Character($0) }).lowercased()
    }

    private static func counterpart(_ name: String) -> Counterpart? {
        if let ours = ours[name] { return .option(ours) }
        if let why = none[name] { return .none(why) }
        return nil
    }

    private static let ours: [String: [String]] = [
        "acceptunmatch": ["accept"], "acceptunmatched": ["accept"], "basedir": ["document_root"], "batch": ["prefetch"],
        "blocksize": ["parts"], "debug": ["log_level"], "destination": ["destination", "poll_url", "url"],
        "discard": ["download_and_discard"],
        "documentroot": ["document_root"], "download": ["notify_only"], "exchangesuffix": ["exchange"], "feeder": ["broker"],
        "fileevents": ["remove"], "filetotalinterval": ["log_figures"], "msgtotalinterval": ["log_figures"],
        "posttotalinterval": ["log_figures"], "housekeeping": ["log_figures"], "preservetime": ["preserve_time"],
        "timecopy": ["preserve_time"], "identity": ["sum"], "identitymethod": ["sum"], "inflight": ["lock"], "integrity": ["sum"],
        "logformat": ["log_format"], "loglevel": ["log_level"], "logreject": ["log_reject", "log_level"], "events": ["remove"],
        "maxinflightmessages": ["prefetch"], "messagecountmax": ["exit_after"], "messagettl": ["message_ttl"],
        "nodownload": ["notify_only"], "notifyonly": ["notify_only"], "partflg": ["parts"], "permcopy": ["preserve_mode"],
        "persistent": ["durable"], "pollurl": ["poll_url"], "postbasedir": ["document_root"], "postbaseurl": ["url"],
        "postbroker": ["broker"], "postdocumentroot": ["document_root"], "postexchange": ["exchange"],
        "postexchangesuffix": ["exchange"], "posttopicprefix": ["topic_prefix"], "preservemode": ["preserve_mode"],
        "queuename": ["queue"], "recomputechksum": ["recompute_chksum"], "report": ["log_back"], "reportback": ["log_back"],
        "retryttl": ["retry_ttl"], "scheduledinterval": ["interval"], "sleep": ["interval"],
        "sourcefromexchange": ["source_from_exchange"],
        "timeout": ["low_speed_time"], "tlsrigour": ["cafile"], "to": ["to_clusters"], "topicprefix": ["topic_prefix"],
        "sumflg": ["sum"], "chmod": ["preserve_mode"], "permdefault": ["preserve_mode"], "attempts": ["retry_ttl"],
        "broker": ["source_broker", "broker"], "exchange": ["source_exchange", "exchange"],
        "subtopic": ["source_topic", "subtopic"], "instance": ["instances"], "instances": ["instances"],
    ]

    private static let none: [String: String] = {
        var none: [String: String] = [
            "path": "paths are operands of dd_post; dd_watch has 'path'",
            "sendto": "dd_sender pushes to other servers: destination",
            "postformat": "posts are written as v02 and read as v00, v01, v02 and v03",
            "reportexchange": "reports go to the user's own exchange", "postexchangesplit": "instances share one queue",
            "include": "convert takes in a file that lies beside; otherwise 'include' a file of ours",
            "vip": "dd_poll is started on one machine, by a cluster manager for instance: two would announce everything twice",
            "statehost": "the state of each machine is its own", "source": "a switch names the source of a post itself",
            "cluster": "a switch names its cluster itself", "header": "posts have no headers of the user's but flow",
        ]
        let groups: [(String, [String])] = [
            (
                "plugins do not run here: on_message, on_part and on_file start programs",
                [
                    "plugin", "callback", "callbackprepend", "flowcb", "flowcallback", "flowplugin", "flowmain", "onpost",
                    "onstart",
                    "onstop", "ondata", "onheartbeat", "onhtmlpage", "online", "onreport", "onwatch", "dodownload", "dosend",
                    "dopoll",
                    "dotask", "msgreplacenewdir", "msgfdelay",
                ]
            ),
            ("what is there already with the same bytes is not fetched again", ["caching", "cache", "nodupettl", "nodupebasis"]),
            ("age is not looked at", ["fileagemax", "fileagemin", "nodupefileagemax", "nodupefileagemin", "filetimelimit"]),
            (
                "one line for each file is in the log at level info; log_figures counts",
                ["logevents", "logmessagedump", "messagedebugdump"]
            ),
            ("there is no such periodic work", ["hbmemorymultiplier"]),
            ("what failed waits on the broker", ["retryemptybeforeexit", "retrydriver", "retryrefilling"]),
            (
                "transfers are made by the program itself",
                ["accelthreshold", "accelwgetthreshold", "accelcpcommand", "downloadcpcommand", "bufsize", "inline"]
            ),
            ("it belongs to a plugin", ["set", "mapstations", "poststart", "postonstart", "postratelimit", "postlogformat"]),
            (
                "the program writes to standard error, and services keep that",
                ["logrotatecount", "logrotateinterval", "chmodlog", "permlog"]
            ),
            ("files are cut as they come", ["partext", "acceptsizewrong", "blockmanifestdelete"]),
        ]
        for (why, names) in groups { for name in names { none[name] = why } }
        return none
    }()
}
