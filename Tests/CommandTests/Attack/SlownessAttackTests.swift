import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// What takes long must not take what others need: threads, the order of work, the room for deliveries.
    @Suite("attacks by slowness")
    struct SlownessAttackTests {
        private static let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n".utf8)
        private static let parts = "1,100000000,1,0,0"

        @Test(
            "files of one source that trickle do not hold up those of another, however many there are",
            arguments: [(8, 100), (4, 20), (40, 100), (8, 0)])
        func slowSource(files: Int, chunk: Int) throws {
            let ground = try AttackGround("slow")
            let server = try LyingServer { _ in .trickle(Self.head, chunk: chunk) }
            let ingest = try ground.ingest("allow_url mallory \(server.url("/"))")
            for number in 0..<files {
                try ground.forge("slow/\(number)", ["parts": Self.parts], base: server.url("/"))
            }
            // As many as there are threads.
            try #require(waitUntil(seconds: 20) { server.requests.count >= 4 }, "\(ingest.errors)")
            try ground.expectBystanderIsServed()
            #expect(server.requests.count == 4, "one source has more than its share at one server: \(server.requests.count)")
            #expect(ingest.isRunning)
        }

        @Test("many slow servers of one source leave threads to others")
        func slowServers() throws {
            let ground = try AttackGround("slows")
            let servers = try (0..<6).map { _ in try LyingServer { _ in .trickle(Self.head, chunk: 100) } }
            let ingest = try ground.ingest(servers.map { "allow_url mallory \($0.url("/"))" }.joined(separator: "\n"))
            for number in 0..<8 {
                for (index, server) in servers.enumerated() {
                    // Each in a place of its own: at one place they would wait for each other.
                    try ground.forge("slows/\(index).\(number)", ["parts": Self.parts], base: server.url("/"))
                }
            }
            try #require(
                waitUntil(seconds: 30) { servers.allSatisfy { $0.requests.count >= 1 } },
                "\(servers.map(\.requests.count)) \(ingest.errors)")
            try ground.expectBystanderIsServed()
            #expect(ingest.isRunning)
        }

        @Test("a removal of a folder below which a transfer runs waits alone, with what is in that folder")
        func removalAbove() throws {
            let ground = try AttackGround("above")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/free/file")
            let server = try LyingServer { _ in .trickle(Self.head, chunk: 100) }
            let ingest = try ground.ingest("allow_url mallory \(server.url("/"))")
            try ground.forge("above/a/x", ["parts": Self.parts], base: server.url("/"))
            try #require(waitUntil(seconds: 20) { server.requests.count == 1 }, "\(ingest.errors)")
            try ground.forge("above/a", ["sum": "R,00"])
            try ground.forge("above/a/y", base: server.url("/"))
            try ground.forge("above/a", ["sum": "L,00", "link": "free"])
            try ground.expectBystanderIsServed()
            try ground.forge("above/free/file")
            #expect(waitUntil(seconds: 2) { ground.stored.contains("mallory/above/free/file") }, "\(ground.stored)")
            #expect(server.requests.count == 1 && ingest.isRunning, "what waits for the removal was begun")
        }
    }
}

extension Attacks {
    /// The same at an end user, whose posts all lie in one queue.
    @Suite("slow servers at a subscriber")
    struct SlowSubscriptionTests {
        private static let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".utf8)

        private func expectServed(
            _ name: String, _ parties: Parties, _ alice: Announcer, _ healthy: RunningServer, seconds: Double = 2
        ) throws {
            try Tree.write([7], to: alice.path(name, in: healthy.root))
            let start = Monotonic.now()
            try alice.announce(name, [7], at: healthy.url)
            let path = "\(parties.received)/\(parties.name)/\(name)"
            _ = waitUntil(seconds: 60) { access(path, F_OK) == 0 }
            let took = Monotonic.now() - start
            #expect(took < seconds, "\(name) took \(took) s")
        }

        @Test("a removal above a transfer that does not end holds up nothing else")
        func removal() throws {
            let parties = try Parties("subremoval")
            let healthy = try RunningServer.nginx()
            let slow = try LyingServer { _ in .stall(Self.head) }
            let alice = try Announcer(parties)
            let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\nremove on")])
            try alice.announce("a/x", [1, 2, 3, 4, 5], at: slow.url("/"))
            try #require(waitUntil(seconds: 20) { slow.requests.count == 1 }, "\(bob.errors)")
            let feeder = try AMQPPublisher(
                BrokerSettings(url: try BrokerURL(parties.running["DD_BROKER_FEEDER"]), name: "a test"))
            let removal = Post(
                time: .now(), location: Location(base: slow.url("/"), relpath: "20260101/alice/\(parties.name)/a"),
                event: .removed)
            _ = try feeder.publish(try PostCodec.encode(removal), to: "xpublic")
            for number in 0..<5 { try expectServed("b/\(number)", parties, alice, healthy) }
            feeder.close()
        }

        @Test("more posts of a slow server than may be in hand do not hold up those of another")
        func crowd() throws {
            let parties = try Parties("subcrowd")
            let healthy = try RunningServer.nginx()
            let slow = try LyingServer { _ in .trickle(Self.head, chunk: 0) }
            let alice = try Announcer(parties)
            let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\nprefetch 60")])
            for number in 0..<200 { try alice.publish("slow/\(number)", [1, 2, 3, 4, 5], at: slow.url("/")) }
            try alice.confirm()
            try #require(waitUntil(seconds: 20) { slow.requests.count == 4 }, "\(bob.errors)")
            // They are in front of it in the queue, and are recognised after some seconds.
            try expectServed("first", parties, alice, healthy, seconds: 20)
            #expect(
                waitUntil(seconds: 20) { bob.errors.contains("wait for a server that is slow") }, "\(bob.errors.suffix(2_000))")
            for number in 0..<5 { try expectServed("then\(number)", parties, alice, healthy, seconds: 4) }
        }
    }
}
