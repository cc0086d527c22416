extension PostOptions {
    /// The options of dd_post.
    public static let table = OptionTable(
        program: "dd_post",
        synopses: ["[options] PATH...", "[options] -", "[options] -u URL-OF-THE-FILE", "[options] --trace_route CLUSTER"],
        options: [
            CommonOptions.broker,
            CommonOptions.config,
            PostingOptions.documentRoot,
            OptionSpec("dry_run", ["n"], .bool, default: "off", "post nothing, say what would be posted"),
            PostingOptions.exchange,
            PostingOptions.flow,
            OptionSpec(
                "force_polling", [], .duration(bareUnit: .seconds), value: "TIME",
                "with growing: look so often, because the file system has no events"),
            OptionSpec("growing", [], .bool, default: "off", "follow files that are being written: blocks as they are complete"),
            OptionSpec(
                "idle", [], .duration(bareUnit: .seconds), value: "TIME", default: "5m",
                "with growing: a file that did not change for so long is finished"),
            PostingOptions.mandatory,
            OptionSpec("null", ["0"], .bool, default: "off", inFile: false, "the list on standard input is separated by NUL"),
            PostingOptions.parts,
            PostingOptions.readers,
            PostingOptions.signingKey,
            PostingOptions.randomize,
            OptionSpec("reconnect", ["rr"], .bool, default: "off", "connect anew for every post"),
            OptionSpec("remove", [], .bool, default: "off", "announce paths that do not exist as removed"),
            PostingOptions.rename,
            OptionSpec(
                "settle", [], .duration(bareUnit: .seconds), value: "TIME", default: "1s",
                "with growing: a file that was closed so long ago is finished"),
            PostingOptions.subtopic,
            PostingOptions.sum,
            PostingOptions.toClusters,
            CommonOptions.topicPrefix("v02.post"),
            OptionSpec(
                "trace_route", [], .text, value: "CLUSTER,...", inFile: false,
                "post nothing, show the switches on the way there and when each was reached"),
            PostingOptions.url,
            PostingOptions.window,
        ] + SelectionOptions.rules + CommonOptions.options(wait: "30"))
}
