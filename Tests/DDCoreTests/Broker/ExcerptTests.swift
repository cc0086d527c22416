import Testing

@testable import DDCore

@Suite("which message it is")
struct ExcerptTests {
    private func delivery(_ body: String, topic: String = "v02.post.a", exchange: String = "xs_mallory") -> Delivery {
        Delivery(
            tag: 1, redelivered: false, exchange: exchange, userID: "mallory", isDeadLettered: false,
            message: WireMessage(topic: topic, headers: ["source": "m\u{1b}[31m"], body: body), defect: nil)
    }

    @Test("a message is told by exchange, user, topic, source and the beginning of its body, on one short line")
    func told() {
        let text = delivery("first\nsecond\u{9b}2J" + String(repeating: "x", count: 100_000)).which()
        #expect(
            text.hasPrefix("exchange 'xs_mallory', user 'mallory', topic 'v02.post.a', source 'm?[31m', body 'first?second?2Jxxx")
        )
        #expect(text.utf8.count < 400 && !text.unicodeScalars.contains { ControlCharacters.isControl($0) })
        let long = delivery("", topic: String(repeating: "t", count: 255), exchange: String(repeating: "e", count: 255)).which()
        #expect(long.utf8.count < 300)
        #expect(!delivery("secret").which(showsBody: false).contains("secret"))
    }

    @Test("a password in the body is not told, also when its end lies behind what is told")
    func password() {
        for filler in [0, 60, 110, 1000] {
            let text = delivery("20240229120000.0 ftp://user:hidden" + String(repeating: "p", count: filler) + "@h/ file").which()
            #expect(!text.contains("hidden"), "\(text)")
        }
        #expect(!delivery(#"{"baseUrl":"ftp://user:hidden@h/","relPath":"x"}"#).which().contains("hidden"))
    }
}
