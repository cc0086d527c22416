import DequeModule
import HeapModule

/// The queues of one connection that are no longer consumed, or at a limited pace. Decides only; the pump acts. However many queues wait, a
/// delivery costs no look at the others.
struct Gates {
    private struct Line {
        var due: Double
        let since: Double
        var waiting: Deque<Delivery>
    }

    /// A moment that a line once had.
    private struct Moment: Comparable {
        let time: Double
        let queue: String

        static func < (one: Moment, other: Moment) -> Bool { one.time < other.time }
    }

    private var closed: Set<String> = []
    private var lines: [String: Line] = [:]
    /// When lines are due. The first one is right; among the others are some that a line no longer has.
    private var dues = Heap<Moment>()
    /// The same for the moments at which lines began.
    private var beginnings = Heap<Moment>()

    /// The broker takes a delivery away that is not acknowledged within half an hour: before that, what waits here is requeued.
    static let patience = 600.0

    /// Whether what still comes of a queue is requeued at once: its consumer was cancelled.
    func isClosed(_ queue: String) -> Bool { closed.contains(queue) }

    /// Whether deliveries of a queue wait here.
    func isWaiting(_ queue: String) -> Bool { lines[queue] != nil }

    /// Puts a delivery at the end of its queue's line; its first one says until when, on `Monotonic`.
    mutating func wait(_ delivery: Delivery, until due: Double, now: Double) {
        if lines[delivery.queue]?.waiting.append(delivery) == nil { begin(delivery, due, now) }
    }

    /// The deliveries that may be considered now, one of each queue whose time has come, taken out.
    mutating func takeDue(now: Double) -> [Delivery] {
        var due: [Delivery] = []
        var others: [Moment] = []
        while let next = dues.min, next.time <= now {
            dues.removeMin()
            guard let line = lines[next.queue], line.due == next.time else { continue }
            if let delivery = lines[next.queue]?.waiting.popFirst() { due.append(delivery) }
            if line.waiting.count > 1 { others.append(next) } else { lines[next.queue] = nil }
        }
        for other in others { dues.insert(other) }
        forgetOthers()
        return due
    }

    /// Puts a delivery back to the head of its line, which goes on at `due`.
    mutating func putBack(_ delivery: Delivery, until due: Double, now: Double) {
        if lines[delivery.queue]?.waiting.prepend(delivery) == nil { return begin(delivery, due, now) }
        guard lines[delivery.queue]?.due != due else { return }
        lines[delivery.queue]?.due = due
        dues.insert(Moment(time: due, queue: delivery.queue))
        forgetOthers()
    }

    /// The queues whose first delivery has waited for too long.
    func overdue(now: Double) -> [String] {
        guard let first = beginnings.min, now - first.time > Self.patience else { return [] }
        return lines.filter { now - $0.value.since > Self.patience }.map(\.key)
    }

    /// The next moment at which something is due; `nil`: nothing waits.
    var nextDue: Double? { dues.min?.time }

    /// A queue is consumed from now on.
    mutating func open(_ queue: String) { closed.remove(queue) }

    /// A queue is no longer consumed: returns what waited of it.
    mutating func close(_ queue: String) -> [Delivery] {
        closed.insert(queue)
        defer { forgetOthers() }
        return lines.removeValue(forKey: queue).map { Array($0.waiting) } ?? []
    }

    private mutating func begin(_ delivery: Delivery, _ due: Double, _ now: Double) {
        lines[delivery.queue] = Line(due: due, since: now, waiting: [delivery])
        dues.insert(Moment(time: due, queue: delivery.queue))
        beginnings.insert(Moment(time: now, queue: delivery.queue))
        forgetOthers()
    }

    /// Makes the first moment of each heap one that a line has. Each moment is looked at here once in its life.
    private mutating func forgetOthers() {
        while let first = dues.min, lines[first.queue]?.due != first.time { dues.removeMin() }
        while let first = beginnings.min, lines[first.queue]?.since != first.time { beginnings.removeMin() }
    }
}
