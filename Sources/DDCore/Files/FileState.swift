import Glibc

/// What tells whether a file is still what it was: taken before and after its bytes are read.
struct FileState: Sendable, Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let seconds: Int64
    let nanoseconds: Int64

    /// The state that `info` tells of.
    init(_ info: stat) {
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        size = Int64(info.st_size)
        seconds = Int64(info.st_mtim.tv_sec)
        nanoseconds = Int64(info.st_mtim.tv_nsec)
    }

    /// The state of an open file.
    init(of file: Int32, at path: String) throws(FileError) {
        var info = stat()
        guard fstat(file, &info) == 0 else { throw FileError("cannot look at \(path)") }
        self.init(info)
    }

    /// Whether it is the state of the same file or directory as `other`, changed or not.
    func isOf(_ other: FileState) -> Bool { device == other.device && inode == other.inode }

    /// Whether it is the same file as `earlier`, and not shorter.
    func continues(_ earlier: FileState) -> Bool { isOf(earlier) && size >= earlier.size }

    /// The error of a file that is not what it was.
    static func changed(_ path: String) -> FileError {
        FileError(.busy, "\(path) changed while it was being summed: post it again when it is written")
    }
}
