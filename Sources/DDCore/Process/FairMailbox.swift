import CLinux
import Glibc

/// A queue from one thread to several, in lines: whoever takes gets the first of the line that was served longest ago, so that a long
/// line holds up no short one. What is put in as late has its turn when no line waits, or after so many turns of the others.
/// Taking threads sleep as at a `Mailbox`.
final class FairMailbox<Element: Sendable>: Sendable {
    private struct Line {
        var elements = Fifo<Element>()
        /// The number of the turn in which it was served last.
        var served: UInt64 = 0
    }

    private struct State {
        var lines: [String: Line] = [:]
        /// The lines that are not empty.
        var waiting: Set<String> = []
        var late = Fifo<Element>()
        var turn: UInt64 = 0
        /// The turn in which one that is late was served last.
        var lateServed: UInt64 = 0
        var sleepers = 0
        var isClosed = false

        var isEmpty: Bool { waiting.isEmpty && late.isEmpty }

        mutating func takeNext() -> Element? {
            if !late.isEmpty, waiting.isEmpty || turn - lateServed >= FairMailbox.turnsBeforeLate {
                lateServed = turn
                return late.take()
            }
            let next = waiting.count == 1 ? waiting.first : waiting.min { (lines[$0]?.served ?? 0) < (lines[$1]?.served ?? 0) }
            guard let next, let index = lines.index(forKey: next) else { return nil }
            turn += 1
            lines.values[index].served = turn
            let element = lines.values[index].elements.take()
            if lines.values[index].elements.isEmpty { waiting.remove(next) }
            return element
        }
    }

    private let state = Guarded(State())
    private let semaphore = dd_semaphore()

    /// While lines wait, one that is late comes after so many of theirs.
    static var turnsBeforeLate: UInt64 { 32 }

    init() {}

    deinit { Glibc.close(semaphore) }

    /// Nothing is in it.
    var isEmpty: Bool { state.withLock(\.isEmpty) }

    /// Puts one at the end of `line`; `nil`: of what is late.
    func put(_ element: Element, in line: String?) {
        let wake = state.withLock { state in
            if let line {
                state.lines[line, default: Line()].elements.append(element)
                state.waiting.insert(line)
            } else {
                state.late.append(element)
            }
            guard state.sleepers > 0 else { return false }
            state.sleepers -= 1
            return true
        }
        if wake { signal(1) }
    }

    /// Takes one; waits while there is none. `nil` when the mailbox is closed.
    func take() -> Element? {
        while true {
            let (element, isClosed): (Element?, Bool) = state.withLock { state in
                if state.isClosed { return (nil, true) }
                if let element = state.takeNext() { return (element, false) }
                state.sleepers += 1
                return (nil, false)
            }
            if let element { return element }
            if isClosed { return nil }
            var count: UInt64 = 0
            while read(semaphore, &count, 8) < 0 && errno == EINTR {}
        }
    }

    /// Throws away what nobody has taken yet and returns it.
    func clear() -> [Element] {
        state.withLock { state in
            defer { state.waiting.removeAll() }
            return state.waiting.flatMap { state.lines[$0]?.elements.takeAll() ?? [] } + state.late.takeAll()
        }
    }

    /// Throws away what nobody has taken yet of `line`, and those that are late for which `isOfLine` holds; returns it.
    func clear(_ line: String, orLate isOfLine: (Element) -> Bool) -> [Element] {
        state.withLock { state in
            var cleared = state.lines[line]?.elements.takeAll() ?? []
            state.waiting.remove(line)
            for element in state.late.takeAll() {
                if isOfLine(element) { cleared.append(element) } else { state.late.append(element) }
            }
            return cleared
        }
    }

    /// Lets every taker go; what is in it stays untaken.
    func close() {
        let sleepers = state.withLock { state in
            state.isClosed = true
            defer { state.sleepers = 0 }
            return state.sleepers
        }
        if sleepers > 0 { signal(UInt64(sleepers)) }
    }

    private func signal(_ count: UInt64) {
        var count = count
        _ = write(semaphore, &count, 8)
    }
}
