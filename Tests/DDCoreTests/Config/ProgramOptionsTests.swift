import Testing

@testable import DDCore

/// The options that `launch` holds.
func running<Options>(_ launch: Launch<Options>) throws -> Options {
    guard case .run(let options) = launch else { throw ScratchError.cannotMake }
    return options
}

@Suite("options of the programs")
struct ProgramOptionsTests {
    private let folder: ScratchFolder
    private let environment: [String: String]

    init() throws {
        folder = try ScratchFolder()
        environment = ["DD_CONFIG_HOME": folder.path, "DD_STATE_HOME": folder.path + "/state", "PLACE": "rain"]
    }

    private func post(_ arguments: String...) throws(ConfigError) -> Launch<PostOptions> {
        try PostOptions.load(arguments: arguments, environment: environment)
    }

    private func subscribe(_ arguments: String...) throws(ConfigError) -> Launch<SubscribeOptions> {
        try SubscribeOptions.load(arguments: arguments, environment: environment)
    }

    private func sara(_ configuration: String) throws -> String {
        try folder.write(configuration, to: "sara/s.conf")
        return failure { () throws(ConfigError) in _ = try SaraOptions.load(arguments: ["s"], environment: environment) }
    }

    @Test("dd_post has its defaults")
    func postDefaults() throws {
        let options = try running(post("-b", "amqp://alice:pw@h", "-u", "http://w/d", "x", "-"))
        #expect(options.exchange == "xs_alice")
        #expect(options.announcement.url == "http://w/d/")
        #expect(options.announcement.documentRoot == "/")
        #expect(options.announcement.topicPrefix == "v02.post")
        #expect(options.announcement.sum == .md5)
        #expect(options.announcement.parts == .automatic)
        #expect(options.mandatory && !options.dryRun && !options.remove && !options.reconnect)
        #expect(options.window == 500)
        #expect(options.common.wait == .seconds(30))
        #expect(options.common.heartbeat == 60)
        #expect(options.common.caFile == "/etc/ssl/certs/ca-certificates.crt")
        #expect(options.common.log.level == .notice && options.common.log.format == .text)
        #expect(options.paths == ["x", "-"])
    }

    @Test("dd_post reads what was said")
    func postSettings() throws {
        let options = try running(
            post(
                "-b", "amqp://alice:pw@h", "-u", "sftp://stanley@w//data/foo", "-ex", "other", "-tc", "a, b,", "-sum", "c=xxh128",
                "--wait", "forever",
                "--log-level=debug", "-dr", "/data/./x/"))
        #expect(options.announcement.url == "sftp://stanley@w//data/foo")
        #expect(options.announcement.toClusters == ["a", "b"])
        #expect(options.announcement.sum == .atDestination(.xxh128))
        #expect(options.announcement.documentRoot == "/data/x")
        #expect(options.common.wait == nil)
        #expect(!options.mandatory)
        #expect(try running(post("-b", "amqp://a:b@h", "-u", "http://w", "--mandatory", "--exchange", "e", "x")).mandatory)
    }

