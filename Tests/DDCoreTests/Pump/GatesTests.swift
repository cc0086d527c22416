import DDTestSupport
import Testing

@testable import DDCore

@Suite("queues that are held or slowed down")
struct GatesTests {
    private func delivery(_ tag: UInt64, _ queue: String) -> Delivery {
        var delivery = Sample.delivery(tag)
        delivery.queue = queue
        return delivery
    }

    @Test("what waits goes on in its order, queue by queue, when its time has come")
    func waits() {
        var gates = Gates()
        gates.putBack(delivery(1, "a"), until: 10, now: 0)
        gates.wait(delivery(2, "a"), until: .infinity, now: 0)
        gates.putBack(delivery(3, "b"), until: 5, now: 0)
        #expect(gates.nextDue == 5 && gates.isWaiting("a") && gates.isWaiting("b") && !gates.isWaiting("c"))
        #expect(gates.takeDue(now: 4).isEmpty)
        #expect(gates.takeDue(now: 6).map(\.tag) == [3])
        #expect(!gates.isWaiting("b"))
        #expect(gates.takeDue(now: 10).map(\.tag) == [1])
        // It is too early for it still: it stands before the one behind it.
        gates.putBack(delivery(1, "a"), until: 12, now: 10)
        #expect(gates.takeDue(now: 11).isEmpty)
        #expect(gates.nextDue == 12)
        #expect(gates.takeDue(now: 12).map(\.tag) == [1])
        #expect(gates.takeDue(now: 12).map(\.tag) == [2])
        #expect(gates.nextDue == nil)
    }

    @Test("a queue that is closed hands out what waited, and what still comes of it is known")
    func closes() {
        var gates = Gates()
        gates.putBack(delivery(1, "a"), until: 10, now: 0)
        gates.wait(delivery(2, "a"), until: .infinity, now: 0)
        #expect(gates.overdue(now: 10).isEmpty && gates.overdue(now: Gates.patience + 1) == ["a"])
        #expect(gates.close("a").map(\.tag) == [1, 2])
        #expect(gates.isClosed("a") && !gates.isClosed("b") && gates.nextDue == nil)
        gates.open("a")
        #expect(!gates.isClosed("a"))
    }

    @Test("in any order of calls they say what plain lists say", arguments: 0..<20)
    func model(seed: UInt64) {
        struct Plain {
            var due: Double
            var since: Double
            var waiting: [UInt64]
        }
        var random = SplitMix64(seed: seed)
        var gates = Gates()
        var lines: [String: Plain] = [:]
        var (now, tag) = (0.0, UInt64(0))
        for _ in 0..<2_000 {
            now += Double.random(in: 0..<2, using: &random)
            tag += 1
            let queue = "q\(Int.random(in: 0..<8, using: &random))"
            let due = now + Double(Int.random(in: 0..<5, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                gates.wait(delivery(tag, queue), until: due, now: now)
                lines[queue, default: Plain(due: due, since: now, waiting: [])].waiting.append(tag)
            case 4..<7:
                gates.putBack(delivery(tag, queue), until: due, now: now)
                lines[queue, default: Plain(due: due, since: now, waiting: [])].waiting.insert(tag, at: 0)
                lines[queue]?.due = due
            case 7..<9:
                var expected: Set<UInt64> = []
                for (name, line) in lines where line.due <= now {
                    expected.insert(line.waiting[0])
                    lines[name]?.waiting.removeFirst()
                    if line.waiting.count == 1 { lines[name] = nil }
                }
                #expect(Set(gates.takeDue(now: now).map(\.tag)) == expected)
            default:
                #expect(gates.close(queue).map(\.tag) == lines.removeValue(forKey: queue)?.waiting ?? [])
                gates.open(queue)
            }
            #expect(gates.nextDue == lines.values.map(\.due).min())
            let overdue = lines.filter { now - $0.value.since > Gates.patience }.keys.sorted()
            #expect(gates.overdue(now: now).sorted() == overdue)
        }
    }

    @Test("a pace lets a second's worth through at once, and then so much a second")
    func pace() {
        var pace = Pace(rate: 10, now: 0)
        var (now, through) = (0.0, 0)
        while now < 5 {
            let wait = pace.wait(now: now)
            if wait == 0 {
                pace.use(1)
                through += 1
            } else {
                now += wait
            }
        }
        #expect((59...61).contains(through))
        pace.use(100)
        #expect((9.5...11.5).contains(pace.wait(now: now)))
        var slow = Pace(rate: 0, now: 0)
        #expect(slow.wait(now: 0) == 0)
    }

    @Test("what waits for its moment is taken in the order of moments")
    func timetable() {
        var table = Timetable<String>()
        for (name, due) in [("c", 3.0), ("a", 1), ("d", 3), ("b", 2), ("e", 9)] { table.insert(name, at: due) }
        #expect(table.next == 1 && table.count == 5 && table.count(after: 2) == 3)
        #expect(table.take(until: 0.5).isEmpty && table.take(until: 3) == ["a", "b", "c", "d"])
        table.insert("f", at: 4)
        #expect(table.remove { $0 == "e" } == ["e"] && table.next == 4)
        table.removeAll()
        #expect(table.isEmpty && table.next == nil)
    }

    @Test("what is given back is owed nothing more, and what came after it is acknowledged without it")
    func givenBack() {
        var ledger = Ledger(generation: 1)
        for tag in 1...4 as ClosedRange<UInt64> { ledger.admit(tag) }
        ledger.requeue(2)
        ledger.requeue(2)
        #expect(ledger.open == 3)
        for tag in [1, 3] as [UInt64] { _ = ledger.settle(tag, Outcome(.done)) }
        let acknowledged = ledger.takeAcknowledgements()
        #expect(acknowledged.map(\.tag) == [3] && acknowledged.map(\.multiple) == [true] && ledger.open == 1)
        ledger.requeue(4)
        #expect(ledger.open == 0)
        #expect(ledger.takeAcknowledgements().isEmpty)
    }

    @Test("jobs of a queue that is held are taken out, and those that waited behind them go on")
    func removed() throws {
        func job(_ tag: UInt64, _ path: String, _ queue: String, _ event: Post.Event? = nil) throws -> Job {
            let sample = try Sample.job(tag, path, event)
            return Job(delivery: delivery(tag, queue), post: sample.post, place: sample.place, root: sample.root)
        }
        var schedule = Schedule()
        #expect(schedule.admit(try job(1, "d/f", "a")) != nil)
        #expect(schedule.admit(try job(2, "d/f", "b")) == nil)
        #expect(schedule.admit(try job(3, "d/f", "a")) == nil)
        // A removal of the folder waits for all that is in it, and others wait behind it.
        #expect(schedule.admit(try job(4, "d", "b", .directoryRemoved)) == nil)
        #expect(schedule.admit(try job(5, "d/g", "a")) == nil)
        let (removed, next) = schedule.remove { $0.delivery.queue == "b" }
        #expect(removed.map(\.delivery.tag).sorted() == [2, 4] && next.map(\.delivery.tag) == [5])
        #expect(schedule.finish(try Sample.job(0, "d/f")).map(\.delivery.tag) == [3])
        #expect(schedule.finish(try Sample.job(0, "d/f")).isEmpty)
        #expect(schedule.finish(try Sample.job(0, "d/g")).isEmpty)
        #expect(schedule.isEmpty)
    }
}
