import DDCore
import DDTestSupport
import Glibc
import Testing

/// What is left on disk by transfers that a stop does not wait for.
@Suite("abandoned transfers", .serialized, .enabled(if: SwitchTests.installed))
struct AbandonedTests {
    @Test("a stop during transfers from a server that has fallen silent leaves no lock file, and the posts come again")
    func stop() throws {
        let parties = try Parties("abandoned")
        let isSilent = Guarded<Bool>(true)
        let server = try LyingServer { _ in
            guard isSilent.withLock({ $0 }) else { return .http(200, [:], Array("1234".utf8)) }
            return .stall([])
        }
        let announcer = try Announcer(parties)
        let config = try parties.configure("mirror on\nstrip 2\nparallel 4\n")
        let bob = try parties.subscribe([config])
        let names = ["one", "two", "deep/three", "deep/er/four"]
        for name in names { try announcer.announce(name, Array("1234".utf8), at: server.url("/")) }
        #expect(waitUntil(seconds: 20) { server.requests.count >= 4 })
        #expect(
            waitUntil(seconds: 10) { Tree.leftovers(parties.received).count == 4 }, "\(TemporaryFolder.tree(parties.received))")
        bob.send(SIGTERM)
        #expect(try bob.outcome(seconds: 20).status == 0, "\(bob.errors)")
        #expect(TemporaryFolder.tree(parties.received) == [])

        isSilent.withLock { $0 = false }
        let again = try parties.command("dd_subscribe").run([config, "--exit_idle", "3"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(TemporaryFolder.tree(parties.received).sorted() == names.map { "abandoned/\($0)" }.sorted())
    }
}
