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

    /// Starts counting. Throws when the system has no thread or descriptor left.
    init(group: pid_t, after limit: Duration) throws(ProcessError) {
        wake = try EventFD()
        try Thread.start(for: "the time limit of a program") { self.watch(group, limit.inSeconds) }
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

    private func watch(_ group: pid_t, _ seconds: Double) {
        _ = wake.wait(seconds: seconds)
        state.withLock { state in
            guard case .running = state else { return }
            state = .struck
            kill(-group, SIGKILL)
        }
    }
}
