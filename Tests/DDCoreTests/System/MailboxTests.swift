import DDTestSupport
import Testing

@testable import DDCore

@Suite("mailboxes")
struct MailboxTests {
    @Test("what one thread puts in, several take: each element once, and all of them")
    func everythingOnce() throws {
        let box = Mailbox<Int>()
        let taken = Guarded<[Int]>([])
        let ended = Guarded(0)
        for _ in 0..<4 {
            try Thread.start(for: "a test") {
                while let element = box.take() { taken.withLock { $0.append(element) } }
                ended.withLock { $0 += 1 }
            }
        }
        for element in 0..<10_000 { box.put(element) }
        #expect(waitUntil(seconds: 60) { taken.withLock { $0.count } == 10_000 })
        box.close()
        #expect(waitUntil(seconds: 60) { ended.withLock { $0 } == 4 })
        #expect(taken.withLock { $0.sorted() } == Array(0..<10_000))
    }

    @Test("a closed mailbox gives nothing any more, and what nobody took can be cleared")
    func closed() {
        let box = Mailbox<Int>()
        box.put(1)
        box.put(2)
        #expect(box.take() == 1)
        box.close()
        #expect(box.take() == nil)
        #expect(box.clear() == [2])
        #expect(box.isEmpty)
    }
}
