/// Elements in the order in which they came. Taking is cheap however many there are, and what was taken is the taker's alone.
struct Fifo<Element: Sendable>: Sendable {
    /// `nil` where one was taken.
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Takes the oldest; `nil` when there is none.
    mutating func take() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 512 && head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes all, the oldest first.
    mutating func takeAll() -> [Element] {
        defer {
            elements.removeAll()
            head = 0
        }
        return elements[head...].compactMap { $0 }
    }
}
