/// A queue from several threads to one that waits in `poll`: the first element put into an empty box writes to an `EventFD`.
public final class Inbox<Element: Sendable>: Sendable {
    private let elements = Guarded<[Element]>([])
    private let wake: EventFD

    /// An empty box that wakes through `wake`.
    public init(wake: EventFD) {
        self.wake = wake
    }

    /// Puts one in.
    public func put(_ element: Element) {
        let first = elements.withLock { elements in
            elements.append(element)
            return elements.count == 1
        }
        if first { wake.signal() }
    }

    /// Takes all there are, oldest first.
    public func takeAll() -> [Element] {
        elements.withLock { elements in
            defer { elements.removeAll(keepingCapacity: true) }
            return elements
        }
    }
}
