import CLinux
import Glibc

/// A counter of the kernel that wakes a `poll`: eventfd(2), owned and closed here.
public final class EventFD: Sendable {
    /// Readable from `signal` until `drain`.
    public let descriptor: Int32

    /// Makes one. Throws when the process has no descriptor left.
    public init() throws(ProcessError) {
        descriptor = dd_eventfd()
        guard descriptor >= 0 else { throw ProcessError("cannot make an eventfd", errno) }
    }

    deinit { close(descriptor) }

    /// Makes the descriptor readable. Any thread may call it.
    public func signal() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the descriptor is readable.
        _ = write(descriptor, &one, 8)
    }

    /// Waits until it is signalled, at most `seconds`; whether it was.
    func wait(seconds: Double) -> Bool { Readiness.wait(for: descriptor, seconds: seconds) }

    /// Makes the descriptor unreadable again; does not wait.
    public func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
