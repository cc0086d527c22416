/// Waits that grow with each failure up to a limit, with jitter so that a crowd does not come back in step. The limit is short: what a try
/// costs a broker that is away is nothing, and when it is back everything behind it waits.
struct Backoff {
    /// Seconds before the first repetition.
    var first = 0.2
    /// Seconds at most.
    var limit = 2.0
    private var failures = 0

    init(first: Double = 0.2, limit: Double = 2) {
        self.first = first
        self.limit = limit
    }

    /// Seconds to wait before the next try: doubled each time, between 75 % and 125 % of that.
    mutating func next() -> Double {
        defer { failures += 1 }
        var wait = first
        for _ in 0..<min(failures, 16) { wait = min(wait * 2, limit) }
        return wait * Double.random(in: 0.75...1.25)
    }

    /// It worked: begin with the first wait again.
    mutating func reset() { failures = 0 }

    /// Seconds before the try that follows try number `attempt` of one post, from 0: doubled each time, a minute at most.
    static func pause(afterTry attempt: Int) -> Double {
        min(60, Double(1 << max(0, min(attempt, 6)))) * Double.random(in: 0.75...1.25)
    }
}
