import CLinux
import Glibc

/// Keeps the user's programs from working on one item at the same time: a lock on one byte of a file, which stands for the item.
///
/// The lock belongs to the open file description (`F_OFD_SETLK`), which the program inherits as its descriptor 3 with all that it starts.
/// When the process that started it is killed, the program goes on with the lock, and whoever comes next sees that it still works.
final class ItemLock: Sendable {
    /// To be handed on to the program.
    let descriptor: Int32

    /// Opens the file of locks, made when absent (0600).
    init(_ path: String) throws(ProcessError) {
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
        var opened = dd_openat(AT_FDCWD, path, flags, 0o600)
        if opened < 0, errno == ENOENT {
            try SmallFile.makeFolder(holding: path, mode: 0o700)
            opened = dd_openat(AT_FDCWD, path, flags, 0o600)
        }
        guard opened >= 0 else { throw ProcessError("cannot open \(path)", errno) }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Takes the lock of `item`; `false` while another holds it. Two items may share a lock: one of them is then tried again.
    func take(_ item: String) throws(ProcessError) -> Bool {
        if dd_lock_range(descriptor, Self.byte(of: item), 1, 0) == 0 { return true }
        guard errno == EAGAIN || errno == EACCES else { throw ProcessError("cannot lock a file of the user's programs", errno) }
        return false
    }

    /// Gives it back, also where the program has left something behind that runs on: it has answered.
    func release(_ item: String) { dd_unlock_range(descriptor, Self.byte(of: item), 1) }

    /// FNV-1a, below 2^62: ranges of locks end at 2^63.
    private static func byte(of item: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in item.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(hash >> 2)
    }
}
