import Testing

@testable import DDCore

@Suite("options of the field's tools")
struct FieldOptionTests {
    private func subscribe(_ lines: String, _ arguments: [String] = []) throws -> (options: SubscribeOptions?, failure: String) {
        let folder = try ScratchFolder()
        try folder.write("broker amqp://h\n\(lines)\n", to: "subscribe/r.conf")
        var options: SubscribeOptions?
        let failure = failure { () throws(ConfigError) in
            let launch = try SubscribeOptions.load(
                arguments: arguments + ["r"], environment: ["DD_CONFIG_HOME": folder.path, "DD_STATE_HOME": folder.path])
            if case .run(let loaded) = launch { options = loaded }
        }
        return (options, failure)
    }

    @Test("all that are not known are named at once, each with ours where there is one")
    func allAtOnce() throws {
        let text = """
            exchangeSuffix q
            inflight .part
            post_baseUrl http://h/
            callback msg.log
            mirror on
            batch 100
            overwirte on
            mapStations x
            callback other
            """
        let failure = try subscribe(text).failure
        for part in [
            "r.conf:2: unknown option 'exchangeSuffix' (here: 'exchange')", "line 3: unknown option 'inflight' (here: 'lock')",
            "line 4: unknown option 'post_baseUrl' (url elsewhere, of no use to dd_subscribe)",
            "line 5: unknown option 'callback' (plugins do not run here: on_message, on_part and on_file start programs)",
            "line 7: unknown option 'batch' (here: 'prefetch')",
            "line 8: unknown option 'overwirte' (did you mean 'overwrite'?)", "line 9: unknown option 'mapStations' (it belongs",
            "; line 10: 'callback' again",
        ] {
            #expect(failure.contains(part), "\(part) in \(failure)")
        }
        #expect(!failure.contains("\n") && failure.hasPrefix("78: "))
        #expect(try subscribe((0..<500).map { "unknown\($0)x 1" }.joined(separator: "\n")).failure.hasSuffix("; and 399 more"))
    }

    @Test("on the command line, too")
    func commandLine() {
        #expect(FieldOptions.advice(for: "mirror", in: PostOptions.table, inFile: true)?.contains("dd_subscribe") == true)
        let text = failure { () throws(ConfigError) in
            _ = try CommandLineParser(PostOptions.table).parse(["--exchangeSuffix", "x", "--queueName=q", "--broker"])
        }
        #expect(
            text.hasPrefix("64: unknown option '--exchangeSuffix' (here: '--exchange'); unknown option '--queueName'"), "\(text)")
    }

    @Test("one that means the same in every respect is understood, and that is said; where it is about something else it is not")
    func understood() throws {
        let options = try #require(try subscribe("queueName q_x\ntimeCopy False\nlogReject on\nreport_back off").options)
        #expect(options.queue.name == "q_x" && !options.placement.preserveTime && options.common.logReject && !options.logBack)
        let file = try OptionFile(SubscribeOptions.table).parse("queueName q_x\n", path: "r.conf")
        #expect(
            Settings(table: SubscribeOptions.table, layers: [file]).warnings == ["r.conf:1: 'queueName' is understood as 'queue'"]
        )
        let posted = try CommandLineParser(PostOptions.table).parse(["--post_baseUrl", "http://h/", "--post_broker=amqp://h"])
        #expect(posted.settings.map(\.name) == ["url", "broker"])
        #expect(try subscribe("post_broker amqp://x").failure.contains("unknown option 'post_broker'"))
    }

    @Test(
        "most options of the field's examples are answered",
        arguments: [
            ("post_broker", "broker"), ("post_topicPrefix", "topic_prefix"), ("post_exchange", "exchange"),
            ("debug", "log_level"),
            ("post_baseDir", "document_root"), ("exchangeSuffix", "exchange"), ("logLevel", "log_level"), ("to", "to_clusters"),
            ("post_base_url", "url"), ("destination", "url"),
        ])
    func answered(_ theirs: String, _ ours: String) {
        #expect(FieldOptions.advice(for: theirs, in: PostOptions.table, inFile: true) == "here: '\(ours)'")
    }

    @Test("what is advised exists in some program")
    func existing() {
        let tables = [PostOptions.table, PollOptions.table, SubscribeOptions.table, SaraOptions.table, LogOptions.table]
        for theirs in [
            "acceptUnmatched", "baseDir", "batch", "blocksize", "discard", "download", "feeder", "fileEvents", "identity",
            "inflight",
            "messageCountMax", "messageTtl", "persistent", "permCopy", "queueName", "retryTtl", "scheduled_interval", "sleep",
            "sourceFromExchange", "timeout", "tlsRigour", "report_back", "recomputeChksum", "sumflg", "attempts",
        ] {
            let answers = tables.compactMap { FieldOptions.advice(for: theirs, in: $0, inFile: true) }
            #expect(answers.contains { $0.hasPrefix("here: ") }, "\(theirs): \(answers)")
        }
    }

    @Test(
        "an option of the same name and another meaning is refused",
        arguments: [
            ("delete on", "write 'remove'"), ("on_message msg_log", "plugin"), ("on_file file_email_decode.py", "plugin"),
            ("on_message None", "plugin"), ("accept .*txt WHATFN", "'WHATFN'"), ("accept .* DESTFN=x", "'DESTFN=x'"),
        ])
    func otherMeaning(_ line: String, _ text: String) throws {
        let failure = try subscribe(line).failure
        #expect(failure.hasPrefix("78: ") && failure.contains("r.conf:2: ") && failure.contains(text), "\(failure)")
    }

    @Test("the topic prefix in front of the words is taken off, another form's is refused")
    func prefix() throws {
        for (given, taken) in [
            ("v02.post.#", "#"), ("v02.post", "#"), ("v02.post.radar.*.#", "radar.*.#"), ("radar.#", "radar.#"),
            ("v02.postal.#", "v02.postal.#"), ("v02.post.v02.post.a", "v02.post.a"),
        ] {
            let options = try #require(try subscribe("subtopic \(given)").options)
            #expect(options.subtopics == [taken])
        }
        #expect(try subscribe("", ["--subtopic", "v02.post.a.#"]).options?.subtopics == ["a.#"])
        #expect(try subscribe("topic_prefix v03\nsubtopic v03.a.#").options?.subtopics == ["a.#"])
        let refusal = try subscribe("subtopic v03.post.radar.#").failure
        #expect(
            refusal.contains("r.conf:2: ") && refusal.contains("write topic_prefix v03.post and subtopic radar.#"), "\(refusal)")
    }

    @Test("the path of the form host:path is no topic")
    func remote() throws {
        let folder = try ScratchFolder()
        let launch = try SubscribeOptions.load(
            arguments: ["h:v02/post/x", "/tmp/d"], environment: ["DD_CONFIG_HOME": folder.path, "DD_STATE_HOME": folder.path])
        #expect(try running(launch).subtopics == ["v02.post.x.#"])
    }

    @Test("what was taken as meant is said")
    func warnings() throws {
        var warnings: [String] = []
        let setting = Setting(name: "source_topic", value: "v02.post.a.#", origin: .file(path: "s.conf", line: 4))
        #expect(try TopicWords.read(setting, prefix: "v02.post", warnings: &warnings) == "a.#")
        #expect(
            warnings == ["s.conf:4: source_topic 'v02.post.a.#' has the words of topic_prefix in front, and is taken as 'a.#'"])
    }
}
