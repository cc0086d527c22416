import Glibc

/// Reading whole files in constant memory.
public enum FileReader {
    /// Bytes per `read(2)`: large enough that the calls cost nothing beside the digest.
    static let bufferSize = 256 * 1024

    /// Hands the bytes of an open file from its current position on to `body`, a buffer at a time. Returns how many there were.
    @discardableResult
    public static func read(_ file: Int32, _ body: (UnsafeRawBufferPointer) -> Void) throws(FileError) -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        return try read(file, through: buffer, body)
    }

    /// The same through a buffer of the caller's.
    @discardableResult
    public static func read(
        _ file: Int32, through buffer: UnsafeMutableRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(FileError) -> Int64 {
        var total: Int64 = 0
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count == 0 { return total }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("cannot read")
            }
            total += Int64(count)
            body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
