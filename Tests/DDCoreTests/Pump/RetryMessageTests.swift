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
        let waiting = try #require(RetryMessage.wrap(original, RetryMessage.Tries(attempt: 7, first: first, age: 61.5)))
        let (delivery, tries) = RetryMessage.unwrap(again(waiting))
        #expect(delivery.message == message && delivery.exchange == "xs_alice" && delivery.tag == 9 && delivery.redelivered)
        // The way through the queues is neither the publisher's nor a reason for suspicion.
        #expect(delivery.userID == nil && !delivery.isDeadLettered)
        #expect(tries.attempt == 7 && tries.first == first && tries.age == 61)
    }

    @Test("headers that the broker would act on do not go with it")
    func acted() throws {
        var odd = message
        for name in ["CC", "BCC", "x-death", "x-delay"] { odd.headers[name] = "v02.post.elsewhere" }
        let waiting = try #require(
            RetryMessage.wrap(Sample.delivery(message: odd), RetryMessage.Tries(attempt: 0, first: .now(), age: 0)))
        #expect(RetryMessage.unwrap(again(waiting)).delivery.message == message)
    }

    @Test("headers of these names that the publisher wrote are not believed")
    func forged() throws {
        var odd = message
        for (name, value) in [
            ("dd-exchange", "xs_eve"), ("dd-attempt", "99"), ("dd-first", "19700101000000"), ("dd-age", "999999"),
        ] {
            odd.headers[name] = value
        }
        let first = Timestamp.now()
        let waiting = try #require(
            RetryMessage.wrap(Sample.delivery(message: odd), RetryMessage.Tries(attempt: 1, first: first, age: 5)))
        let (delivery, tries) = RetryMessage.unwrap(again(waiting))
        #expect(
            delivery.exchange == "xs_alice" && tries.attempt == 1 && tries.first == first && tries.age == 5
                && delivery.message == message)
    }

    @Test("what cannot be read counts as tried before, just now", arguments: ["", "x", "-1", "99999999999999999999"])
    func damaged(text: String) {
        var odd = message
        for name in ["dd-attempt", "dd-first", "dd-age"] { odd.headers[name] = text }
        let (delivery, tries) = RetryMessage.unwrap(again(odd))
        #expect(delivery.exchange == "q_bob.x.again" && tries.attempt >= 0 && Timestamp.now().seconds(since: tries.first) < 60)
        #expect(tries.age < 60)
    }

    @Test("a message without room for five more headers is not sent again")
    func full() {
        var odd = message
        for number in 0..<117 { odd.headers["h\(number)"] = "x" }
        #expect(RetryMessage.wrap(Sample.delivery(message: odd), RetryMessage.Tries(attempt: 0, first: .now(), age: 0)) != nil)
        odd.headers["one more"] = "x"
        #expect(RetryMessage.wrap(Sample.delivery(message: odd), RetryMessage.Tries(attempt: 0, first: .now(), age: 0)) == nil)
    }

    // Found before: the age was read off the wall clock, so that a jump of three days gave up what had been tried for a minute.
    @Test("a job's age is the time for which it was tried, whatever the clock on the wall says")
    func age() throws {
        var job = try Sample.job(1, "a")
        #expect(job.age < 10 && !job.isRepeated)
        for jump: Int64 in [-1_000_000, 0, 1_000_000] {
            let first = Timestamp(seconds: Timestamp.now().seconds + jump)
            let waiting = try #require(
                RetryMessage.wrap(Sample.delivery(message: message), RetryMessage.Tries(attempt: 2, first: first, age: 1_000)))
            let tries = RetryMessage.unwrap(again(waiting)).tries
            job = try Sample.job(1, "a")
            job.resume(tries)
            #expect(job.age >= 1_000 && job.age < 1_060 && job.isRepeated && job.first == first)
        }
        // What an earlier release left waiting says only when it came first.
        var odd = try #require(
            RetryMessage.wrap(Sample.delivery(message: message), RetryMessage.Tries(attempt: 2, first: .now(), age: 1_000)))
        odd.headers["dd-age"] = nil
        odd.headers["dd-first"] = Timestamp(seconds: Timestamp.now().seconds - 500).wire
        #expect(490...560 ~= RetryMessage.unwrap(again(odd)).tries.age)
    }
}
