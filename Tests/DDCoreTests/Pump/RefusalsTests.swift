import Testing

@testable import DDCore

@Suite("messages that a queue refuses")
struct RefusalsTests {
    @Test("of a queue that goes on refusing one message asks once, and nothing else is published again for ten minutes")
    func lasting() {
        var refusals = Refusals<Int>()
        #expect(refusals.refused(1, on: "xpublic", isRepeated: false, now: 0).verdict == .publishAgain)
        for number in 2...500 { #expect(refusals.refused(number, on: "xpublic", isRepeated: false, now: 0.5).verdict == .wait) }
        let (verdict, others) = refusals.refused(1, on: "xpublic", isRepeated: true, now: 1)
        #expect(verdict == .leave && others == Array(2...500))
        for now in [1, 100, 600.9] {
            #expect(refusals.refused(501, on: "xpublic", isRepeated: false, now: now).verdict == .leave)
        }
        #expect(refusals.refused(502, on: "xpublic", isRepeated: false, now: 601.1).verdict == .publishAgain)
    }

    @Test("a queue that was away for a moment gets all that it missed, once")
    func passing() {
        var refusals = Refusals<Int>()
        #expect(refusals.refused(1, on: "xd_a", isRepeated: false, now: 0).verdict == .publishAgain)
        #expect(refusals.refused(2, on: "xd_a", isRepeated: false, now: 0).verdict == .wait)
        #expect(refusals.confirmed(on: "xd_b").isEmpty)
        #expect(refusals.confirmed(on: "xd_a") == [2])
        #expect(refusals.confirmed(on: "xd_a").isEmpty)
        // One that refuses now and then wins no more than that.
        let (verdict, others) = refusals.refused(2, on: "xd_a", isRepeated: true, now: 2)
        #expect(verdict == .leave && others.isEmpty)
        #expect(refusals.refused(3, on: "xd_a", isRepeated: false, now: 3).verdict == .leave)
    }

    @Test("exchanges are told apart, and only those with queues of users are passed by")
    func exchanges() {
        var refusals = Refusals<Int>()
        _ = refusals.refused(1, on: "xd_a", isRepeated: true, now: 0)
        #expect(refusals.refused(2, on: "xd_b", isRepeated: false, now: 0).verdict == .publishAgain)
        func isPassedBy(_ exchange: String, _ lane: Outgoing.Lane = .reports) -> Bool {
            Outgoing(WireMessage(topic: "v02.post", body: ""), to: exchange, lane: lane).isForConsumers
        }
        for exchange in ["xpublic", "xd_alice", "xl_alice", "xp_bob", "other"] { #expect(isPassedBy(exchange)) }
        for exchange in ["xs_bob", "xq_north", "q_feeder.x.again"] { #expect(!isPassedBy(exchange)) }
        #expect(!isPassedBy("anything", .retries))
    }
}
