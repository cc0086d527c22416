import Testing

@testable import DDCore

@Suite("what a process tells of its work")
struct WorkLedgerTests {
    @Test(
        "a file is in hand, waits with the reason of its last failure, and is gone when it is done; the file of the status carries it"
    )
    func life() throws {
        var ledger = WorkLedger()
        var job = try Sample.job(1, "d/f")
        let url = job.post.location.url
        ledger.begin(job)
        #expect(!ledger.isNews)
        #expect(ledger.tell(now: 0).map(\.url) == [url] && ledger.tell(now: 0)[0].until == nil)
        job.attempt = 1
        ledger.wait(job, 30, "the server says 500")
        #expect(ledger.isNews)
        let now = Timestamp.now().seconds
        let told = ledger.tell(now: now)
        #expect(!ledger.isNews && told.count == 1 && told[0].attempt == 1 && told[0].why == "the server says 500")
        #expect(told[0].until.map { (now...now + 31).contains($0) } == true)
        // The server is closed meanwhile: the reason is still the last one that there was.
        ledger.wait(job, 30, nil)
        #expect(ledger.tell(now: now)[0].why == "the server says 500")
        var figures = FlowFigures(at: now)
        figures.work = told
        let read = try FlowFigures(JSONParser.parse(figures.json.text))
        #expect(read == figures)
        #expect((figures + figures).work.count == 2)
        ledger.begin(job)
        #expect(ledger.tell(now: now).map(\.until) == [nil])
        ledger.end(job)
        #expect(ledger.tell(now: now) == [])
    }

    @Test("it is bounded, tells the oldest, and forgets what another process must have got")
    func bounds() throws {
        var ledger = WorkLedger()
        for number in 0..<3_000 { ledger.wait(try Sample.job(UInt64(number), "d/\(number)"), 30, nil) }
        let now = Timestamp.now().seconds
        #expect(ledger.tell(now: now).count == 100)
        for number in 0..<3_000 { ledger.begin(try Sample.job(UInt64(5_000 + number), "e/\(number)")) }
        #expect(ledger.tell(now: now).count == 200)
        ledger.forgetDeliveries()
        #expect(ledger.tell(now: now).count == 100)
        #expect(ledger.tell(now: now + 640) == [])
    }
}
