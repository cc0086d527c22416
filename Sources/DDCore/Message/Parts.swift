/// Which bytes of a file a post is about. On the wire: header `parts`, `method,size,count,remainder,number`.
///
///     A file of 10 bytes in blocks of 4:   |0000|1111|22|   count 3, remainder 2
///
/// Always in range: no computed value overflows.
public struct Parts: Sendable, Equatable {
    /// How the block is placed.
    public let method: Method
    /// First number: bytes in a block; of a whole file, its size.
    public let blockSize: Int64
    /// Second number: blocks in the file, at least 1.
    public let count: Int64
    /// Third number: bytes in the last block, 0 when it is as long as the others. Some tools write each block's own length, so
    /// that it equals `blockSize` on all blocks but the last.
    public let remainder: Int64
    /// Fourth number: this block, from 0.
    public let number: Int64

    /// How a block is placed. The raw value is the first field.
    public enum Method: String, Sendable, CaseIterable {
        /// The file in one piece.
        case whole = "1"
        /// A block at its place inside the file.
        case inplace = "i"
        /// A block in a part file of its own.
        case partfile = "p"
    }

    /// A block. Throws `parts` when a number is out of range or the file's size exceeds `Int64.max`.
    public init(method: Method, blockSize: Int64, count: Int64, remainder: Int64, number: Int64) throws(MessageError) {
        func check(_ inRange: Bool, _ why: String) throws(MessageError) {
            guard !inRange else { return }
            let numbers = "\(method.rawValue),\(blockSize),\(count),\(remainder),\(number)"
            throw MessageError(.parts, "cannot accept parts '\(numbers)': \(why)")
        }
        try check(blockSize >= 0 && (blockSize > 0 || method == .whole), "the block size must be 1 or more")
        try check(count >= 1 && (count == 1 || method != .whole), "the count must be 1 or more, and 1 of a whole file")
        try check(number >= 0 && number < count, "blocks count from 0 to count - 1")
        try check(remainder >= 0 && remainder <= blockSize, "the remainder must not be more than the block size")
        try check(!blockSize.multipliedReportingOverflow(by: count).overflow, "the file would be too large")
        if method == .whole { try check(remainder == 0 || remainder == blockSize, "a whole file has no remainder") }
        self.init(method, blockSize, count, method == .whole ? 0 : remainder, number)
    }

    private init(_ method: Method, _ blockSize: Int64, _ count: Int64, _ remainder: Int64, _ number: Int64) {
        self.method = method
        self.blockSize = blockSize
        self.count = count
        self.remainder = remainder
        self.number = number
    }

    /// A file of `size` bytes in one piece; less than 0 is taken as 0.
    public static func whole(size: Int64) -> Parts {
        Parts(.whole, max(size, 0), 1, 0, 0)
    }

    /// Where the block begins in the file, in bytes.
    public var offset: Int64 { number * blockSize }

    /// Bytes in this block.
    public var length: Int64 { number == count - 1 && remainder > 0 ? remainder : blockSize }

    /// Bytes in the file; see `isSizeKnown`.
    public var size: Int64 { remainder > 0 ? blockSize * (count - 1) + remainder : blockSize * count }

    /// Whether `size` is exact. If not it is the most the file can have: only the last block of such a poster tells the size.
    public var isSizeKnown: Bool { remainder != blockSize || number == count - 1 }
}

extension Parts {
    /// Reads the header; the short form `1,<size>` of a whole file as well. Throws `parts`.
    public init(wire: some StringProtocol) throws(MessageError) {
        var fields = wire.utf8.split(separator: UInt8(ascii: ","), maxSplits: 5, omittingEmptySubsequences: false).makeIterator()
        guard let first = fields.next(), let method = Method(field: first) else {
            throw Self.malformed(wire, "the method must be 1, i or p")
        }
        var numbers: (Int64, Int64, Int64, Int64) = (0, 1, 0, 0)
        var count = 0
        while let field = fields.next() {
            guard count < 4, let number = Self.number(field) else {
                throw Self.malformed(wire, "the method is followed by four numbers")
            }
            switch count {
            case 0: numbers.0 = number
            case 1: numbers.1 = number
            case 2: numbers.2 = number
            default: numbers.3 = number
            }
            count += 1
        }
        guard count == 4 || (count == 1 && method == .whole) else {
            throw Self.malformed(wire, "the method is followed by four numbers")
        }
        try self.init(method: method, blockSize: numbers.0, count: numbers.1, remainder: numbers.2, number: numbers.3)
    }

    /// As it is written in the header.
    public var wire: String {
        "\(method.rawValue),\(blockSize),\(count),\(remainder),\(number)"
    }

    /// A number of decimal digits only; `nil` when it is none or exceeds `Int64.max`.
    private static func number(_ digits: some Collection<UInt8>) -> Int64? {
        guard !digits.isEmpty else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            let (tens, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int64(digit & 15))
            guard !tooLarge, !overflow else { return nil }
            number = sum
        }
        return number
    }

    private static func malformed(_ wire: some StringProtocol, _ why: String) -> MessageError {
        MessageError(.parts, "cannot read the header parts \(MessageError.quote(wire)): \(why)")
    }
}

extension Parts.Method {
    fileprivate init?(field: some Collection<UInt8>) {
        guard let byte = field.first, field.count == 1 else { return nil }
        switch byte {
        case UInt8(ascii: "1"): self = .whole
        case UInt8(ascii: "i"): self = .inplace
        case UInt8(ascii: "p"): self = .partfile
        default: return nil
        }
    }
}
