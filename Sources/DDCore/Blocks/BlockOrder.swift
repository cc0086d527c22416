/// The order in which the blocks of a file are taken: one after the other, or as if shuffled. Constant memory for any count.
struct BlockOrder: Sendable {
    private let count: UInt64
    /// `nil`: in order.
    private let keys: [UInt64]?
    private let halfBits: UInt64

    /// The order of `count` blocks as they lie in the file.
    init(count: Int64) {
        self.init(count, keys: nil)
    }

    /// An order of `count` blocks that follows from random numbers; each block comes once.
    init(count: Int64, shuffledBy generator: inout some RandomNumberGenerator) {
        self.init(count, keys: (0..<4).map { _ in generator.next() })
    }

    private init(_ count: Int64, keys: [UInt64]?) {
        self.count = UInt64(max(count, 1))
        self.keys = keys
        let bits = UInt64(64 - (self.count - 1).leadingZeroBitCount)
        halfBits = max(1, (bits + 1) / 2)
    }

    /// The block that comes at `position`, both from 0 to below the count.
    func block(at position: Int64) -> Int64 {
        guard let keys else { return position }
        // A Feistel network is a permutation of all numbers with so many bits. Those that are no block lead on to another number,
        // and as the way is a circle, it comes by a block.
        var number = UInt64(max(position, 0))
        repeat { number = permuted(number, keys) } while number >= count
        return Int64(number)
    }

    private func permuted(_ number: UInt64, _ keys: [UInt64]) -> UInt64 {
        let mask = (1 << halfBits) - 1 as UInt64
        var (left, right) = ((number >> halfBits) & mask, number & mask)
        for key in keys { (left, right) = (right, left ^ (Self.mixed(right &+ key) & mask)) }
        return left << halfBits | right
    }

    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
