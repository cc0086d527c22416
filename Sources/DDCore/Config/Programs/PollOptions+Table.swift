extension PollOptions {
    /// The options of dd_poll.
    public static let table = OptionTable(
        program: "dd_poll",
        synopses: ["[options] CONFIG [\(Action.synopsis(hasQueue: false))]"],
        options: [
            CommonOptions.broker,
            OptionSpec(
                "exact", [], .bool, default: "on", "ask for size and time of each new file where the listing rounds them"),
            PostingOptions.exchange, PostingOptions.flow,
            OptionSpec("interval", [], .duration(bareUnit: .seconds), value: "TIME", default: "5m", "time between two looks"),
            PostingOptions.mandatory,
            PostingOptions.readers,
            OptionSpec("once", [], .bool, default: "off", "look once and leave"),
            OptionSpec("poll_url", [], .text, value: "URL", "the folder to look at: http[s], ftp[s] or sftp"),
            OptionSpec("recursive", [], .bool, default: "on", "look into folders in folders"),
            OptionSpec("remove", [], .bool, default: "off", "announce what has gone as removed"),
            OptionSpec(
                "sum", ["sum"], .text, value: "0|c=NAME", default: "c=md5", "checksum: none, or computed by who fetches"),
            PostingOptions.toClusters,
            CommonOptions.topicPrefix("v02.post"),
            OptionSpec("url", ["u"], .text, value: "URL", "where subscribers fetch (default poll_url)"),
            PostingOptions.window,
        ] + SelectionOptions.rules + TransferOptions.options + FiguresOption.specs + CommonOptions.options(wait: "forever"))
}
