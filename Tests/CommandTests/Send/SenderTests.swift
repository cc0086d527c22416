import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("dd_sender", .serialized, .enabled(if: SwitchTests.installed && TransportSource.isInstalled))
struct SenderTests {
    enum Destination: String, CaseIterable, Sendable {
        case sftp, ftp, ftps, webdav, file
    }

    /// A server that takes files, and what dd_sender needs to know of it.
    private struct Partner {
        let home: String
        let url: String
        var credentials = ""
        var options = ""
        private var source: TransportSource?
        var servers: [RunningServer] = []

        init(_ kind: Destination, _ parties: Parties, appends: Bool = false) throws {
            home = parties.path("partner")
            try SmallFile.makeFolder(home)
            if kind == .webdav {
                let server = try RunningServer.webdav(home, user: ("carol", TransportSource.password))
                servers = [server]
                url = "http://127.0.0.1:\(server.port)/"
                credentials = "http://carol:\(TransportSource.password)@127.0.0.1:\(server.port)/\n"
            } else {
                let transport = try #require(TransportSource.Transport(rawValue: kind.rawValue))
                let source = try TransportSource(transport, home: home, parties, appends: appends)
                (self.source, servers, url, credentials, options) = (
                    source, source.servers, source.url, source.credentials, source.options
                )
            }
        }
    }

    /// Writes bob's configuration; returns its path.
    private func configure(_ parties: Parties, _ partner: Partner, _ lines: String = "") throws -> String {
        let own = SmallFile.text(parties.running.folder + "/etc/credentials.conf") ?? ""
        _ = try parties.write(own + partner.credentials, to: "credentials.conf", mode: 0o600)
        return try parties.write(
            "source_broker \(parties.broker("bob"))\nsource_topic *.alice.\(parties.name).#\ndestination \(partner.url)\nstrip 2\n"
                + partner.options + lines, to: "send.conf")
    }

    private func command(_ parties: Parties, _ program: String) -> Command {
        Command(program, environment: ["DD_CONFIG_HOME": parties.path(""), "DD_STATE_HOME": parties.path("state")])
    }

    private func start(_ parties: Parties, _ config: String) throws -> RunningCommand {
        let sender = try command(parties, "dd_sender").start([config, "--log_level", "info"])
        try #require(waitUntil(seconds: 20) { sender.errors.contains("connected to") }, "\(sender.errors)")
        return sender
    }

