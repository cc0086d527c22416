/// A bound per second: what is used beyond it is made good by waiting. Pure; times are seconds on one clock.
struct Pace {
    /// So much may be used per second.
    let rate: Double
    /// And so much at once after a rest.
    let burst: Double
    private var left: Double
    private var counted: Double

    /// A pace of `rate` per second, at least one, and of `seconds` seconds' worth at once, of which nothing has been used.
    init(rate: Int64, burst seconds: Double = 1, now: Double) {
        self.rate = Double(max(1, rate))
        burst = self.rate * seconds
        left = burst
        counted = now
    }

    /// Seconds until something may be used again; 0: now.
    mutating func wait(now: Double) -> Double {
        left = min(burst, left + max(0, now - counted) * rate)
        counted = now
        return left > 0 ? 0 : -left / rate + 0.001
    }

    /// So much is used. More than is left may be: the wait is the longer.
    mutating func use(_ amount: Double) { left -= amount }
}
