/// The queues of one connection that are no longer consumed, or at a limited pace. Decides only; the pump acts.
struct Gates {
    private struct Line {
        var due: Double
        let since: Double
        var waiting: [Delivery]
    }

    private var closed: Set<String> = []
    private var lines: [String: Line] = [:]

    /// The broker takes a delivery away that is not acknowledged within half an hour: before that, what waits here is given back.
    static let patience = 600.0

    /// Whether what still comes of a queue is given back at once: its consumer was cancelled.
    func isClosed(_ queue: String) -> Bool { closed.contains(queue) }

    /// Whether deliveries of a queue wait here.
    func isWaiting(_ queue: String) -> Bool { lines[queue] != nil }

    /// Puts a delivery at the end of its queue's line; its first one says until when, on `Monotonic`.
    mutating func wait(_ delivery: Delivery, until due: Double, now: Double) {
        lines[delivery.queue, default: Line(due: due, since: now, waiting: [])].waiting.append(delivery)
    }

    /// The deliveries that may be considered now, one of each queue whose time has come, taken out.
    mutating func takeDue(now: Double) -> [Delivery] {
        var due: [Delivery] = []
        for (queue, line) in lines where line.due <= now {
            var line = line
            due.append(line.waiting.removeFirst())
            lines[queue] = line.waiting.isEmpty ? nil : line
        }
        return due
    }

    /// Puts a delivery back to the head of its line, which goes on at `due`.
    mutating func putBack(_ delivery: Delivery, until due: Double, now: Double) {
        var line = lines[delivery.queue] ?? Line(due: due, since: now, waiting: [])
        line.due = due
        line.waiting.insert(delivery, at: 0)
        lines[delivery.queue] = line
    }

    /// The queues whose first delivery has waited for too long.
    func overdue(now: Double) -> [String] { lines.filter { now - $0.value.since > Self.patience }.map(\.key) }

    /// The next moment at which something is due; `nil`: nothing waits.
    var nextDue: Double? { lines.values.map(\.due).min() }

    /// A queue is consumed from now on.
    mutating func open(_ queue: String) { closed.remove(queue) }

    /// A queue is no longer consumed: returns what waited of it.
    mutating func close(_ queue: String) -> [Delivery] {
        closed.insert(queue)
        return lines.removeValue(forKey: queue)?.waiting ?? []
    }
}
