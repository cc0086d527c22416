import Testing

@testable import DDCore

@Suite("waits before the next try")
struct BackoffTests {
    @Test("they double up to the limit, each within a quarter of that")
    func growth() {
        var backoff = Backoff(first: 0.2, limit: 10)
        for middle in [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10] {
            let wait = backoff.next()
            #expect(wait >= middle * 0.75 && wait <= middle * 1.25)
        }
        for _ in 0..<1_000 { #expect(backoff.next() <= 12.5) }
    }

    @Test("after success they begin anew")
    func reset() {
        var backoff = Backoff(first: 1, limit: 100)
        for _ in 0..<5 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next() <= 1.25)
    }

    @Test("a broker that is back is tried within three seconds, however long it was away")
    func short() {
        var backoff = Backoff()
        for _ in 0..<1_000 { #expect(backoff.next() <= 2.5) }
    }

    @Test("a crowd does not come back in step")
    func jitter() {
        let waits = (0..<20).map { _ in
            var backoff = Backoff()
            return backoff.next()
        }
        #expect(Set(waits).count > 10)
    }
}
