import DDTestSupport
import Testing

@testable import DDCore

@Suite("what is known of data servers")
struct ServersTests {
    private let servers = Servers(workers: 4)

    @Test(
        "a server is the URL up to its path",
        arguments: [
            ("http://h/a/b", "http://h"), ("https://u@h:8443/x", "https://u@h:8443"), ("http://[::1]:80/", "http://[::1]:80"),
            ("http://h", "http://h"), ("file:/x", "file:"), ("nothing", "nothing"), ("", ""),
        ])
    func names(url: String, server: String) {
        #expect(Servers.server(of: url) == server)
    }

    @Test("failures that come at once close a server when there are three in a row, an answer in between forgets them")
    func quick() throws {
        for _ in 0..<2 { #expect(!servers.failed("a", try servers.begin("a", now: 0), now: 0.1)) }
        #expect(!servers.answered("a", try servers.begin("a", now: 1)))
        for _ in 0..<2 { #expect(!servers.failed("a", try servers.begin("a", now: 1), now: 1)) }
        #expect(!servers.anyClosed && servers.wait(for: "a", now: 1) == nil)
        #expect(servers.failed("a", try servers.begin("a", now: 1), now: 1))
        #expect(servers.anyClosed)
        #expect(try #require(servers.wait(for: "a", now: 1)) > 0)
        #expect(throws: Servers.Closed.self) { try servers.begin("a", now: 1) }
        // Others are not concerned.
        #expect(servers.wait(for: "b", now: 1) == nil)
        _ = try servers.begin("b", now: 1)
    }

    @Test("one failure after a long silence closes it")
    func slow() throws {
        #expect(servers.failed("a", try servers.begin("a", now: 0), now: 3))
    }

    @Test("one at a time tries whether a closed server is back, less and less often; an answer opens it")
    func probes() throws {
        _ = servers.failed("a", try servers.begin("a", now: 0), now: 60)
        var now = 60.0
        var pauses: [Double] = []
        for _ in 0..<8 {
            let pause = try #require(servers.wait(for: "a", now: now))
            pauses.append(pause)
            now += pause
            let number = try servers.begin("a", now: now)
            #expect(throws: Servers.Closed.self) { try servers.begin("a", now: now) }
            #expect(servers.wait(for: "a", now: now) != nil)
            #expect(!servers.failed("a", number, now: now))
        }
        #expect(pauses[0] <= 1.25 && pauses[7] > pauses[0] && pauses.allSatisfy { $0 <= 12.5 })
        now += 20
        #expect(servers.answered("a", try servers.begin("a", now: now)))
        #expect(servers.wait(for: "a", now: now) == nil && !servers.anyClosed)
        for _ in 0..<10 { _ = try servers.begin("a", now: now) }
    }

    @Test("a server that holds as many threads as there are gets none of those that stand in for them")
    func share() throws {
        for _ in 0..<4 { _ = try servers.begin("a", now: 0) }
        #expect(servers.heldThreads(now: 0.5) == 0)
        #expect(servers.heldThreads(now: 3) == 4)
        #expect(throws: Servers.Closed.self) { try servers.begin("a", now: 3) }
        let number = try servers.begin("b", now: 3)
        #expect(!servers.answered("b", number))
        #expect(servers.heldThreads(now: 9) == 4)
    }

    @Test("others stand in sooner for threads that a server holds which never answered, when there is one that does")
    func stranger() throws {
        #expect(!servers.answered("b", try servers.begin("b", now: 0)))
        _ = try servers.begin("a", now: 0)
        _ = try servers.begin("b", now: 0)
        #expect(servers.heldThreads(now: 0.1) == 0)
        #expect(servers.heldThreads(now: 0.5) == 1)
        #expect(servers.heldThreads(now: 1.5) == 2)
    }

    @Test("a server that answers is never refused, however many ask it, however slow it is and however long it was quiet")
    func healthy() throws {
        var now = 0.0
        for _ in 0..<3 {
            now += 1_000
            for _ in 0..<16 { #expect(!servers.answered("a", try servers.begin("a", now: now))) }
            // Four that take their time, one after the other.
            for _ in 0..<20 {
                let numbers = try (0..<4).map { _ in try servers.begin("a", now: now) }
                now += 30
                for number in numbers { #expect(!servers.answered("a", number)) }
            }
        }
        #expect(servers.heldThreads(now: now + 10) == 0 && !servers.anyClosed)
    }

    @Test("as many servers as anybody can name are not all remembered")
    func bounded() throws {
        for number in 0..<5_000 {
            let server = "s\(number)"
            _ = servers.failed(server, try servers.begin(server, now: 0), now: 60)
        }
        #expect((0..<5_000).count { servers.wait(for: "s\($0)", now: 60) != nil } <= 1_002)
        #expect(servers.anyClosed)
    }
}
