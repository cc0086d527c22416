extension PostOptions {
    /// The options of dd_post.
    public static let table = OptionTable(
        program: "dd_post",
        synopses: ["[options] PATH...", "[options] -", "[options] -u URL-OF-THE-FILE"],
        options: [
            CommonOptions.broker,
            CommonOptions.config,
            OptionSpec("document_root", ["dr"], .text, value: "DIR", default: "/", "the directory that the URL stands for"),
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
            OptionSpec(
                "parts", ["p"], .text, value: "1|i,SIZE|p,SIZE|auto", default: "auto",
                "how files are cut: not at all, in blocks, in part files, above 64M in blocks of 64M"),
            OptionSpec("randomize", ["r"], .bool, default: "off", "post the blocks of a file in random order"),
            OptionSpec("reconnect", ["rr"], .bool, default: "off", "connect anew for every post"),
            OptionSpec("remove", [], .bool, default: "off", "announce paths that do not exist as removed"),
            OptionSpec("rename", ["rn"], .text, value: "PATH", "where subscribers place it"),
            OptionSpec(
                "settle", [], .duration(bareUnit: .seconds), value: "TIME", default: "1s",
                "with growing: a file that was closed so long ago is finished"),
            OptionSpec("subtopic", ["sub"], .name, value: "WORDS", "words of the topic instead of those of the path"),
            OptionSpec(
                "sum", ["sum"], .text, value: "d|s|n|0|xxh128|c=NAME", default: "d", "checksum: MD5, SHA-512, of the name, none"),
            PostingOptions.toClusters,
            CommonOptions.topicPrefix("v02.post"),
            OptionSpec("url", ["u"], .text, value: "URL", "where subscribers fetch"),
            PostingOptions.window,
        ] + CommonOptions.options(wait: "30"))
}
