import CLinux
import Glibc
import Synchronization

/// A directory that is held open, and the path by which it was opened. Syncs go through it: it was opened before anything was written
/// below it, so that no failed write can have been reported to somebody else instead, and it is the directory that the files are in,
/// whatever its path means by now.
public final class HeldDirectory: Sendable {
    /// As it was opened.
    public let path: String
    /// Open until this object ends.
    let descriptor: Int32
    let state: FileState
    /// Grows with each that is opened.
    let number: UInt64
    private static let count = Atomic<UInt64>(0)

    /// Holds a directory by `descriptor`, which is closed with this object, also when this throws.
    init(_ descriptor: Int32, path: String) throws(FileError) {
        self.descriptor = descriptor
        self.path = path
        number = Self.count.add(1, ordering: .relaxed).newValue
        do { state = try FileState(of: descriptor, at: path) } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Opens the directory at `path`; the last name may be a link.
    convenience init(at path: String) throws(FileError) {
        let descriptor = dd_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { throw FileError("cannot open the directory \(path)") }
        try self.init(descriptor, path: path)
    }

    deinit { Glibc.close(descriptor) }

    /// What has become of its path.
    enum Standing: Sendable, Equatable {
        /// It leads here.
        case here
        /// It leads to another directory: this one was moved away and another made, a link leads elsewhere, or a file system was mounted
        /// over it.
        case elsewhere
        /// It leads nowhere, or the system does not tell (`errno`).
        case nowhere(errno: Int32)
        /// This directory was removed: somebody has taken all out of it, and nothing in it is looked for any more.
        case removed
    }

    /// Whether the path still leads here (`stat(2)`: device and inode).
    var standing: Standing {
        var info = stat()
        let answer: Standing =
            stat(path, &info) != 0 ? .nowhere(errno: errno) : FileState(info).isOf(state) ? .here : .elsewhere
        guard answer != .here, fstat(descriptor, &info) == 0, info.st_nlink == 0 else { return answer }
        return .removed
    }
}

extension HeldDirectory: Hashable {
    /// The same object.
    public static func == (left: HeldDirectory, right: HeldDirectory) -> Bool { left === right }

    /// By the object.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
