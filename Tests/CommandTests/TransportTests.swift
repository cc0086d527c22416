import DDCore
import DDTestSupport
import Glibc
import Testing

/// A tree on a source's server goes over a hop to a subscriber, and to him directly, over each transport, while the server is restarted.
@Suite(
    "transports", .serialized,
    .enabled(if: SwitchTests.installed && access("/usr/sbin/sshd", X_OK) == 0 && access("/usr/sbin/proftpd", X_OK) == 0))
struct TransportTests {
    enum Transport: String, CaseIterable, Sendable { case sftp, ftp, ftps, file }

    /// A server of the files below `home`, what its account's line in credentials.conf is, and which options it needs.
    private struct Source {
        var server: RunningServer?
        var url: String
        var credentials = ""
        var options = ""
        /// What has to live as long as the server.
        var keys: [SSHKey] = []
        var authority: TestCertificates?

        init(_ transport: Transport, home: String, _ parties: Parties) throws {
            switch transport {
            case .file: url = "file://\(home)/"
            case .sftp:
                keys = [try SSHKey("ed25519"), try SSHKey("ecdsa")]
                let server = try RunningServer.sshd(home: home, host: keys[0], users: [keys[1]])
                let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "nobody"
                (self.server, url) = (server, "sftp://\(user)@127.0.0.1:\(server.port)/")
                credentials = "sftp://\(user)@127.0.0.1:\(server.port)/ ssh_keyfile=\(keys[1].path)"
                options = "known_hosts \(try parties.write(server.knownHost(keys[0]), to: "known_hosts"))\n"
            case .ftp:
                let server = try RunningServer.proftpd(.ftp, home: home, user: ("carol", "s3cret"))
                (self.server, url) = (server, "ftp://carol@127.0.0.1:\(server.port)//\(home.dropFirst())/")
                credentials = "ftp://carol:s3cret@127.0.0.1:\(server.port)/ passive"
            case .ftps:
                let authority = try TestCertificates()
                let pair = try authority.server("127.0.0.1")
                let server = try RunningServer.proftpd(
                    .startTLS(certificate: pair.certificate, key: pair.key), home: home, user: ("carol", "s3cret"))
                (self.server, self.authority, url) = (server, authority, "ftps://127.0.0.1:\(server.port)/")
                credentials = "ftps://carol:s3cret@127.0.0.1:\(server.port)/ tls"
                let trusted = try parties.write(SmallFile.text(authority.authority) ?? "", to: "authority.pem")
                options = "data_cafile \(trusted)\n"
            }
        }
    }

    @Test(
        "what is there arrives byte for byte, over a hop and directly, though the server is restarted",
        arguments: Transport.allCases)
    func tree(transport: Transport) throws {
        let name = "over\(transport.rawValue)"
        let parties = try Parties(name)
        let home = parties.path("home")
        try Self.makeTree(home, name)
        let source = try Source(transport, home: home, parties)
        let accounts = (SmallFile.text(parties.running.folder + "/etc/credentials.conf") ?? "") + source.credentials + "\n"
        _ = try parties.write(accounts, to: "config/credentials.conf", mode: 0o600)
        func command(_ program: String) -> Command {
            var command = parties.command(program)
            command.environment["DD_CONFIG_HOME"] = parties.path("config")
            return command
        }

        let stored = parties.path("stored")
        let common = source.options + "retry_waits 1s,2s,5s\nlog_back off\nallow_url \(source.url.withoutUser)\n"
        let hop = try parties.write(
            """
            source_broker \(parties.broker("feeder"))
            source_exchange xd_alice
            source_topic \(name).#
            document_root \(stored)
            broker \(parties.broker("feeder"))
            exchange xpublic
            url file://\(stored)/
            cluster hop
            block_min 1
            \(common)
            """, to: "hop.conf")
        let config = try parties.write(
            """
            broker \(parties.broker("bob"))
            subtopic \(name).#
            mirror on
            directory \(parties.received)/direct
            accept \(transport.rawValue)://(?!.*/stored/).*
            directory \(parties.received)/hop
            accept file://.*/stored/.*
            allow_url file://\(stored)
            \(common)
            """, to: "config.conf")
        let programs = [
            try command("dd_sara").start([hop, "--log_level", "debug"]),
            try command("dd_subscribe").start([config, "--log_level", "debug"]),
        ]
        for program in programs {
            let stands = waitUntil(seconds: 30) { program.errors.contains("connected to") || !program.isRunning }
            try #require(stands && program.isRunning, "\(program.errors)")
        }
        let post = try command("dd_post").start(
            ["-b", parties.broker("feeder"), "-ex", "xd_alice", "-u", source.url, "-dr", home, "-p", "i,256K", home + "/" + name])
        if let server = source.server {
            // Something has come, not everything.
            _ = waitUntil(seconds: 20) { !TemporaryFolder.tree(parties.received).isEmpty }
            server.stop()
            usleep(500_000)
            try server.start()
        }
        let posted = try post.outcome()
        #expect(posted.status == 0, "\(posted.errors)")
        let wanted = Tree.facts(home + "/" + name)
        let copies = [parties.received + "/direct/" + name, parties.received + "/hop/" + name]
        _ = waitUntil(seconds: 90) { copies.allSatisfy { Tree.differences(wanted, Tree.facts($0)).isEmpty } }
        for program in programs { program.send(SIGTERM) }
        for program in programs {
            let outcome = try program.outcome()
            #expect(outcome.status == 0, "\(outcome.errors.suffix(4_000))")
            #expect(!outcome.errors.contains("s3cret"))
        }
        for copy in copies { #expect(Tree.differences(wanted, Tree.facts(copy)) == "", "\(copy)") }
        withExtendedLifetime(source) {}
        #expect(Tree.leftovers(parties.received) == [] && Tree.leftovers(stored) == [])
    }

    /// Files of odd names and of several blocks; in the long run those of the folder that `DD_TEST_DATA` names.
    private static func makeTree(_ home: String, _ name: String) throws {
        let root = home + "/" + name
        try SmallFile.makeFolder(root)
        if getenv("DD_TEST_LONG") != nil, let data = getenv("DD_TEST_DATA") {
            let outcome = try Command(path: "/bin/cp").run(["-r", String(cString: data), root + "/data"], seconds: 600)
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        var generator = Seed().generator()
        for odd in ["a b.txt", "#hash", "%41", "é.txt", "x;type=a", "what?", "-n", "...", "日本.txt", "it's \"so\""] {
            try Tree.write(Array(odd.utf8), to: "\(root)/\(odd)")
            try Tree.write(Array(odd.utf8), to: "\(root)/deep er/\(odd)")
        }
        for number in 0..<30 {
            try Tree.write(Tree.bytes(Int.random(in: 0...20_000, using: &generator), &generator), to: "\(root)/many/\(number)")
        }
        try Tree.write([], to: root + "/empty")
        try Tree.write(Tree.bytes(1_500_000, &generator), to: root + "/large")
    }
}

extension String {
    /// A URL without what is before `@`.
    fileprivate var withoutUser: String {
        (try? URLParts(self)).map { "\($0.withoutAccount)" } ?? self
    }
}
