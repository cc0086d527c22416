extension SaraOptions {
    /// The options of dd_sara.
    public static let table = OptionTable(
        program: "dd_sara",
        synopses: ["[options] CONFIG [\(Action.synopsis())]"],
        options: SourceOptions.options(exchange: "xpublic") + [
            OptionSpec(
                "source_from_exchange", [], .bool, default: "off", "each xs_<user> names the source of what comes from it"),
            OptionSpec("trusted", [], .bool, default: "off", "sources may keep their own paths"),
            CommonOptions.broker,
            OptionSpec(
                "exchange", ["ex"], .name, value: "NAME", "where to announce (default xpublic, or xd_<source> for sources)"),
            CommonOptions.topicPrefix("v02.post"),
            OptionSpec("document_root", ["dr"], .text, value: "DIR", "where everything is stored"),
            OptionSpec("url", ["u"], .text, value: "URL", "this switch's own URL of the document root"),
            OptionSpec("cluster", [], .text, value: "NAME", "this switch's name (default the broker's host)"),
            OptionSpec("cluster_aliases", [], .text, value: "A,B", "other names for it"),
            OptionSpec(
                "cluster_group", [], .text, repeatable: true, value: "NAME A,B", "in to_clusters NAME stands for these clusters"),
            OptionSpec(
                "link", [], .name, value: "CLUSTER",
                "take what CLUSTER routes here, and send reports back to it (dd_switch link add writes this)"),
            OptionSpec(
                "from_clusters", [], .text, value: "A,B",
                "with link: refuse data that was posted elsewhere (default any but here)"),
            OptionSpec(
                "trust_names", [], .bool, default: "off",
                "with link: sources keep their names; otherwise alice of A is stored as alice@A"),
            OptionSpec(
                "in_flight", [], .size, value: "SIZE",
                "of a larger file keep only so much at once: blocks go on as part files and are removed behind the next hops"),
            OptionSpec(
                "in_flight_keep", [], .duration(bareUnit: .seconds), value: "TIME", default: "1h",
                "with in_flight: how long a block is kept at most"),
            OptionSpec(
                "next_hop", [], .text, repeatable: true, value: "USER",
                "with in_flight: account that fetches from here and reports"),
            OptionSpec(
                "block_min", [], .size, value: "SIZE", default: "1M",
                "smaller blocks of sources are refused (source_from_exchange on)"
            ),
            OptionSpec(
                "block_max", [], .size, value: "SIZE", default: "1G",
                "larger blocks of sources are refused (source_from_exchange on)"
            ),
            OptionSpec("recompute_chksum", [], .bool, default: "off", "compute the checksum anew from what was stored"),
        ] + rest)

    private static var rest: [OptionSpec] {
        var rest = SelectionOptions.rules + [SelectionOptions.allowURL("[SOURCE] URL")] + AdmissionOptions.options
        rest += PlacementOptions.options(mirror: nil)
        rest +=
            ExplainOptions.options + FiguresOption.specs + [CommonOptions.includes] + [
                SelectionOptions.logBack, SelectionOptions.parallel, SelectionOptions.instances,
            ]
        rest +=
            TransferOptions.options + TriggerOptions.options + QueueOptions.options + [ExitOptions.idle, ExitOptions.messages]
        return rest + CommonOptions.options(wait: "forever")
    }
}
