import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("configurations of the field's tools in our words")
struct FieldConversionTests {
    private static let subscribe = """
        # radar
        broker amqps://bob@switch.example/
        topicPrefix v03.post
        subtopic *.CWAO.#
        -instances 2
        mirror True
        preserve_time on
        directory /data/${%Y%m%d}   # by day
        accept .*/radar/.*
        reject .*tmp$ DESTFN=x
        acceptUnmatched on
        report_back False
        callback accel_scp
        heartbeat 300
        strip .*data/
        inflight .part
        """
    private static let sarra = """
        broker amqp://feed@here/
        exchange xs_alice
        subtopic #
        post_broker amqp://feed@there/
        post_exchange xpublic
        post_baseUrl https://there.example/
        post_baseDir /var/www
        source_from_exchange True
        caching on
        """
    private static let sender = """
        broker amqp://feed@here/
        exchange xpublic
        destination sftp://partner@far.example/
        directory /incoming
        base_dir /var/www
        accept .*
        """
    private static let poll = """
        post_broker amqp://alice@here/
        pollUrl ftp://server.example/
        path /pub/radar
        sleep 5m
        sum z,d
        """
    private static let watch = """
        post_broker amqp://alice@here/
        post_base_url http://here/
        post_base_dir /srv
        path /srv/data
        events create,modify,delete,link
        sum sha512
        nodupe_ttl 300
        """

    private func converted(_ source: String, _ component: FieldConversion.Component) -> (
        lines: [String], counts: (lines: Int, carried: Int)
    ) {
        let conversion = FieldConversion(source, of: component)
        return (conversion.text.split(separator: "\n").map(String.init), conversion.counts)
    }

    @Test("each line is one of ours, or a comment that says why not")
    func lines() {
        let (lines, counts) = converted(Self.subscribe, .subscribe)
        let wanted = [
            "broker amqps://bob@switch.example/", "topic_prefix v03.post", "subtopic *.CWAO.#", "instances 2", "mirror on",
            "directory /data/${%Y%m%d}", "accept .*/radar/.*", "reject .*tmp$", "accept .*", "log_back off", "lock .part",
            "preserve_time on", "log_figures 300",
            "strip .*data/",
        ]
        for line in wanted { #expect(lines.contains(line), "\(line) in \(lines)") }
        #expect(counts.lines == 15 && counts.carried == 14, "\(counts)")
        for name in ["callback"] {
            #expect(lines.contains { $0.hasPrefix("# not carried over: \(name) ") }, "\(name)")
        }
        let watched = converted(Self.watch, .watch).lines
        #expect(
            watched.contains("events file,link,remove") && watched.contains("sum s") && watched.contains("path /srv/data"),
            "\(watched)")
        let sent = converted(Self.sender, .sender).lines
        #expect(
            sent.contains("destination sftp://partner@far.example//incoming") && sent.contains("document_root /var/www"),
            "\(sent)")
        let polled = converted(Self.poll, .poll).lines
        #expect(polled.contains("poll_url ftp://server.example//pub/radar") && polled.contains("interval 5m"), "\(polled)")
        #expect(converted("broker mqtt://x/\n", .report).counts.carried == 0)
    }

    @Test(
        "what asks for what is so anyway is carried, what has no counterpart is not",
        arguments: [
            ("logReject True", .subscribe, "log_reject on"), ("preserve_time False", .sender, "preserve_time off"),
            ("msg_total_interval 0", .winnow, nil), ("file_total_interval 60", .sarra, "log_figures 60"),
            ("set sarracenia.moth.amqp.AMQP.logLevel info", .shovel, nil), ("accept .*/a/.*", .post, "accept .*/a/.*"),
            ("strip ^data/", .subscribe, "strip data/"), ("plugin msg_total_save", .shovel, nil), ("ls_file_index 8", .poll, nil),
            ("exchange xs_alice", .report, "exchange xs_alice"), ("on_message None", .subscribe, nil),
        ] as [(String, FieldConversion.Component, String?)])
    func carried(line: String, component: FieldConversion.Component, ours: String?) {
        let (lines, counts) = converted(line, component)
        #expect(counts.carried == 1, "\(lines)")
        if let ours {
            #expect(lines.contains(ours), "\(lines)")
        } else {
            #expect(lines.allSatisfy { $0.hasPrefix("# ") }, "\(lines)")
        }
    }

    @Test(
        "what is not the same is said",
        arguments: [
            ("strip data/", .subscribe), ("vip 10.0.0.1", .poll), ("do_download mine.py", .sarra),
            ("nodupe_fileAgeMax 1h", .poll),
            ("post_topicPrefix v03", .report), ("set plugin_option 1", .subscribe),
        ] as [(String, FieldConversion.Component)])
    func left(line: String, component: FieldConversion.Component) {
        let (lines, counts) = converted(line, component)
        #expect(counts.carried == 0 && lines.first?.hasPrefix("# not carried over: \(line): ") == true, "\(lines)")
    }

    @Test("what comes out loads")
    func loads() throws {
        let files = try TemporaryFolder()
        let accounts = ["amqps://bob:p@switch.example/", "amqp://feed:p@here/", "amqp://feed:p@there/", "amqp://alice:p@here/"]
        try files.write(accounts.joined(separator: "\n") + "\n", to: "credentials.conf", mode: 0o600)
        let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        func write(_ text: String, _ component: FieldConversion.Component) throws -> [String] {
            [try files.write(FieldConversion(text, of: component).text, to: "\(component).conf")]
        }
        _ = try SubscribeOptions.load(
            arguments: write(Self.subscribe.replacing("reject", with: "#reject"), .subscribe), environment: environment)
        _ = try SubscribeOptions.load(arguments: write(Self.subscribe, .subscribe), environment: environment)
        _ = try SaraOptions.load(
            arguments: write(Self.sarra, .sarra) + ["--allow_url", "http://x/"], environment: environment)
        _ = try SenderOptions.load(arguments: write(Self.sender, .sender), environment: environment)
        _ = try PollOptions.load(arguments: write(Self.poll, .poll), environment: environment)
        _ = try WatchOptions.load(arguments: write(Self.watch, .watch), environment: environment)
    }
}
