import DDCore
import DDTestSupport
import Testing

/// `dd_subscribe --dry_run --path URL`: what the configuration makes of a file, without a broker.
@Suite("a configuration is explained")
struct ExplainTests {
    private let files: TemporaryFolder

    init() throws { files = try TemporaryFolder() }

    private func explain(_ rules: String, _ words: [String]) throws -> Command.Outcome {
        // Nobody listens there: who asked a broker would not come to an end.
        try files.write("broker amqp://bob:pw@127.0.0.1:1/\nmirror on\n\(rules)", to: "a.conf", mode: 0o600)
        return try Command("dd_subscribe").run(words + [files.path("a.conf")])
    }

    @Test(
        "the line that decides and the place are named",
        arguments: [
            ("http://h/a/b.txt", "take   http://h/a/b.txt", "accept .*\\.txt", "place  /data/in/a/b.txt"),
            ("http://h/a/secret.txt", "leave  http://h/a/secret.txt", "reject .*secret.*", nil),
            ("http://h/a%20b/c.dat", "leave  http://h/a b/c.dat", "no line matches, and there are accept lines", nil),
            ("http://h/a/.c.txt.dd.tmp/../x", nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func path(url: String, verdict: String?, rule: String?, place: String?) throws {
        let outcome = try explain("reject .*secret.*\ndirectory /data/in\naccept .*\\.txt\n", ["--dry_run", "--path", url])
        guard let verdict, let rule else {
            #expect(outcome.status == 78 && outcome.output.isEmpty && outcome.errors.contains("'..'"), "\(outcome)")
            return
        }
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(lines == [verdict, "       rule   " + rule] + (place.map { ["       " + $0] } ?? []))
    }

    @Test("without rules everything is taken, with reject lines alone what they do not match")
    func otherwise() throws {
        let all = try explain("directory /d\n", ["--dry_run", "--path", "http://h/x", "--path", "sftp://h//srv/y"])
        #expect(all.status == 0 && all.output.contains("there is no accept and no reject line"), "\(all)")
        #expect(all.output.contains("place  /d/x\n") && all.output.contains("place  /d/srv/y\n"), "\(all)")
        let rest = try explain("reject .*z\ndirectory /d\n", ["--dry_run", "--path", "http://h/x"])
        #expect(rest.output.contains("rule   no reject line matches"), "\(rest)")
    }

    @Test("a name that turns the direction of a terminal's line is escaped")
    func direction() throws {
        let outcome = try explain("directory /d\n", ["--dry_run", "--path", "http://h/a%E2%80%AEtxt.exe"])
        #expect(outcome.status == 0 && !outcome.output.contains("\u{202E}"), "\(outcome)")
        #expect(outcome.output.split(separator: "\n").count == 3, "\(outcome)")
    }

    @Test("what makes no sense is one line")
    func wrong() throws {
        for words in [
            ["--path", "http://h/x"], ["--dry_run", "--path", "a/b"], ["--dry_run", "--path", "http://h/"], ["--dry_run", "-d"],
        ] {
            let outcome = try explain("", words)
            #expect(outcome.status == 64 && outcome.errors.split(separator: "\n").count == 1, "\(words): \(outcome)")
        }
    }

    @Test("dd_sender says where a file would be put")
    func sender() throws {
        let lines = "source_broker amqp://bob:pw@127.0.0.1:1/\ndestination sftp://u@h/in\nstrip 1\nreject .*tmp\n"
        try files.write(lines, to: "s.conf", mode: 0o600)
        let words = ["--dry_run", "--path", "http://h/a/b/c", "--path", "http://h/a/b.tmp", files.path("s.conf")]
        let outcome = try Command("dd_sender").run(words)
        #expect(outcome.status == 0 && outcome.output.contains("rule   reject .*tmp\n"), "\(outcome)")
        #expect(outcome.output.contains("take   http://h/a/b/c\n") && outcome.output.contains("place  sftp://u@h/in/b/c\n"))
    }

    @Test("dd_sara says where a file would be stored and announced, or why not; a look at what comes is not its own")
    func sara() throws {
        let lines = """
            source_broker amqp://feeder:pw@127.0.0.1:1/
            source_exchange xs_alice
            source_from_exchange on
            allow_url alice http://h/a/
            document_root /srv/dd
            broker amqp://feeder:pw@127.0.0.1:1/
            url http://s/
            cluster a
            reject .*tmp
            """
        try files.write(lines, to: "i.conf", mode: 0o600)
        let words = ["http://h/a/b", "http://h/x", "http://h/a/.b.tmp"].flatMap { ["--path", $0] } + [files.path("i.conf")]
        let outcome = try Command("dd_sara").run(["--dry_run"] + words)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
        #expect(outcome.output.contains("place  /srv/dd/\(Timestamp.now().day)/alice/a/b\n"), "\(outcome)")
        #expect(outcome.output.contains("url    http://s/") && outcome.output.contains("post   xd_alice on "), "\(outcome)")
        #expect(outcome.output.contains("refuse http://h/x\n") && outcome.output.contains("why    no allow_url covers it"))
        #expect(outcome.output.contains("leave  http://h/a/.b.tmp\n"))
        let bare = try Command("dd_sara").run(["--dry_run", files.path("i.conf")])
        #expect(bare.status == 64 && bare.errors.contains("--path"), "\(bare)")
    }
}
