import Glibc

/// A small generator of random numbers that gives the same ones for the same seed.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator whose numbers follow from `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// The seed of a random test: from the environment variable `DD_TEST_SEED`, or a new one.
///
/// Interpolate it in the failure text, so that the run can be repeated.
public struct Seed: Sendable, CustomStringConvertible {
    /// The number.
    public let value: UInt64

    /// The environment's seed, or a new one.
    public init() {
        let given = getenv("DD_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
        value = given ?? UInt64.random(in: 0...UInt64.max)
    }

    /// A generator for the case `number` of a test: a failing case can be repeated without those before it.
    public func generator(case number: Int = 0) -> SplitMix64 {
        var first = SplitMix64(seed: value &+ UInt64(truncatingIfNeeded: number))
        return SplitMix64(seed: first.next())
    }

    /// Whether the environment (`DD_TEST_LONG`) asks for the long variants of tests.
    public static var isLong: Bool { getenv("DD_TEST_LONG") != nil }

    /// How to repeat the run.
    public var description: String { "DD_TEST_SEED=\(value)" }
}
