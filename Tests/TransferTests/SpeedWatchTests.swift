import Testing

@testable import DDTransfer

@Suite("the speed limit")
struct SpeedWatchTests {
    @Test("a transfer that brings enough in each span goes on, one that does not is ended")
    func spans() {
        let watch = SpeedWatch(limit: 10, span: 60)
        watch.begin(at: 100)
        #expect(watch.fault(after: 0, at: 159) == nil)
        #expect(watch.fault(after: 600, at: 160) == nil)
        #expect(watch.fault(after: 600, at: 219) == nil)
        #expect(watch.fault(after: 1_199, at: 220) == "only 599 bytes came in 60 s")
        watch.begin(at: 300)
        #expect(watch.fault(after: 0, at: 360) == "nothing came for 60 s")
    }

    @Test("with a limit of nothing only silence ends it")
    func silence() {
        let watch = SpeedWatch(limit: 0, span: 60)
        watch.begin(at: 0)
        #expect(watch.fault(after: 1, at: 60) == nil)
        #expect(watch.fault(after: 1, at: 120) == "nothing came for 60 s")
    }

    @Test("the time that we take ourselves does not count")
    func outside() {
        let watch = SpeedWatch(limit: 10, span: 0.05)
        watch.begin(at: 0)
        watch.outside { _ = usleepFor(0.1) }
        #expect(watch.fault(after: 0, at: 0.1) == nil)
        #expect(watch.fault(after: 0, at: 100) != nil)
    }

    private func usleepFor(_ seconds: Double) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {}
        return true
    }
}
