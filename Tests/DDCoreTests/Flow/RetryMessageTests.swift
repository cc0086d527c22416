import Testing

@testable import DDCore

@Suite("a post on its way through the retry queues")
struct RetryMessageTests {
    private let message = WireMessage(
        topic: "v02.post.a", headers: ["parts": "1,1,1,0,0", "sum": "0,0", "mine": "ö"], body: "2020 http://h/ a")

    /// As the broker hands it out after it has waited.
    private func again(_ message: WireMessage) -> Delivery {
        Delivery(
            tag: 9, redelivered: true, exchange: "q_bob.x.again", userID: "bob", isDeadLettered: true, message: message,
            defect: nil)
    }

    @Test("it comes out as it went in, with the tries made and the time of the first")
    func roundTrip() throws {
        let original = Sample.delivery(exchange: "xs_alice", message: message)
        let first = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)
        let waiting = try #require(RetryMessage.wrap(original, attempt: 7, first: first))
        let (delivery, attempt, time) = RetryMessage.unwrap(again(waiting))
        #expect(delivery.message == message && delivery.exchange == "xs_alice" && delivery.tag == 9 && delivery.redelivered)
        // The way through the queues is neither the publisher's nor a reason for suspicion.
        #expect(delivery.userID == nil && !delivery.isDeadLettered)
        #expect(attempt == 7 && time == first)
    }

    @Test("headers that the broker would act on do not go with it")
    func acted() throws {
        var odd = message
        for name in ["CC", "BCC", "x-death", "x-delay"] { odd.headers[name] = "v02.post.elsewhere" }
        let waiting = try #require(RetryMessage.wrap(Sample.delivery(message: odd), attempt: 0, first: .now()))
        #expect(RetryMessage.unwrap(again(waiting)).delivery.message == message)
    }

    @Test("headers of these names that the publisher wrote are not believed")
    func forged() throws {
        var odd = message
        for (name, value) in [("dd-exchange", "xs_eve"), ("dd-attempt", "99"), ("dd-first", "19700101000000")] {
            odd.headers[name] = value
        }
        let first = Timestamp.now()
        let waiting = try #require(RetryMessage.wrap(Sample.delivery(message: odd), attempt: 1, first: first))
        let (delivery, attempt, time) = RetryMessage.unwrap(again(waiting))
        #expect(delivery.exchange == "xs_alice" && attempt == 1 && time == first && delivery.message == message)
    }

    @Test("what cannot be read counts as tried before, just now", arguments: ["", "x", "-1", "99999999999999999999"])
    func damaged(text: String) {
        var odd = message
        for name in ["dd-attempt", "dd-first"] { odd.headers[name] = text }
        let (delivery, attempt, time) = RetryMessage.unwrap(again(odd))
        #expect(delivery.exchange == "q_bob.x.again" && attempt >= 0 && Timestamp.now().seconds(since: time) < 60)
    }

    @Test("a message without room for three more headers is not sent again")
    func full() {
        var odd = message
        for number in 0..<117 { odd.headers["h\(number)"] = "x" }
        #expect(RetryMessage.wrap(Sample.delivery(message: odd), attempt: 0, first: .now()) != nil)
        odd.headers["one more"] = "x"
        #expect(RetryMessage.wrap(Sample.delivery(message: odd), attempt: 0, first: .now()) == nil)
    }

    @Test("a job's age counts from when it came first")
    func age() throws {
        var job = try Sample.job(1, "a")
        #expect(job.age < 10 && !job.isRepeated)
        let now = Timestamp.now()
        job.resume(attempt: 2, first: Timestamp(seconds: now.seconds - 1_000, nanoseconds: now.nanoseconds))
        #expect(job.age >= 999 && job.age < 1_060 && job.isRepeated)
        // A clock that was set back makes nothing younger than it is.
        job = try Sample.job(1, "a")
        job.resume(attempt: 2, first: Timestamp(seconds: now.seconds + 1_000))
        #expect(job.age >= 0 && job.age < 60)
    }
}
