import DDTestSupport
import Testing

@testable import DDCore

@Suite("control messages")
struct ControlMessageTests {
    private func sample(_ random: inout SplitMix64) -> UserRecord {
        var user = UserRecord(
            name: "u\(random.next() % 1000)", role: UserRecord.Role.allCases.randomElement(using: &random) ?? .user)
        func maybe() -> Int64? { Bool.random(using: &random) ? .random(in: 0...Int64.max, using: &random) : nil }
        if Bool.random(using: &random) { user.urls = ["https://a.example/%C3%A9/", "http://127.0.0.1:80"] }
        user.stopped = (UserRecord.Stop.allCases + [nil]).randomElement(using: &random) ?? nil
        (user.quota.bytes, user.quota.files, user.quota.rate, user.quota.messages) = (maybe(), maybe(), maybe(), maybe())
        (user.limits.connections, user.limits.channels, user.limits.queueBytes) = (maybe(), maybe(), maybe())
        user.isLegacy = Bool.random(using: &random)
        if Bool.random(using: &random) { user.removed = Timestamp(seconds: 1_700_000_000, nanoseconds: 5) }
        return user
    }

    @Test("what is written is read again as it was")
    func roundTrip() throws {
        let seed = Seed()
        for number in 0..<200 {
            var random = seed.generator(case: number)
            let action = ControlMessage.Action.allCases.randomElement(using: &random) ?? .add
            let message = ControlMessage(action, sample(&random), by: "admin", time: Timestamp(seconds: Int64(number)))
            #expect(try ControlMessage(message.wire) == message, "\(seed) case \(number)")
        }
    }

    @Test("the form on the wire is the documented one")
    func documented() throws {
        let body =
            #"{"time":"20150813161959.854000000","action":"stop","by":"admin","#
            + #""user":{"name":"alice","role":"source","stopped":"hold"}}"#
        let message = try ControlMessage(WireMessage(topic: "v02.ctl.stop", body: body))
        #expect(message.user.name == "alice" && message.user.stopped == .hold && message.by == "admin")
        #expect(message.wire.body == body)
        #expect(message.wire.topic == "v02.ctl.stop")
    }

    @Test(
        "what is no control message is refused",
        arguments: [
            ("v02.post.stop", #"{"time":"20150813161959","action":"stop","by":"a","user":{"name":"a","role":"user"}}"#),
            ("v02.ctl.add", #"{"time":"20150813161959","action":"stop","by":"a","user":{"name":"a","role":"user"}}"#),
            ("v02.ctl.stop", #"{"time":"2015","action":"stop","by":"a","user":{"name":"a","role":"user"}}"#),
            ("v02.ctl.stop", #"{"time":"20150813161959","action":"stop","by":"a","user":{"name":"a/b","role":"user"}}"#),
            ("v02.ctl.stop", #"{"time":"20150813161959","action":"stop","by":"a","user":{"name":"a","role":"god"}}"#),
            ("v02.ctl.stop", #"{"time":"20150813161959","action":"stop","user":{"name":"a","role":"user"}}"#),
            (
                "v02.ctl.quota",
                #"{"time":"20150813161959","action":"quota","by":"a","user":{"name":"a","role":"user","quota":{"bytes":-1}}}"#
            ),
            ("v02.ctl.quota", "quota"),
        ])
    func refused(topic: String, body: String) {
        #expect(throws: MessageError.self) { try ControlMessage(WireMessage(topic: topic, body: body)) }
    }
}
