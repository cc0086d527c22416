import CLinux
import Glibc

/// A queue from one thread to several: whoever takes waits while it is empty. Taking threads sleep on a counting eventfd, which is
/// written only when somebody sleeps, so a full mailbox costs no system call.
public final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements = Fifo<Element>()
        var sleepers = 0
        var isClosed = false
    }

    private let state = Guarded(State())
    private let semaphore: Int32

    /// An empty mailbox.
    public init() {
        semaphore = dd_semaphore()
    }

    deinit { Glibc.close(semaphore) }

    /// Puts one in.
    public func put(_ element: Element) {
        let wake = state.withLock { state in
            state.elements.append(element)
            guard state.sleepers > 0 else { return false }
            state.sleepers -= 1
            return true
        }
        if wake { signal(1) }
    }

    /// Takes the oldest; waits while there is none. `nil` when the mailbox is closed.
    public func take() -> Element? {
        while true {
            let (element, isClosed): (Element?, Bool) = state.withLock { state in
                if state.isClosed { return (nil, true) }
                if let element = state.elements.take() { return (element, false) }
                state.sleepers += 1
                return (nil, false)
            }
            if let element { return element }
            if isClosed { return nil }
            var count: UInt64 = 0
            while read(semaphore, &count, 8) < 0 && errno == EINTR {}
        }
    }

    /// Nothing is in it.
    public var isEmpty: Bool { state.withLock { $0.elements.isEmpty } }

    /// Throws away what nobody has taken yet and returns it.
    public func clear() -> [Element] { state.withLock { $0.elements.takeAll() } }

    /// Lets every taker go; what is in it stays untaken.
    public func close() {
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
