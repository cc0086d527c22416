import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// A switch on three nodes: set up at the first, its programs at the second and the third.
@Suite("a cluster of RabbitMQ", .serialized, .enabled(if: RabbitMQ.isInstalled && Seed.isLong))
struct ClusterTests {
    @Test("a switch goes on while a node is stopped, with its queues on most nodes; with queues on one, it waits for that node")
    func nodes() throws {
        let cluster = try PrivateCluster()
        try goesOn(cluster)
        try waits(cluster)
    }

    private func goesOn(_ cluster: PrivateCluster) throws {
        let ground = try ClusterGround(cluster, "quorum")
        let (desk, first) = (ground.desk, cluster.nodes[0])
        let again = try desk("init")
        #expect(again.status == 0 && again.output.contains("nothing to change"), "\(again)")
        let programs = try ["sara", "switch", "requests", "subscribe"].map(ground.start)
        defer { for program in programs { program.kill() } }
        try ground.post("before")
        try #require(ground.receives("before"), "\(programs.map(\.errors))")
        #expect(try waitUntil(seconds: 20) { try ground.administrate("check").status == 0 })

        first.stop()
        try ground.post("during")
        #expect(ground.receives("during"), "\(programs.map(\.errors))")
        #expect(try ground.reporters(of: "during") == ["bob", "feeder"].map(desk.name))
        let health = try ground.administrate("check")
        #expect(health.status == 2 && health.output.contains("\(first.node) does not run"), "\(health)")
        let carol = desk.name("carol")
        for words in [
            ["init"], ["user", "add", carol, "--password", "first-password"],
            ["user", "passwd", carol, "--password", "another-one"],
            ["user", "stop", carol], ["user", "resume", carol], ["user", "remove", "--yes", carol],
        ] {
            let outcome = try ground.administrate(words)
            #expect(outcome.status == 0, "\(words): \(outcome.errors)")
        }

        try first.start()
        try ground.post("after")
        #expect(ground.receives("after"), "\(programs.map(\.errors))")
        #expect(try waitUntil(seconds: 30) { try desk("check").status == 0 })
        let file = desk.files.path("export")
        #expect(try desk("export", file).status == 0)
        _ = try desk.curl("DELETE", "exchanges/\(desk.word)/xp_\(desk.name("bob"))")
        let restored = try ground.administrate("restore", file)
        #expect(restored.status == 0 && restored.output == "+ exchange xp_\(desk.name("bob"))\n", "\(restored)")
        #expect(try desk("init").output.contains("nothing to change"))
        for program in programs {
            program.send(SIGTERM)
            #expect(try program.outcome(seconds: 30).status == 0)
        }
    }

    private func waits(_ cluster: PrivateCluster) throws {
        let ground = try ClusterGround(cluster, "classic")
        let first = cluster.nodes[0]
        let bob = try ground.start("subscribe")
        defer { bob.kill() }
        try ground.post("waiting")
        first.stop()
        let refused = try ground.posting("refused")
        // RabbitMQ 3 says that no queue took it, 4 refuses it.
        #expect([1, 69].contains(refused.status) && refused.output.isEmpty, "\(refused)")
        let sara = try ground.start("sara")
        defer { sara.kill() }
        #expect(waitUntil(seconds: 20) { sara.errors.contains("cannot declare queue") }, "\(sara.errors)")
        try first.start()
        #expect(ground.receives("waiting"), "\(sara.errors)\(bob.errors)")
        #expect(sara.isRunning && bob.isRunning)
        try ground.post("refused")
        #expect(ground.receives("refused"), "\(sara.errors)\(bob.errors)")
    }
}

/// Alice, bob and the programs of a switch on a cluster; files travel without a web server.
private struct ClusterGround {
    let desk: Desk
    private let nodes: [PrivateBroker]
    private let tree: String

