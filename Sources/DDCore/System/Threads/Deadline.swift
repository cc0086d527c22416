import Glibc

/// Kills a process group when its time is up, unless it is cancelled before.
final class Deadline: Sendable {
    private enum State {
        case running
        case cancelled
        case struck
    }

    private let state = Guarded<State>(.running)
    private let wake: EventFD

    /// Starts counting; `nil` when the system has no thread or descriptor left, and then there is no limit.
    init?(group: pid_t, after limit: Duration) {
        guard let wake = try? EventFD() else { return nil }
        self.wake = wake
        // poll(2) counts to 24 days; a longer limit is cut to that.
        let (seconds, attoseconds) = limit.components
        let timeout = Int32(min(seconds, 2_000_000)) * 1000 + Int32(attoseconds / 1_000_000_000_000_000)
        let watch: @Sendable () -> Void = { self.watch(group, timeout) }
        guard Thread.start(watch) else { return nil }
    }

    /// Ends the count. Returns whether the group was killed. The group's leader must not have been waited for yet.
    func cancel() -> Bool {
        let struck = state.withLock { state in
            if case .struck = state { return true }
            state = .cancelled
            return false
        }
        wake.signal()
        return struck
    }

    private func watch(_ group: pid_t, _ milliseconds: Int32) {
        var events = pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&events, 1, milliseconds) < 0 && errno == EINTR {}
        state.withLock { state in
            guard case .running = state else { return }
            state = .struck
            kill(-group, SIGKILL)
        }
    }
}
