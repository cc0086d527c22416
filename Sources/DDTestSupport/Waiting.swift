import Glibc

/// Asks every 20 ms until the answer is yes; false when it was never yes within `seconds`.
public func waitUntil(seconds: Double, _ answer: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if try answer() { return true }
        usleep(20_000)
    }
    return try answer()
}
