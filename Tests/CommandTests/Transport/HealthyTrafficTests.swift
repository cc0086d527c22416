import DDCore
import DDTestSupport
import Glibc
import Testing

/// Servers that fail in every way, and one that does not: its files must not wait for the others.
@Suite("healthy traffic", .serialized, .enabled(if: SwitchTests.installed))
struct HealthyTrafficTests {
    private static let isLong = getenv("DD_TEST_LONG") != nil

    /// Everything that was announced waits in bob's queue; how long it takes him to fetch all that is healthy, in seconds.
    private func drain(_ parties: Parties, _ config: String, _ server: RunningServer, until count: Int) throws -> Double {
        let start = Monotonic.now()
        let bob = try parties.command("dd_subscribe").start([config, "--log_level", "error"])
        // A line in its log for each file: cheaper to look at than the tree.
        let isDone = waitUntil(seconds: 300) {
            usleep(50_000)
            return server.accesses.count >= count
        }
        let seconds = Monotonic.now() - start
        #expect(isDone, "\(server.accesses.count) of \(count) after \(seconds) s: \(bob.errors.suffix(2_000))")
        bob.send(SIGTERM)
        // Nor does anybody wait for them when the program is to end.
        _ = try bob.outcome(seconds: 20)
        return seconds
    }

    @Test("servers that fail in every way do not hold up the files of one that does not")
    func mixed() throws {
        let parties = try Parties("mixed")
        let count = Self.isLong ? 30_000 : 2_000
        let healthy = try RunningServer.nginx()
        let frozen = try RunningServer.nginx()
        let lying = try LyingServer { request in
            switch request.path.utf8.last.map({ Int($0) % 6 }) {
            case 0: return .http(404)
            case 1: return .http(500)
            case 2: return .http(200, [:], [1, 2, 3])
            case 3: return .http(302, ["Location": request.path])
            case 4: return .stall(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".utf8))
            default: return .last([])
            }
        }
        frozen.freeze(true)
        defer { frozen.freeze(false) }
        let alice = try Announcer(parties)
        let config = try parties.configure("mirror on\nstrip 2\nretry_waits 5s,1m\n")
        try parties.prepare(config)

        func announce(_ round: String, _ failing: (Int) throws -> Void) throws {
            for number in 0..<count {
                let name = "\(round)/\(number % 100)/\(number)"
                try Tree.write(Array("\(number)".utf8), to: alice.path(name, in: healthy.root))
                try alice.publish(name, Array("\(number)".utf8), at: healthy.url)
                try failing(number)
            }
            try alice.confirm()
        }
        try announce("alone") { _ in }
        let alone = try drain(parties, config, healthy, until: count)
        try announce("beside") { number in
            guard number % 20 == 0 else { return }
            try alice.publish("frozen/\(number)", [1], at: frozen.url)
            try alice.publish("lying/\(number / 20)", Array("123456789".utf8), at: lying.url("/"))
        }
        let beside = try drain(parties, config, healthy, until: 2 * count)
        print("healthy traffic: \(count) files in \(alone) s alone, in \(beside) s beside servers that fail")
        // Waiting for a server that does not answer would take minutes; what they cost besides is measured by `make bench`.
        #expect(beside < alone + 20, "\(alone) s alone")
        for name in ["frozen", "lying"] {
            // What was on its way when bob ended is used again when its post comes again.
            let names = TemporaryFolder.names(in: "\(parties.received)/mixed/\(name)")
            #expect(names.allSatisfy { $0.hasPrefix(".") && $0.hasSuffix(".dd.tmp") }, "\(names)")
        }
    }
}