    init(_ cluster: PrivateCluster, _ type: String) throws {
        nodes = cluster.nodes
        desk = try Desk(at: nodes[0], "queue_type \(type)")
        let files = desk.files
        tree = try files.makeFolder("tree")
        let (alice, bob, feeder) = (desk.name("alice"), desk.name("bob"), desk.name("feeder"))
        try desk.add("alice", "--role", "source", "--url", "file://\(tree)/")
        try desk.add("bob", "--role", "consumer")
        let known = SmallFile.text(files.path("credentials.conf")) ?? ""
        let programs = nodes[1].url(feeder, "feederpassword")
        try files.write("\(known)\(programs)\n\(nodes[2].url(bob, "password-of-it"))\n", to: "credentials.conf", mode: 0o600)
        let broker = "amqp://\(feeder)@127.0.0.1:\(nodes[1].port)/\(desk.word)"
        let here =
            "broker \(broker)\ncluster \(desk.word)\ndocument_root \(files.path("data"))\nurl file://\(files.path("data"))/\n"
        try files.write(
            """
            source_broker \(broker)
            source_exchange xs_\(alice)
            source_from_exchange on
            allow_url \(alice) file://\(tree)/
            control on
            queue_type \(type)
            \(here)
            """, to: "sara/ingest.conf")
        try files.write("\(here)queue_type \(type)\n", to: "switch/routing.conf")
        let management = "http://guest:guest@127.0.0.1:\(nodes[1].managementPort)/"
        try files.write("\(here)queue_type \(type)\nmanagement \(management)\n", to: "switch/second.conf", mode: 0o600)
        try files.write(
            """
            broker amqp://\(bob)@127.0.0.1:\(nodes[2].port)/\(desk.word)
            subtopic #
            directory \(files.path("received"))
            allow_url file://\(files.path("data"))/
            queue_type \(type)

            """, to: "subscribe/bob.conf")
    }

    /// Starts one of the programs of the switch, or bob's, and waits until it is connected, or says why not.
    func start(_ name: String) throws -> RunningCommand {
        let words = [
            "sara": ["dd_sara", "ingest"], "switch": ["dd_switch", "log2source", "routing"],
            "requests": ["dd_switch", "-c", "second", "requests"], "subscribe": ["dd_subscribe", "bob"],
        ]
        let line = try #require(words[name])
        let program = try command(line[0]).start(Array(line.dropFirst()) + ["--log_level", "debug"])
        #expect(waitUntil(seconds: 20) { program.errors.contains("connect") || !program.isRunning })
        #expect(program.isRunning, "\(program.errors)")
        return program
    }

    /// The administrator at the second node.
    func administrate(_ words: String...) throws -> Command.Outcome { try administrate(words) }
    func administrate(_ words: [String]) throws -> Command.Outcome {
        try command("dd_switch").run(["--config", "second"] + words)
    }

    func post(_ name: String) throws {
        let outcome = try posting(name)
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    /// Alice posts a new file at the third node.
    func posting(_ name: String) throws -> Command.Outcome {
        let file = try desk.files.write(name, to: "tree/\(name)")
        let broker = nodes[2].url(desk.name("alice"), "password-of-it", vhost: desk.word)
        return try command("dd_post").run(
            ["-b", broker, "-u", "file://\(tree)/", "-dr", tree, "--wait", "20", file], seconds: 40)
    }

    /// Whether bob has the file within a minute.
    func receives(_ name: String) -> Bool {
        waitUntil(seconds: 30) { SmallFile.text(desk.files.path("received/\(name)")) == name }
    }

    /// Who has told alice that the file arrived.
    func reporters(of name: String) throws -> [String] {
        let broker = nodes[2].url(desk.name("alice"), "password-of-it", vhost: desk.word)
        var users: [String] = []
        _ = try waitUntil(seconds: 20) {
            let outcome = try command("dd_log").run(["-b", broker, "--since", "1h", "--exit_idle", "1", ".*\(name)"])
            users = ["bob", "feeder"].map(desk.name).filter { outcome.output.contains($0) }
            return users.count == 2
        }
        return users
    }

    private func command(_ program: String) -> Command {
        Command(program, environment: ["DD_CONFIG_HOME": desk.files.path, "DD_STATE_HOME": desk.files.path("state")])
    }
}
