import Glibc

/// A value that several threads share, one at a time (`pthread_mutex_t`), and may wait for (`pthread_cond_t`).
///
/// The standard library's `Mutex` would do, but the thread sanitizer does not see its lock and reports every use of it as a race. The
/// three `nonisolated(unsafe)` are the only ones: nothing is reached but under the lock.
public final class Guarded<Value>: Sendable {
    private nonisolated(unsafe) let lock: UnsafeMutablePointer<pthread_mutex_t>
    private nonisolated(unsafe) let changed: UnsafeMutablePointer<pthread_cond_t>
    private nonisolated(unsafe) var value: Value

    /// Guards `value`.
    public init(_ value: sending Value) {
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        changed = .allocate(capacity: 1)
        changed.initialize(to: pthread_cond_t())
        pthread_cond_init(changed, nil)
        self.value = value
    }

    deinit {
        pthread_cond_destroy(changed)
        changed.deallocate()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Runs `body` while no other thread does (`pthread_mutex_lock`). It must not be called from within `body`.
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }

    /// Runs `body` as `withLock` does, again after each `wakeOne` or `wakeAll`, until it returns something; sleeps in between.
    func wait<Result>(until body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(changed, lock)
        }
    }

    /// Wakes one that waits; costs nothing when nobody does.
    func wakeOne() { pthread_cond_signal(changed) }

    /// Wakes all that wait.
    func wakeAll() { pthread_cond_broadcast(changed) }
}
