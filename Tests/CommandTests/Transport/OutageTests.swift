import DDCore
import DDTestSupport
import Glibc
import Testing

/// A data server that is away while posts come without a pause.
@Suite("a long outage", .serialized, .enabled(if: SwitchTests.installed && getenv("DD_TEST_LONG") != nil))
struct OutageTests {
    // The waits are a thirtieth of those by default, and so is the outage of half an hour; with `DD_TEST_OUTAGE=1800` both
    // are as they are in life.
    @Test("after it everything arrives, the freshest first, and it takes no longer than the outage did")
    func outage() throws {
        let parties = try Parties("long")
        let server = try RunningServer.nginx()
        server.stop()
        let alice = try Announcer(parties)
        let seconds = getenv("DD_TEST_OUTAGE").flatMap { Double(String(cString: $0)) } ?? 60
        let waits = seconds < 1_800 ? "retry_waits 1s,2s,20s,120s\n" : ""
        let config = try parties.configure("mirror on\nstrip 2\n" + waits)
        let bob = try parties.subscribe([config])
        let start = Monotonic.now()
        var announced: [(name: String, time: Double)] = []
        while Monotonic.now() - start < seconds {
            let name = "\(announced.count)"
            try Tree.write(Array(name.utf8), to: alice.path(name, in: server.root))
            try alice.announce(name, Array(name.utf8), at: server.url)
            announced.append((name, Monotonic.now() - start))
            usleep(50_000)
        }
        try server.start()
        let back = Monotonic.now() - start
        var arrived: [String: Double] = [:]
        let folder = parties.received + "/long/"
        // The longest wait by default is an hour.
        let isDone = waitUntil(seconds: seconds < 1_800 ? back + 30 : 2 * back + 600) {
            for name in TemporaryFolder.names(in: folder) where !name.hasSuffix(".dd.tmp") && arrived[name] == nil {
                arrived[name] = Monotonic.now() - start - back
            }
            return arrived.count == announced.count
        }
        #expect(isDone, "\(arrived.count) of \(announced.count)")
        func median(_ names: ArraySlice<(name: String, time: Double)>) -> Double {
            let times = names.compactMap { arrived[$0.name] }.sorted()
            return times.isEmpty ? .infinity : times[times.count / 2]
        }
        let third = announced.count / 3
        let (old, fresh) = (median(announced.prefix(third)), median(announced.suffix(third)))
        print(
            "outage: \(announced.count) posts in \(back) s; median arrival after its end: oldest third \(old) s, freshest \(fresh) s"
        )
        #expect(fresh < old)
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0, "\(bob.errors)")
    }
}
