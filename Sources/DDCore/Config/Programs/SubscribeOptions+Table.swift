extension SubscribeOptions {
    /// The options of dd_subscribe.
    public static let table = OptionTable(
        program: "dd_subscribe",
        synopses: [
            "[options] CONFIG [\(Action.synopsis())]",
            "[options] [user[:password]@]host[:port]:path DESTINATION [\(Action.cleanupWord)]",
            "[options] -b URL :path DESTINATION",
        ],
        options: [
            CommonOptions.brokers,
            OptionSpec("exchange", ["ex"], .name, value: "NAME", default: "xpublic", "what to subscribe to"),
            OptionSpec(
                "subtopic", ["sub"], .text, repeatable: true, value: "WORDS", default: "#",
                "topics below the prefix; * one word, # any"),
            CommonOptions.topicPrefix("v02.post"),
        ] + ExplainOptions.options + SelectionOptions.rules + [SelectionOptions.directory]
            + PlacementOptions.options(mirror: "off") + [
                OptionSpec("plain", [], .bool, default: "off", inFile: false, "the host:path form without TLS"),
                OptionSpec("notify_only", ["n"], .bool, default: "off", "print URLs, fetch nothing"),
                OptionSpec("download_and_discard", ["d"], .bool, default: "off", "fetch and store nothing"),
                SelectionOptions.allowURL("URL"),
                OptionSpec("remove", [], .bool, aliases: ["delete"], default: "off", "carry out announced removals"),
                OptionSpec("existing", [], .bool, default: "off", "fetch what the server's index lists first, then follow"),
                OptionSpec("index", [], .text, value: "URL", "the index that --existing walks (default http[s]://HOST/)"),
                OptionSpec("signers", [], .text, value: "FILE", "the keys of sources, lines like alice@a KEY"),
                OptionSpec("verify", [], .bool, default: "off", "take only what its source has signed"),
                SelectionOptions.logBack,
                SelectionOptions.parallel,
                SelectionOptions.instances,
            ] + FiguresOption.specs + [CommonOptions.includes] + TransferOptions.options + TriggerOptions.options
            + QueueOptions.options + [
                ExitOptions.idle, ExitOptions.messages,
            ]
            + CommonOptions.options(wait: "forever"))
}

/// Options that dd_subscribe and dd_sara share.
enum SelectionOptions {
    static let rules = [
        OptionSpec("accept", [], .pattern, isRule: true, value: "RE", "take what begins with a match; in order with the next"),
        OptionSpec("reject", [], .pattern, isRule: true, value: "RE", "leave what begins with a match; the first match decides"),
        OptionSpec("log_reject", [], .bool, default: "off", "say in the log what is left, and by which line"),
    ]
    static let directory = OptionSpec(
        "directory", [], .template, isRule: true, value: "DIR", "where the following accepts put files")
    static let logBack = OptionSpec("log_back", [], .bool, default: "on", "send reports to the source")
    static let instances = OptionSpec(
        "instances", [], .integer(1...64), value: "N", default: "1", "processes that share the queue")
    static let parallel = OptionSpec("parallel", [], .integer(1...256), value: "N", default: "4", "transfers at once")

    static func allowURL(_ value: String) -> OptionSpec {
        OptionSpec("allow_url", [], .text, repeatable: true, value: value, "fetch from there only")
    }
}
