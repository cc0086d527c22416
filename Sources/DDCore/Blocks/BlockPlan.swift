/// How a file is cut into blocks. Pure.
///
///     A file of 10 bytes in blocks of 4:   |0000|1111|22|   count 3, remainder 2
public struct BlockPlan: Sendable, Equatable {
    /// Bytes in the file, 0 or more.
    public let size: Int64
    /// Bytes in each block but the last, 1 or more.
    public let blockSize: Int64

    /// A plan. Throws `parts` for a negative size or a block size below 1.
    public init(size: Int64, blockSize: Int64) throws(MessageError) {
        guard size >= 0, blockSize >= 1 else {
            throw MessageError(.parts, "cannot cut \(size) bytes into blocks of \(blockSize)")
        }
        self.size = size
        self.blockSize = blockSize
    }

    /// Blocks in the file; 1 for an empty file.
    public var count: Int64 { size == 0 ? 1 : (size - 1) / blockSize + 1 }

    /// Bytes in the last block when it is shorter than the others, else 0.
    public var remainder: Int64 { size % blockSize }

    /// Block `number`, from 0. A file of one block is announced as a whole. Throws `parts` when there is no such block.
    public func parts(_ number: Int64, method: Parts.Method) throws(MessageError) -> Parts {
        if count == 1 && number == 0 { return .whole(size: size) }
        return try Parts(method: method, blockSize: blockSize, count: count, remainder: remainder, number: number)
    }
}
