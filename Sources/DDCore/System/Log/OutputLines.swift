import Glibc

/// Lines for standard output, written many at a time. A reader that has gone away is no error: what follows is not written.
public struct OutputLines {
    private var bytes: [UInt8] = []
    /// Whether nothing more is written: the reader has gone away, or it failed.
    public private(set) var isClosed = false
    /// Why it failed, when not because the reader has gone away.
    public private(set) var failure: ProcessError?

    /// From now on the process ends, with 0, when nobody reads its standard output any more: for what only prints.
    public static func leaveWithReader() throws(ProcessError) {
        try Thread.start(for: "its reader") {
            var output = pollfd(fd: 1, events: 0, revents: 0)
            while Int32(output.revents) & (POLLERR | POLLHUP) == 0 {
                if poll(&output, 1, -1) < 0 && errno != EINTR { return }
                if Int32(output.revents) & POLLNVAL != 0 { return }
            }
            Program.leave(ExitStatus.done)
        }
    }

    /// Nothing written yet.
    public init() {}

    /// Adds text; writes when a good deal has gathered.
    public mutating func write(_ text: String) {
        guard !isClosed else { return }
        bytes.append(contentsOf: text.utf8)
        if bytes.count >= 32_768 { flush() }
    }

    /// Writes what has gathered.
    public mutating func flush() {
        var start = 0
        while start < bytes.count, !isClosed {
            let count = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress.map { $0 + start }, $0.count - start) }
            if count > 0 {
                start += count
            } else if errno == EAGAIN {
                var output = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
                poll(&output, 1, -1)
            } else if errno != EINTR {
                isClosed = true
                if errno != EPIPE { failure = ProcessError("cannot write to standard output", errno) }
            }
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
