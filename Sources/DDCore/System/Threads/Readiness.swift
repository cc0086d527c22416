import Glibc

/// Waiting until descriptors are readable: poll(2), with seconds of any size.
enum Readiness {
    /// Waits until one of `descriptors` is readable, or closed at its other end; at most `seconds`, not at all when that is not above 0, and
    /// without end when it is `nil`. Negative descriptors are passed over. Returns whether one is readable; a signal ends no wait.
    @discardableResult
    static func wait(for descriptors: Int32..., seconds: Double?) -> Bool {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let end = seconds.map { Monotonic.now() + $0 }
        while true {
            let left = end.map { milliseconds(of: $0 - Monotonic.now()) } ?? -1
            let count = poll(&polled, nfds_t(polled.count), left)
            if count > 0 { return true }
            // The longest wait that poll knows may be over before the end.
            if count == 0, end.map({ $0 <= Monotonic.now() }) ?? false { return false }
            if count < 0, errno != EINTR { return false }
        }
    }

    /// What poll(2) is to be told for `seconds`: rounded up, nothing for what is below 0 or no number, at most 24 days.
    static func milliseconds(of seconds: Double) -> Int32 {
        seconds > 0 ? Int32(min(seconds * 1000, Double(Int32.max)).rounded(.up)) : 0
    }
}
