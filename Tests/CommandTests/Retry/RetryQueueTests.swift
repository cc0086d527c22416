import DDCore
import DDTestSupport
import Glibc
import Testing

/// The queues in which posts wait for another try, when the broker ends under them or does not allow them.
@Suite("retry queues", .serialized, .enabled(if: SwitchTests.installed))
struct RetryQueueTests {
    /// The users that are made at the switch that all tests share.
    static let users = ["carla"]

    private static let lines = "mirror on\nstrip 2\n"

    // It takes a switch of its own and two starts of a broker.
    @Test(
        "posts that wait for another try are there again after the broker was killed, or restarted",
        arguments: Seed.isLong ? [SIGKILL, SIGTERM] : [SIGKILL])
    func broker(signal: Int32) throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("waiting", at: running)
        let server = try RunningServer.nginx()
        server.stop()
        let config = try parties.configure(Self.lines + "retry_waits 1s,12s\n")
        let bob = try parties.subscribe([config])
        let announcer = try Announcer(parties)
        var wanted: [String: [UInt8]] = [:]
        for number in 0..<30 { wanted["\(number)"] = Array("number \(number)".utf8) }
        for (name, bytes) in wanted {
            try Tree.write(bytes, to: announcer.path(name, in: server.root))
            try announcer.announce(name, bytes, at: server.url)
        }
        let waits = try waitUntil(seconds: 60) {
            try Self.counts(running).contains { $0.name.hasSuffix(".retry.12s") && $0.count == 30 }
        }
        try #require(waits, "\(bob.errors.suffix(2_000))")
        try running.signalBroker(signal)
        #expect(waitUntil(seconds: 150) { bob.errors.contains("connected again") }, "\(running.log)")
        try server.start()
        let arrived = { wanted.allSatisfy { SmallFile.bytes("\(parties.received)/waiting/\($0)") == $1 } }
        #expect(waitUntil(seconds: 60, arrived), "\(bob.errors.suffix(4_000))")
        // What bob had put there and not yet taken from his queue was in both when the broker was killed: it comes twice.
        _ = try waitUntil(seconds: 60) { try Self.counts(running).allSatisfy { $0.count == 0 } }
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        // Each was done once, and nothing is left over.
        #expect(bob.errors.split(separator: "\n").count { $0.contains(": 201 ") } == 30, "\(bob.errors.suffix(4_000))")
        let left = try Self.counts(running).filter { $0.count > 0 }
        #expect(left.isEmpty, "\(left)")
    }

    @Test("where the broker refuses these queues, that is said once, and failed transfers are tried again by the program")
    func refused() throws {
        let parties = try Parties("unallowed")
        try parties.running.addUsers(Self.users)
        // Her work queue is hers; anything else she may not make.
        _ = try parties.running.rabbitmqctl([
            "set_permissions", "carla", "^q_carla\\.work$", "^(xs_carla|xr_carla|q_carla\\..*)$", "^(xpublic|q_carla\\..*)$",
        ])
        let server = try RunningServer.nginx()
        server.stop()
        let announcer = try Announcer(parties)
        let config = try parties.write(
            """
            broker \(parties.running.broker("carla", password: "carla-secret"))
            queue q_carla.work
            subtopic *.alice.unallowed.#
            directory \(parties.received)
            log_back off
            retry_waits 1s,2s
            \(Self.lines)
            """, to: "carla.conf", mode: 0o600)
        let carla = try parties.subscribe([config])
        var wanted: [String: [UInt8]] = [:]
        for number in 0..<20 {
            let bytes = Array("number \(number)".utf8)
            wanted["\(number)"] = bytes
            try Tree.write(bytes, to: announcer.path("\(number)", in: server.root))
            try announcer.announce("\(number)", bytes, at: server.url)
        }
        let words = "failed transfers are tried again by this program, and only while it runs"
        #expect(waitUntil(seconds: 20) { carla.errors.contains(words) }, "\(carla.errors)")
        // What is elsewhere comes at once.
        let healthy = try RunningServer.nginx()
        try Tree.write([1], to: announcer.path("healthy", in: healthy.root))
        try announcer.announce("healthy", [1], at: healthy.url)
        #expect(waitUntil(seconds: 10) { access(parties.received + "/unallowed/healthy", F_OK) == 0 })

        // The program ends and begins anew: what was not acknowledged has stayed in the work queue.
        carla.send(SIGTERM)
        _ = try carla.outcome()
        let again = try parties.subscribe([config])
        try server.start()
        let arrived = { wanted.allSatisfy { SmallFile.bytes("\(parties.received)/unallowed/\($0)") == $1 } }
        #expect(waitUntil(seconds: 60, arrived), "\(again.errors.suffix(4_000))")
        again.send(SIGTERM)
        #expect(try again.outcome().status == 0)
        for program in [carla, again] {
            let said = program.errors.split(separator: "\n").filter { $0.contains(words) }
            #expect(said.count <= 1 && said.allSatisfy { $0.contains("403") || $0.contains("refused") }, "\(said)")
            #expect(!program.errors.contains("carla-secret"))
        }
    }

    /// The queues of bob with how many messages are ready in each.
    private static func counts(_ running: RunningSwitch) throws -> [(name: String, count: Int)] {
        try running.rabbitmqctl(["list_queues", "name", "messages"]).split(separator: "\n").compactMap { line in
            let words = line.split(separator: "\t")
            guard words.count == 2, words[0].hasPrefix("q_bob."), let count = Int(words[1]) else { return nil }
            return (String(words[0]), count)
        }
    }
}
