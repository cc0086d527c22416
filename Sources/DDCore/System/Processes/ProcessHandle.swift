import CLinux
import Glibc

/// A process, held by a descriptor (pidfd_open(2)): its number may be given to another one when it has ended, the handle never means that.
public final class ProcessHandle: Sendable {
    /// Its number.
    public let pid: Int32
    /// Readable when it has ended. For `poll`; nobody reads or closes it.
    public let descriptor: Int32

    /// The process `pid`; `nil` when there is none. With `start`, only the one that was started then (as `startTime` says) and has not
    /// ended: one that nobody has waited for still has its number.
    public init?(pid: Int32, start: UInt64? = nil) {
        guard pid > 0 else { return nil }
        let descriptor = dd_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        self.pid = pid
        self.descriptor = descriptor
        // The descriptor is of whoever has the number now; whose the number is cannot change any more.
        if let start, Self.startTime(of: pid) != start || waitForEnd(seconds: 0) { return nil }
    }

    deinit { close(descriptor) }

    /// Sends it a signal; whether it was there to get it.
    @discardableResult
    public func send(_ signal: Int32) -> Bool { dd_pidfd_send_signal(descriptor, signal) == 0 }

    /// Waits up to `seconds` for its end; whether it has ended.
    public func waitForEnd(seconds: Double) -> Bool {
        Readiness.wait(for: descriptor, seconds: seconds)
    }

    /// When a process was started, in ticks since the machine was; `nil` when there is none.
    public static func startTime(of pid: Int32) -> UInt64? {
        guard let text = SmallFile.text("/proc/\(pid)/stat"), let name = text.lastIndex(of: ")") else { return nil }
        // Behind the name, which may hold anything, come the fields from the third on; this is the 22nd.
        let fields = text[text.index(after: name)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
