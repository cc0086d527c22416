import CLinux
import Glibc

/// The file that stands at a place while a newer version of it comes in: what it has need not be fetched.
final class EarlierFile {
    /// Open for reading; borrowed.
    let file: Int32
    /// Bytes.
    let size: Int64
    let inode: UInt64
    /// When it was changed last, in nanoseconds since 1970, wrapped.
    let time: Int64

    /// The regular file called `name` in `directory`, or `nil`.
    init?(_ directory: Int32, _ name: String) {
        let file = dd_openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { return nil }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            Glibc.close(file)
            return nil
        }
        self.file = file
        size = Int64(info.st_size)
        inode = UInt64(info.st_ino)
        time = Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec)
    }

    deinit { Glibc.close(file) }

    /// Whether its bytes from `offset` on have the announced checksum.
    func holds(
        _ value: [UInt8], offset: Int64, length: Int64, _ digest: Digest, through buffer: UnsafeMutableRawBufferPointer
    ) throws(DigestError) -> Bool {
        guard offset + length <= size else { return false }
        try digest.restart()
        guard FileBytes.forEach(file, at: offset, length: length, through: buffer, { digest.update($0) }) else { return false }
        return digest.finish() == value
    }

    /// Copies bytes to the same offset of `target` (`copy_file_range`: where the file system can, the disk's blocks are shared). Returns
    /// `false` when they cannot be read any more.
    func copy(
        offset: Int64, length: Int64, to target: Int32, through buffer: UnsafeMutableRawBufferPointer, shown: String
    ) throws(FileError) -> Bool {
        var done: Int64 = 0
        while done < length {
            let count = dd_copy_range(file, offset + done, target, offset + done, length - done)
            if count > 0 {
                done += count
                continue
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO) { throw FileError("cannot write \(shown)") }
            // File systems that cannot copy by themselves.
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(clamping: length - done))])
            guard FileBytes.read(file, into: piece, at: offset + done) == piece.count else { return false }
            guard FileBytes.write(target, UnsafeRawBufferPointer(piece), at: offset + done) else {
                throw FileError("cannot write \(shown)")
            }
            done += Int64(piece.count)
        }
        return true
    }
}
