import DequeModule

/// A queue from one thread to several: whoever takes waits while it is empty. A full one costs no system call, see `Sleepers`.
public final class Mailbox<Element: Sendable>: Sendable {
    private let elements = Sleepers(Deque<Element>())

    /// An empty mailbox.
    public init() {}

    /// Puts one in.
    public func put(_ element: Element) { elements.put { $0.append(element) } }

    /// Takes the oldest; waits while there is none. `nil` when the mailbox is closed.
    public func take() -> Element? { elements.take { $0.popFirst() } }

    /// Nothing is in it.
    public var isEmpty: Bool { elements.withLock { $0.isEmpty } }

    /// Throws away what nobody has taken yet and returns it.
    public func clear() -> [Element] {
        elements.withLock { elements in
            defer { elements.removeAll() }
            return Array(elements)
        }
    }

    /// Lets every taker go; what is in it stays untaken.
    public func close() { elements.close() }
}
