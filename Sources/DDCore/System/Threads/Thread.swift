import CLinux
import Glibc

/// Threads for blocking work. Handles stay on the thread that made them; values cross through mailboxes.
public enum Thread {
    /// Starts a detached thread that runs `body` once. `purpose` says in the error what does not go on when the system has no thread left.
    public static func start(for purpose: String, _ body: @escaping @Sendable () -> Void) throws(ProcessError) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw ProcessError("cannot start a thread for \(purpose)", status)
        }
        pthread_detach(thread)
    }

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}

/// The clock that only moves forward, for waits and durations.
public enum Monotonic {
    /// Seconds since some fixed moment.
    public static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
