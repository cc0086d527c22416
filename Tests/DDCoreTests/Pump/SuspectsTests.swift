import Testing

@testable import DDCore

@Suite("messages over which a broker ends connections")
struct SuspectsTests {
    private let ended = BrokerError(.other, "the broker says 501 FRAME_ERROR")

    private func message(_ body: String) -> WireMessage { WireMessage(topic: "t", body: body) }

    private func unconfirmed(_ bodies: String...) -> [(message: WireMessage, exchange: String)] {
        bodies.map { (message($0), "x") }
    }

    @Test("one that was alone twice when the connection ended is not sent a third time once another was taken")
    func alone() {
        let suspects = Suspects()
        #expect(suspects.window(500) == 500)
        suspects.ended(ended, unconfirmed: unconfirmed("a", "b", "c"))
        #expect(suspects.window(500) == 1 && !suspects.contains(message("b"), to: "x"))
        suspects.confirmed(message("a"), to: "x")
        suspects.ended(ended, unconfirmed: unconfirmed("b"))
        suspects.ended(ended, unconfirmed: unconfirmed("b"))
        #expect(suspects.contains(message("b"), to: "x") && suspects.verdict(on: message("b"), to: "x") == nil)
        suspects.confirmed(message("c"), to: "x")
        #expect(suspects.verdict(on: message("b"), to: "x")?.contains("501 FRAME_ERROR") == true)
        #expect(suspects.verdict(on: message("c"), to: "x") == nil && suspects.verdict(on: message("b"), to: "y") == nil)
    }

    @Test("while the broker takes nothing at all, none is given up before its fifth time")
    func broker() {
        let suspects = Suspects()
        for _ in 0..<4 { suspects.ended(ended, unconfirmed: unconfirmed("a")) }
        #expect(suspects.verdict(on: message("a"), to: "x") == nil)
        suspects.ended(ended, unconfirmed: unconfirmed("a"))
        #expect(suspects.verdict(on: message("a"), to: "x") != nil)
    }

    @Test("a connection that is lost without a word says nothing of its messages, and one that is taken after all is cleared")
    func innocent() {
        let suspects = Suspects()
        for _ in 0..<9 { suspects.ended(BrokerError(.lost, "reset"), unconfirmed: unconfirmed("a")) }
        #expect(suspects.window(9) == 9 && !suspects.contains(message("a"), to: "x"))
        suspects.ended(ended, unconfirmed: unconfirmed("a"))
        suspects.confirmed(message("a"), to: "x")
        #expect(!suspects.contains(message("a"), to: "x"))
        suspects.confirmed(message("b"), to: "x")
        #expect(suspects.window(9) == 9)
    }
}
