import DDCore
import DDTestSupport
import Glibc
import Testing

/// A tree on a source's server goes over a hop to a subscriber, and to him directly, over each transport, while the server is restarted;
/// for `file`, which has none, the programs that read.
@Suite("transports", .serialized, .enabled(if: SwitchTests.installed && TransportSource.isInstalled))
struct TransportTests {
    /// A hop that fetches from the source, and a subscriber who fetches from both.
    private struct Programs {
        private let parties: Parties
        private let configs: [(program: String, path: String)]
        private(set) var running: [RunningCommand] = []

        init(_ transport: TransportSource.Transport, _ source: TransportSource, _ parties: Parties, name: String) throws {
            self.parties = parties
            let accounts = SmallFile.text(parties.running.folder + "/etc/credentials.conf") ?? ""
            _ = try parties.write(accounts + source.credentials, to: "config/credentials.conf", mode: 0o600)
            let stored = parties.path("stored")
            let common = source.options + "retry_waits 1s,2s,5s\nlog_back off\nallow_url \(source.allowed)\n"
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
                accept (?!file://.*/stored/).*
                directory \(parties.received)/hop
                accept file://.*/stored/.*
                allow_url file://\(stored)
                \(common)
                """, to: "config.conf")
            configs = [("dd_sara", hop), ("dd_subscribe", config)]
        }

        func command(_ program: String) -> Command {
            var command = parties.command(program)
            command.environment["DD_CONFIG_HOME"] = parties.path("config")
            return command
        }

        mutating func start() throws {
            running = try configs.map { try command($0.program).start([$0.path, "--log_level", "debug"]) }
            for program in running {
                let stands = waitUntil(seconds: 30) { program.errors.contains("connected to") || !program.isRunning }
                try #require(stands && program.isRunning, "\(program.errors)")
            }
        }

        /// Ends them. What waits for another try on the broker may be left over.
        func stop(_ statuses: ClosedRange<Int32>) throws {
            for program in running { program.send(SIGTERM) }
            for program in running {
                let outcome = try program.outcome()
                #expect(statuses ~= outcome.status, "\(outcome.errors.suffix(4_000))")
                #expect(!outcome.errors.contains(TransportSource.password))
            }
        }
    }

    @Test(
        "what is there arrives byte for byte, over a hop and directly, though the server is restarted",
        arguments: TransportSource.Transport.allCases)
    func tree(transport: TransportSource.Transport) throws {
        let name = "over\(transport.rawValue)"
        let parties = try Parties(name)
        let home = parties.path("home")
        let root = home + "/" + name
        try Self.makeTree(root)
        let source = try TransportSource(transport, home: home, parties)
        var programs = try Programs(transport, source, parties, name: name)
        try programs.start()
        let words = ["-b", parties.broker("feeder"), "-ex", "xd_alice", "-u", source.url, "-dr", home, "-p", "i,256K"]
        func post(_ path: String) throws {
            let outcome = try programs.command("dd_post").run(words + [path], seconds: 120)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let began = Monotonic.now()
        try post(root + "/first")
        // Something has come, or is on its way; the rest is announced while nobody answers.
        #expect(waitUntil(seconds: 20) { !TemporaryFolder.tree(parties.received).isEmpty })
        for server in source.servers { server.stop() }
        if source.servers.isEmpty { try programs.stop(0...1) }
        try post(root + "/second")
        let before = Self.count(parties.received)
        for server in source.servers { try server.start() }
        if source.servers.isEmpty { try programs.start() }
        let back = Monotonic.now()

        let wanted = Tree.facts(root)
        #expect(before < 2 * wanted.count)
        let copies = ["direct", "hop"].map { "\(parties.received)/\($0)/\(name)" }
        _ = waitUntil(seconds: Seed.isLong ? 300 : 90) { copies.allSatisfy { Self.count($0) >= wanted.count } }
        let end = Monotonic.now()
        try programs.stop(0...0)
        for copy in copies { #expect(Tree.differences(wanted, Tree.facts(copy)) == "", "\(copy)") }
        #expect(Tree.leftovers(parties.received) == [] && Tree.leftovers(parties.path("stored")) == [])
        withExtendedLifetime(source) {}
        print(
            "transports: \(transport.rawValue): \(wanted.count) files; \(before) of \(2 * wanted.count) copies before the server was back "
                + "after \(Int((back - began).rounded())) s, all of them \(Int((end - back).rounded())) s later")
    }

    /// The files below a folder that are whole.
    private static func count(_ folder: String) -> Int { TemporaryFolder.tree(folder).count { !Tree.isUnfinished($0) } }

    /// Files of odd names and of several blocks in two folders; in the long run with those of the folder that `DD_TEST_DATA` names.
    private static func makeTree(_ root: String) throws {
        for half in ["first", "second"] { try SmallFile.makeFolder(root + "/" + half) }
        if Seed.isLong, let data = getenv("DD_TEST_DATA") {
            let folder = String(cString: data)
            for (index, name) in TemporaryFolder.names(in: folder).sorted().enumerated() {
                let words = ["-r", folder + "/" + name, root + (index % 2 == 0 ? "/first/" : "/second/") + name]
                let outcome = try Command(path: "/bin/cp").run(words, seconds: 600)
                try #require(outcome.status == 0, "\(outcome.errors)")
            }
        }
        var generator = Seed().generator()
        for odd in ["a b.txt", "#hash", "%41", "é.txt", "x;type=a", "what?", "-n", "...", "日本.txt", "it's \"so\""] {
            try Tree.write(Array(odd.utf8), to: "\(root)/first/\(odd)")
            try Tree.write(Array(odd.utf8), to: "\(root)/second/deep er/\(odd)")
        }
        for number in 0..<30 {
            let half = number % 2 == 0 ? "first" : "second"
            try Tree.write(
                Tree.bytes(Int.random(in: 0...20_000, using: &generator), &generator), to: "\(root)/\(half)/many/\(number)")
        }
        try Tree.write([], to: root + "/second/empty")
        for half in ["first", "second"] { try Tree.write(Tree.bytes(800_000, &generator), to: "\(root)/\(half)/large") }
    }
}