    @Test(
        "what is wrong for dd_post is said",
        arguments: [
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://w/"],
                "64: nothing to post: give PATHs, - for a list on standard input, or a --url that names the file"
            ),
            (["-u", "http://w/", "x"], "64: broker is needed: give --broker, or 'broker' in the configuration"),
            (
                ["-b", "amqp://a@h", "-u", "http://w/", "x"],
                "64: command line: no password for amqp://a@h:5672/: put the URL with it into credentials.conf"
            ),
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://u:hunter2@w/", "x"],
                "64: command line: url http://u@w/ has a password, which every reader of the posts would see: leave it out"
            ),
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://w/", "-p", "i,0", "x"],
                "64: command line: bad value 'i,0' for parts: 1, i,SIZE, p,SIZE or auto is expected, SIZE from 1B on like 512K, 64M or 1G"
            ),
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://w/", "--window=0", "x"],
                "64: command line: bad value '0' for --window: a whole number from 1 to 100000 is expected"
            ),
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://w/", "--mandatory=maybe", "x"],
                "64: command line: bad value 'maybe' for --mandatory: on or off is expected"
            ),
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://w/", "-0", "x"],
                "64: -0 is about a list on standard input: give - as a PATH"
            ),
            (
                ["-b", "amqp://a:hunter2@h", "-u", "http://w/", "-c", "none", "x"],
                "78: there is no configuration 'none': looked for HOME/post/none.conf"
            ),
        ])
    func postErrors(_ arguments: [String], _ text: String) {
        let message = failure { () throws(ConfigError) in _ = try PostOptions.load(arguments: arguments, environment: environment)
        }
        var expected = text
        if let home = expected.range(of: "HOME") { expected.replaceSubrange(home, with: folder.path) }
        #expect(message == expected)
    }

    @Test("the command line wins over the file, the file over default.conf, lists are replaced")
    func layers() throws {
        try folder.write("broker amqp://alice:pw@h\nparallel 9\nlog_level info\nsubtopic z\nsource_topic x\n", to: "default.conf")
        try folder.write(
            "parallel 8\nsubtopic a\nsubtopic b\naccept A\ndirectory /d/${PLACE}/${CONFIG}/${BROKER_USER}\nreject R\naccept B\n",
            to: "subscribe/radar.conf")
        let plain = try running(subscribe("radar"))
        #expect(plain.broker.description == "amqp://alice@h:5672/")
        #expect(plain.parallel == 8 && plain.subtopics == ["a", "b"] && plain.common.log.level == .info)
        #expect(plain.rules == [.accept("A"), .directory("/d/rain/radar/alice"), .reject("R"), .accept("B")])
        #expect(plain.common.configuration == "radar" && plain.action == .foreground)
        let told = try running(subscribe("--parallel=3", "--subtopic", "c", "--reject", "X", "radar", "cleanup"))
        #expect(told.parallel == 3 && told.subtopics == ["c"] && told.rules == [.reject("X")] && told.action == .cleanup)
        let path = try running(subscribe(folder.path + "/subscribe/radar.conf"))
        #expect(path.common.configuration == "radar")
    }

    @Test("dd_subscribe has its defaults")
    func subscribeDefaults() throws {
        try folder.write("broker amqp://h", to: "subscribe/r.conf")
        let options = try running(subscribe("r"))
        #expect(options.broker.user == "anonymous" && options.exchange == "xpublic" && options.subtopics == ["#"])
        #expect(
            !options.placement.mirror && options.placement.overwrite && !options.placement.outsideLinks
                && options.placement.lock == ".tmp")
        #expect(options.placement.strip == .directories(0) && options.placement.flatten == nil && !options.placement.preserveMode)
        #expect(options.logBack && !options.remove && options.parallel == 4 && options.mode == .fetch)
        #expect(options.queue.durable && options.queue.expire == .seconds(604_800) && options.queue.messageTTL == nil)
        #expect(options.queue.retryTTL == .seconds(172_800) && options.queue.name == nil)
        #expect(options.common.wait == nil && options.exit.idle == nil && options.exit.messages == nil)
        #expect(options.triggers.onFile == nil && options.allowedURLs.isEmpty)
        #expect(try running(subscribe("--expire", "5", "--message-ttl", "2h", "r")).queue.expire == .seconds(300))
    }

    @Test("the form host:path mirrors below the destination without the path")
    func remote() throws {
        let options = try running(subscribe("--plain", "alice:pw@h:5673:radar/*/x", folder.path + "/in", "-n"))
        #expect(options.broker.description == "amqp://alice@h:5673/" && options.broker.password.reveal() == "pw")
        #expect(options.subtopics == ["radar.*.x.#"] && options.placement.mirror && options.placement.strip == .directories(3))
        #expect(options.directory == folder.path + "/in" && options.mode == .notifyOnly)
        let again = try running(subscribe("--plain", "alice:pw@h:5673:radar/*/x", folder.path + "/in"))
        #expect(options.common.configuration == again.common.configuration)
        let other = try running(subscribe("--plain", "alice:pw@h:5673:radar/*/y", folder.path + "/in"))
        #expect(options.common.configuration != other.common.configuration)
        let given = try running(subscribe("-b", "amqp://a:b@h/v", ":", "in", "--mirror=off", "--strip", "1"))
        #expect(
            given.broker.vhost == "v" && given.subtopics == ["#"] && !given.placement.mirror
                && given.placement.strip == .directories(1))
    }

    @Test("no user in the form host:path is anonymous, a user without password is completed")
    func remoteAccount() throws {
        try folder.write("amqps://alice:pw@h", to: "credentials.conf")
        #expect(try running(subscribe("h:a", "d")).broker.user == "anonymous")
        #expect(try running(subscribe("alice@h:a", "d")).broker.password.reveal() == "pw")
        #expect(try running(subscribe("-b", "amqps://h", ":a", "d")).broker.user == "alice")
    }

    @Test(
        "what is wrong for dd_subscribe is said",
        arguments: [
            ([], "64: a CONFIG, or host:path and DESTINATION, is needed; dd_subscribe --help says more"),
            (["h:a"], "64: behind host:path exactly one DESTINATION is needed"),
            (["-sub", "x", "h:a", "d"], "64: --subtopic contradicts host:path, which says the subtopic"),
            (["-b", "amqp://x", "h:a", "d"], "64: --broker contradicts the host of host:path: write :path"),
            (["--plain", "amqps://h:a", "d"], "64: --plain contradicts amqps://"),
            (["-n", "-d", "h:a", "d"], "64: notify_only and download_and_discard contradict each other"),
            (
                ["--accept", "a(", "h:a", "d"],
                "64: command line: accept: bad pattern 'a(' after character 2: missing closing parenthesis"
            ),
            (
                ["--directory", "/${NOWHERE}", "h:a", "d"],
                "64: command line: unknown variable '${NOWHERE}': it is not in the environment"
            ),
            (
                ["--on_file", "sh 'x", "h:a", "d"],
                "64: command line: bad value 'sh 'x' for --on_file: no second ' in the command"
            ),
        ])
    func subscribeErrors(_ arguments: [String], _ text: String) {
        #expect(
            failure { () throws(ConfigError) in _ = try SubscribeOptions.load(arguments: arguments, environment: environment) }
                == text)
    }

    @Test("an error in a file has its line")
    func fileErrors() throws {
        let path = try folder.write("broker amqp://h\nexpire soon\n", to: "subscribe/r.conf")
        #expect(
            failure { () throws(ConfigError) in _ = try subscribe("r") }
                == "78: \(path):2: bad value 'soon' for 'expire': a time like 30s, 5m, 2h, 2d or 1w is expected")
        try folder.write("broker amqp://h\ndirectory /${\n", to: "subscribe/r.conf")
        #expect(failure { () throws(ConfigError) in _ = try subscribe("r") } == "78: \(path):2: '${' without '}' in '/${'")
        #expect(failure { () throws(ConfigError) in _ = try subscribe("r", "start") }.hasPrefix("78: "))
    }

    private let link = "source_broker amqp://link:pw@far\nbroker amqp://feeder:pw@here\ndocument_root /data\nurl http://here/d\n"

    @Test("dd_sara between switches mirrors, from sources it does not")
    func saraDefaults() throws {
        #expect(try sara(link) == "")
        let options = try running(SaraOptions.load(arguments: ["s"], environment: environment))
        #expect(options.intake.exchanges == ["xpublic"] && options.intake.topics == ["#"] && options.placement.mirror)
        #expect(
            options.outlet.exchange == "xpublic" && options.outlet.url == "http://here/d/" && options.outlet.cluster == "here")
        try folder.write(
            link
                + "source_exchange xs_alice\nsource_exchange xs_bob\nsource_from_exchange on\n"
                + "allow_url alice http://a/\ncluster_aliases x,y",
            to: "sara/s.conf")
        let ingest = try running(SaraOptions.load(arguments: ["s", "cleanup"], environment: environment))
        #expect(ingest.intake.exchanges == ["xs_alice", "xs_bob"] && !ingest.placement.mirror && ingest.action == .cleanup)
        #expect(ingest.allowedURLs.map(\.source) == ["alice"] && ingest.outlet.aliases == ["x", "y"])
    }

    @Test("dd_sara refuses what would be dangerous")
    func saraErrors() throws {
        let ingest = link + "source_from_exchange on\nsource_exchange xs_a\n"
        #expect(
            try sara(ingest) == "78: source_from_exchange on without allow_url: say from where the data of sources may be fetched"
        )
        #expect(
            try sara(ingest + "allow_url http://a\nmirror on").contains(
                "s.conf:8: mirror on with source_from_exchange on needs trusted on: "))
        #expect(try sara(ingest + "allow_url http://a\nmirror on\ntrusted on") == "")
        #expect(
            try sara(ingest + "allow_url http://a\nsource_exchange xpublic").hasSuffix(
                "s.conf:8: source_from_exchange on: source_exchange 'xpublic' names no source, xs_<user> is expected"))
        #expect(try sara(link + "directory /x").contains("unknown option 'directory'"))
        #expect(try sara(link + "in_flight 1M").contains("in_flight without next_hop: say whose reports let a block go"))
        #expect(try sara(link + "in_flight 0\nnext_hop bob").contains("in_flight must be 1 or more"))
        #expect(try sara(link + "in_flight 1M\nnext_hop bob") == "")
    }

    @Test("dd_log has its defaults")
    func logDefaults() throws {
        let options = try running(
            LogOptions.load(arguments: ["-b", "amqp://a:b@h", "--since", "2h", "x.*"], environment: environment))
        #expect(
            options.exchange == "xl_a" && options.topicPrefix == "v02.log" && options.since == .seconds(7200)
                && options.pattern == "x.*")
    }
}

extension String {
    /// Where `text` first is.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
