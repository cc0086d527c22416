import CLinux
import Glibc

/// Reads and sums blocks of files in constant memory. Owned by one thread.
final class BlockReader {
    private let digest: Digest
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileReader.bufferSize, alignment: 16)

    /// A reader that sums with `algorithm`.
    init(_ algorithm: Digest.Algorithm) throws(DigestError) {
        digest = try Digest(algorithm)
    }

    deinit { buffer.deallocate() }

    /// The digests of `blocks` of the file at `path`, through a descriptor of its own. Throws `busy` unless the file is in `state`
    /// before and after, or has grown where it may.
    func digests(of blocks: [Parts], in path: String, _ state: FileState, mayGrow: Bool) throws -> [[UInt8]] {
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0)
        guard file >= 0 else { throw FileError("cannot open \(path)") }
        defer { close(file) }
        func check() throws {
            let now = try FileState(of: file, at: path)
            guard mayGrow ? now.continues(state) : now == state else { throw FileState.changed(path) }
        }
        try check()
        let digests = try blocks.map { try digest(of: $0, in: file, path) }
        try check()
        return digests
    }

    private func digest(of block: Parts, in file: Int32, _ path: String) throws -> [UInt8] {
        try digest.restart()
        var offset = block.offset
        let end = offset + block.length
        while offset < end {
            let count = pread(file, buffer.baseAddress, min(buffer.count, Int(end - offset)), off_t(offset))
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("cannot read \(path)")
            }
            guard count > 0 else { throw FileState.changed(path) }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
        return digest.finish()
    }
}
