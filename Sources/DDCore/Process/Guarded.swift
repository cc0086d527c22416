import Glibc

/// A value that several threads share, one at a time (`pthread_mutex_t`).
///
/// The standard library's `Mutex` would do, but the thread sanitizer does not see its lock and reports every use of it as a race. The
/// two `nonisolated(unsafe)` are the only ones: nothing is reached but under the lock.
public final class Guarded<Value>: Sendable {
    private nonisolated(unsafe) let lock: UnsafeMutablePointer<pthread_mutex_t>
    private nonisolated(unsafe) var value: Value

    /// Guards `value`.
    public init(_ value: sending Value) {
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        self.value = value
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Runs `body` while no other thread does (`pthread_mutex_lock`). It must not be called from within `body`.
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
