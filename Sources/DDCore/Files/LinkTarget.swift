import Glibc

/// Reading symbolic links.
enum LinkTarget {
    /// The bytes of the target of the link `name` in the folder `directory` (`readlinkat`); empty when there is no link.
    static func read(_ directory: Int32, _ name: String) -> [UInt8] {
        let room = 4096
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: room)
        defer { buffer.deallocate() }
        let count = readlinkat(directory, name, buffer, room)
        return UnsafeBufferPointer(start: buffer, count: max(0, count)).map { UInt8(bitPattern: $0) }
    }
}
