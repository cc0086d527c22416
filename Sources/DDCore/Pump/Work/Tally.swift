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
    /// Of what was done and what was passed over, the files: of one in blocks only the block that completes it, or the first, counts.
    public internal(set) var files = 0
    /// See `files`.
    public internal(set) var unchanged = 0
    /// Bytes fetched.
    public internal(set) var bytes: Int64 = 0

    /// Both together.
    static func + (one: Tally, other: Tally) -> Tally {
        var sum = Tally()
        for field in [\Tally.received, \.done, \.passed, \.failed, \.waiting, \.files, \.unchanged] {
            sum[keyPath: field] = one[keyPath: field] + other[keyPath: field]
        }
        sum.bytes = one.bytes + other.bytes
        return sum
    }

    mutating func count(_ outcome: Outcome) {
        switch outcome.result {
        case .done:
            done += 1
            if !outcome.isWithinFile { files += 1 }
        case .passed:
            passed += 1
            if !outcome.isWithinFile { unchanged += 1 }
        case .failed: failed += 1
        }
        bytes += outcome.bytes
    }
}
