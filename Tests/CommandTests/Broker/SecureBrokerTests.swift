import DDCore
import DDTestSupport
import Glibc
import Testing

/// Brokers over TLS, and one that is short of disk: nodes of their own, started with settings that the shared one has not.
@Suite("brokers", .serialized, .enabled(if: SwitchTests.installed))
struct SecureBrokerTests {
    @Test("amqps works with the authority that signed the certificate, and with no other; the name must be the broker's")
    func certificates() throws {
        let files = try TemporaryFolder()
        try makeCertificates(in: files)
        let port = try #require(FreePort.find())
        let running = try start(
            files,
            """
            [{rabbit, [{ssl_listeners, [{"127.0.0.1", \(port)}]},
              {ssl_options, [{certfile, "\(files.path("server.pem"))"}, {keyfile, "\(files.path("server.key"))"}]}]}].
            """)
        defer { running.stop() }
        try Tree.write([1], to: files.path("source/file"))
        let secret = running["DD_BROKER_ALICE"].split(separator: "@")[0].split(separator: ":").last ?? ""
        func post(_ host: String, _ authority: String) throws -> Command.Outcome {
            let words = ["-u", running["DD_SOURCE_URL"], "-dr", files.path("source"), "--wait", "2", files.path("source/file")]
            let url = "amqps://alice:\(secret)@\(host):\(port)/"
            return try Command("dd_post").run(["-b", url, "--cafile", files.path(authority)] + words)
        }
        #expect(waitUntil(seconds: 30) { FreePort.answers(port, greeting: []) })
        let good = try post("localhost", "authority.pem")
        #expect(good.status == 0 && good.output.contains("\t1,1,1,0,0\t"), "\(good)")
        for (host, authority) in [("localhost", "stranger.pem"), ("127.0.0.1", "authority.pem"), ("localhost", "nothing.pem")] {
            let bad = try post(host, authority)
            #expect(bad.status == 77 && bad.output.isEmpty, "\(host) \(authority): \(bad)")
            #expect(bad.errors.split(separator: "\n").count == 1 && !bad.errors.contains(secret), "\(bad.errors)")
        }
        // Nobody speaks TLS on the plain port.
        let plain = try Command("dd_post").run(
            [
                "-b", "amqps://alice:\(secret)@localhost:\(running["DD_AMQP_PORT"])/", "--cafile", files.path("authority.pem"),
                "-u",
                running["DD_SOURCE_URL"], "--wait", "0", files.path("source/file"),
            ])
        #expect(plain.status == 69 || plain.status == 77, "\(plain)")
    }

    @Test("a broker that is short of disk is waited for as long as option wait says, and named")
    func blocked() throws {
        let files = try TemporaryFolder()
        let running = try start(files, "[{rabbit, [{disk_free_limit, 1000000000000000}]}].")
        defer { running.stop() }
        try Tree.write([1], to: files.path("source/file"))
        let words = [
            "-b", running["DD_BROKER_ALICE"], "-u", running["DD_SOURCE_URL"], "-dr", files.path("source"), "--wait", "3",
        ]
        let outcome = try Command("dd_post").run(words + [files.path("source/file")])
        #expect(outcome.status == 69 && outcome.output.isEmpty, "\(outcome)")
        #expect(
            outcome.errors.contains("short of memory or disk") && outcome.errors.contains("1 of 1 posts"), "\(outcome.errors)")
    }

    /// A switch whose broker has these settings of Erlang's kind beside its own.
    private func start(_ files: TemporaryFolder, _ settings: String) throws -> RunningSwitch {
        try SmallFile.makeFolder(files.path("switch/broker"), mode: 0o700)
        try SmallFile.write(settings + "\n", to: files.path("switch/broker/advanced.config"))
        return try RunningSwitch(folder: files.path("switch"), ["--serve", try files.makeFolder("source")])
    }

    /// An authority, a certificate of it for `localhost`, and an authority that signed nothing.
    private func makeCertificates(in files: TemporaryFolder) throws {
        func openssl(_ words: String) throws {
            let outcome = try Command(path: "/usr/bin/openssl", folder: files.path).run(
                words.split(separator: " ").map(String.init))
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
        for name in ["authority", "stranger"] {
            try openssl("req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=\(name) -keyout \(name).key -out \(name).pem")
        }
        try openssl(
            "req -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout server.key -out server.csr"
        )
        try openssl(
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -copy_extensions copy -out server.pem"
        )
        try SmallFile.write("no certificate\n", to: files.path("nothing.pem"))
    }
}
