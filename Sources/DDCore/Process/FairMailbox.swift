/// A queue from one thread to several, in lines: whoever takes gets the first of the line that was served longest ago, so that a long
/// line holds up no short one. Taking threads sleep as at a `Mailbox`.
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
        var turn: UInt64 = 0

        mutating func append(_ element: Element, to line: String) {
            lines[line, default: Line()].elements.append(element)
            waiting.insert(line)
        }

        mutating func takeNext() -> Element? {
            let next = waiting.count == 1 ? waiting.first : waiting.min { (lines[$0]?.served ?? 0) < (lines[$1]?.served ?? 0) }
            guard let next, let index = lines.index(forKey: next) else { return nil }
            turn += 1
            lines.values[index].served = turn
            let element = lines.values[index].elements.take()
            if lines.values[index].elements.isEmpty { waiting.remove(next) }
            return element
        }

        mutating func takeAll(_ line: String?) -> [Element] {
            var taken: [Element] = []
            for name in line.map({ [$0] }) ?? Array(waiting) {
                taken += lines[name]?.elements.takeAll() ?? []
                waiting.remove(name)
            }
            return taken
        }
    }

    private let lines = Sleepers(Lines())

    init() {}

    /// Nothing is in it.
    var isEmpty: Bool { lines.withLock { $0.waiting.isEmpty } }

    /// Puts one at the end of `line`.
    func put(_ element: Element, in line: String) { lines.put { $0.append(element, to: line) } }

    /// Takes one; waits while there is none. `nil` when the mailbox is closed.
    func take() -> Element? { lines.take { $0.takeNext() } }

    /// Throws away what nobody has taken yet of `line`, or of all lines, and returns it.
    func clear(_ line: String? = nil) -> [Element] { lines.withLock { $0.takeAll(line) } }

    /// Lets every taker go; what is in it stays untaken.
    func close() { lines.close() }
}
