/// What a pump has done so far.
public struct Tally: Sendable {
    /// Deliveries received.
    public internal(set) var received = 0
    /// Stored, or done in another way.
    public internal(set) var done = 0
    /// Already there, or not wanted.
    public internal(set) var passed = 0
    /// Ended in a report of 4xx or 5xx.
    public internal(set) var failed = 0
    /// Wait for another try, here or on the broker.
    public internal(set) var waiting = 0
    /// Bytes fetched.
    public internal(set) var bytes: Int64 = 0

    mutating func count(_ outcome: Outcome) {
        switch outcome.result {
        case .done: done += 1
        case .passed: passed += 1
        case .failed: failed += 1
        }
        bytes += outcome.bytes
    }
}