    @Test(
        "a tree arrives, is replaced, linked and removed, and nothing is left under a lock name", arguments: Destination.allCases)
    func tree(_ kind: Destination) throws {
        let parties = try Parties("send\(kind)")
        let partner = try Partner(kind, parties)
        let sender = try start(parties, try configure(parties, partner, "retry_waits 1s,2s\n"))
        let source = parties.source
        for number in 0..<40 { try Tree.write(Array("\(number)".utf8), to: "\(source)/d\(number % 5)/e/\(number)") }
        for name in ["a b#é.txt", "quote\"s", "empty"] {
            try Tree.write(name == "empty" ? [] : Array(name.utf8), to: "\(source)/\(name)")
        }
        var random = SplitMix64(seed: 7)
        try Tree.write(Tree.bytes(3_000_000, &random), to: source + "/large")
        let hasLinks = kind == .sftp || kind == .file
        if hasLinks { symlink("a b#é.txt", source + "/link") }
        func same(_ what: String) {
            let copy = partner.home + "/" + parties.name
            let isSame = waitUntil(seconds: 30) { Tree.facts(copy, times: false) == Tree.facts(source, times: false) }
            #expect(
                isSame,
                "\(what): \(Tree.differences(Tree.facts(source, times: false), Tree.facts(copy, times: false))) \(sender.errors.suffix(3_000))"
            )
        }
        #expect(try parties.post().status == 0)
        same("posted")
        for name in ["d1/e/1", "quote\"s", "large"] { try Tree.write(Array("another \(name)".utf8), to: "\(source)/\(name)") }
        #expect(try parties.post(paths: ["d1/e/1", "quote\"s", "large"].map { "\(source)/\($0)" }).status == 0)
        same("replaced")
        unlink(source + "/d2/e/2")
        #expect(try parties.post(["--remove"], paths: [source + "/d2/e/2", source + "/d2/e/never"]).status == 0)
        same("removed")
        #expect(
            Tree.leftovers(partner.home) == []
                && TemporaryFolder.tree(parties.path("state/dd_sender")).allSatisfy { !$0.contains("spool/") })
        #expect(!sender.errors.contains(TransportSource.password))
        if kind != .webdav {
            var (there, here) = (stat(), stat())
            let isKept = stat("\(partner.home)/\(parties.name)/d3/e/3", &there) == 0 && stat("\(source)/d3/e/3", &here) == 0
            #expect(isKept && there.st_mtim.tv_sec == here.st_mtim.tv_sec)
        }
        // Its source is told.
        #expect(
            try parties.reports { lines in lines.contains { $0.description.contains("Sent") && $0.user == "bob" } }.contains {
                $0.code == "201" && $0.user == "bob"
            })
        sender.send(SIGTERM)
        #expect(try sender.outcome(seconds: 30).status == 0)
    }

    @Test(
        "the partner is away, then restarted in the middle: all of it arrives, and what is fresh does not wait",
        arguments: [Destination.sftp, .webdav])
    func outage(_ kind: Destination) throws {
        let parties = try Parties("away\(kind)")
        let partner = try Partner(kind, parties)
        let sender = try start(parties, try configure(parties, partner, "retry_waits 1s,2s\n"))
        partner.servers[0].stop()
        for number in 0..<60 { try Tree.write(Array("\(number)".utf8), to: "\(parties.source)/\(number)") }
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { sender.errors.contains("does not answer: what is for it waits") }, "\(sender.errors)")
        try partner.servers[0].start()
        let copy = partner.home + "/" + parties.name
        #expect(waitUntil(seconds: 60) { Tree.facts(copy, times: false).count > 10 }, "\(sender.errors.suffix(2_000))")
        partner.servers[0].stop()
        usleep(300_000)
        try partner.servers[0].start()
        try Tree.write([1], to: parties.source + "/fresh")
        #expect(try parties.post(paths: [parties.source + "/fresh"]).status == 0)
        // Apache leaves files of its own where it is ended while it takes one.
        func facts() -> [String: String] { Tree.facts(copy, times: false).filter { !$0.key.hasPrefix(".davfs.tmp") } }
        let isSame = waitUntil(seconds: 60) { facts() == Tree.facts(parties.source, times: false) }
        #expect(isSame, "\(Tree.differences(Tree.facts(parties.source, times: false), facts())) \(sender.errors.suffix(3_000))")
        #expect(sender.errors.contains("answers again"))
        sender.send(SIGTERM)
        #expect(try sender.outcome(seconds: 30).status == 0)
    }

    @Test(
        "a large file that was cut off goes on where it was, where the server does that; one that has changed meanwhile begins anew",
        arguments: Seed.isLong ? [(Destination.sftp, true), (.ftp, true), (.ftp, false)] : [(.sftp, true), (.ftp, false)])
    func interruption(_ kind: Destination, _ appends: Bool) throws {
        let parties = try Parties("cut\(kind)\(appends)")
        let partner = try Partner(kind, parties, appends: appends)
        let config = try configure(parties, partner, "retry_waits 1s,2s\n")
        var random = SplitMix64(seed: 11)
        let piece = Tree.bytes(16 << 20, &random)
        /// A file of 96 MiB, whose pieces are told apart by their first byte.
        func make(_ name: String, _ first: UInt8) throws {
            let file = try #require(fopen("\(parties.source)/\(name)", "w"))
            for number in 0..<6 {
                var own = piece
                own[0] = first &+ UInt8(number)
                fwrite(own, 1, own.count, file)
            }
            fclose(file)
        }
        func begun() -> Int {
            let folder = "\(partner.home)/\(parties.name)"
            let name = TemporaryFolder.names(in: folder).first { $0 != "large" }
            var info = stat()
            return name.map { stat("\(folder)/\($0)", &info) == 0 ? Int(info.st_size) : 0 } ?? 0
        }
        /// Starts it, and kills it when a part is there.
        func cutOff() throws {
            let sender = try start(parties, config)
            try #require(waitUntil(seconds: 60) { begun() > 2 << 20 }, "\(sender.errors)")
            sender.kill()
            usleep(500_000)
            #expect(begun() > 0 && begun() < 96 << 20 && access("\(partner.home)/\(parties.name)/large", F_OK) != 0)
        }
        func finish() throws {
            let sender = try start(parties, config)
            let wanted = Tree.content(parties.source + "/large")
            let isSame = waitUntil(seconds: 60) {
                usleep(500_000)
                return access("\(partner.home)/\(parties.name)/large", F_OK) == 0
                    && Tree.content("\(partner.home)/\(parties.name)/large") == wanted
            }
            #expect(isSame, "\(sender.errors)")
            sender.send(SIGTERM)
            #expect(try sender.outcome(seconds: 30).status == 0)
            unlink("\(partner.home)/\(parties.name)/large")
        }
        func told(_ words: String, _ count: Int) throws {
            let lines = try parties.reports { $0.filter { $0.user == "bob" && $0.description.contains(words) }.count >= count }
            #expect(lines.filter { $0.user == "bob" && $0.description.contains(words) }.count == count, "\(lines)")
        }
        try make("large", 0)
        let first = try start(parties, config)
        first.send(SIGTERM)
        _ = try first.outcome(seconds: 30)
        #expect(try parties.post(["-p", "1"], paths: [parties.source + "/large"]).status == 0)
        try cutOff()
        try finish()
        try told("after an interruption from where it was", appends ? 1 : 0)
        // What was begun was another file of the same name and size.
        try make("large", 50)
        #expect(try parties.post(["-p", "1"], paths: [parties.source + "/large"]).status == 0)
        try cutOff()
        try make("large", 100)
        #expect(try parties.post(["-p", "1"], paths: [parties.source + "/large"]).status == 0)
        try finish()
        #expect(TemporaryFolder.tree(parties.path("state/dd_sender")).allSatisfy { !$0.contains("spool/") })
        for path in [parties.source + "/large"] + parties.stored.map({ $0 + "/large" }) { unlink(path) }
    }

    @Test("what was sent is posted there; files of this machine are not fetched; what makes no sense is one line")
    func posting() throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("sendpost", at: running)
        let partner = try Partner(.file, parties)
        let admin = try RawClient(running["DD_BROKER_ADMIN"])
        try admin.declareExchange("xw_sent")
        let feeder = try RawClient(running["DD_BROKER_FEEDER"])
        try feeder.declareQueue("q_feeder.collect.sent")
        try feeder.bind(queue: "q_feeder.collect.sent", to: "xw_sent")
        let config = try configure(
            parties, partner,
            "broker \(running["DD_BROKER_FEEDER"])\nexchange xw_sent\nurl https://partner.example/in/\ndocument_root \(running["DD_DOCUMENT_ROOT"])\n"
        )
        let sender = try start(parties, config)
        try Tree.write([1, 2], to: parties.source + "/d/f")
        #expect(try parties.post(paths: [parties.source + "/d/f"]).status == 0)
        #expect(waitUntil(seconds: 20) { Tree.content("\(partner.home)/sendpost/d/f") != nil }, "\(sender.errors)")
        var bodies: [String] = []
        #expect(
            waitUntil(seconds: 20) {
                bodies += (try? feeder.getAll("q_feeder.collect.sent").map(\.body)) ?? []; return !bodies.isEmpty
            })
        #expect(bodies.count == 1 && bodies[0].hasSuffix(" https://partner.example/in/ sendpost/d/f"), "\(bodies)")
        sender.send(SIGTERM)
        #expect(try sender.outcome(seconds: 30).status == 0)
        func fails(_ lines: String, _ words: String) throws {
            let bad = try parties.write("source_broker amqp://a:b@h/\n" + lines, to: "bad.conf", mode: 0o600)
            let outcome = try command(parties, "dd_sender").run([bad])
            #expect(outcome.status == 78 || outcome.status == 64, "\(outcome)")
            #expect(outcome.errors.contains(words) && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        }
        try fails("", "destination is needed")
        try fails("destination gopher://h/\n", "destination must begin with")
        try fails("destination sftp://h/\nurl http://x/\n", "'broker' is needed with it")
        try fails("destination sftp://u:pw@h/\n", "has a password")
        #expect(try command(parties, "dd_sender").run([config, "cleanup"]).status == 0)
    }
}
