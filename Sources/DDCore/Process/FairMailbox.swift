/// A queue from one thread to several, in lines: whoever takes gets the first of the line that was served longest ago, so that a long
/// line holds up no short one. What is late has its turn when no line waits, or after so many turns of the others.
/// Taking threads sleep as at a `Mailbox`.
final class FairMailbox<Element: Sendable>: Sendable {
    private struct Line: Sendable {
        var elements = Fifo<Element>()
        /// The number of the turn in which it was served last.
        var served: UInt64 = 0
    }

    private struct Lines: Sendable {
        var lines: [String: Line] = [:]
        /// The lines that are not empty.
        var waiting: Set<String> = []
        var late = Fifo<Element>()
        var turn: UInt64 = 0
        /// The turn in which one that is late was taken last.
        var lateTurn: UInt64 = 0

        var isEmpty: Bool { waiting.isEmpty && late.isEmpty }

        mutating func append(_ element: Element, to line: String?) {
            guard let line else { return late.append(element) }
            lines[line, default: Line()].elements.append(element)
            waiting.insert(line)
        }

        mutating func takeNext() -> Element? {
            if !late.isEmpty, waiting.isEmpty || turn - lateTurn >= FairMailbox.turnsBeforeLate {
                lateTurn = turn
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

        mutating func takeAll() -> [Element] {
            defer { waiting.removeAll() }
            return Array(waiting).flatMap { lines[$0]?.elements.takeAll() ?? [] } + late.takeAll()
        }

        mutating func takeAll(_ line: String, orLate isOfLine: (Element) -> Bool) -> [Element] {
            waiting.remove(line)
            var taken = lines[line]?.elements.takeAll() ?? []
            for element in late.takeAll() {
                if isOfLine(element) { taken.append(element) } else { late.append(element) }
            }
            return taken
        }
    }

    private let lines = Sleepers(Lines())

    /// While lines wait, one that is late comes after so many of theirs.
    static var turnsBeforeLate: UInt64 { 32 }

    init() {}

    /// Nothing is in it.
    var isEmpty: Bool { lines.withLock { $0.isEmpty } }

    /// Puts one at the end of `line`; `nil`: it is late.
    func put(_ element: Element, in line: String?) { lines.put { $0.append(element, to: line) } }

    /// Takes one; waits while there is none. `nil` when the mailbox is closed.
    func take() -> Element? { lines.take { $0.takeNext() } }

    /// Throws away what nobody has taken yet and returns it.
    func clear() -> [Element] { lines.withLock { $0.takeAll() } }

    /// Throws away what nobody has taken yet of `line`, and of what is late that for which `isOfLine` holds; returns it.
    func clear(_ line: String, orLate isOfLine: (Element) -> Bool) -> [Element] {
        lines.withLock { $0.takeAll(line, orLate: isOfLine) }
    }

    /// Lets every taker go; what is in it stays untaken.
    func close() { lines.close() }
}
