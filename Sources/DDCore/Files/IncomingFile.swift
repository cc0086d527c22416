import CLinux
import Glibc

/// A file on its way in: written under a lock name beside its place, renamed when whole and verified, removed otherwise.
///
///     .bulletin.txt.dd.tmp  --commit()-->  bulletin.txt
///
/// The lock name is held under an open-file-description lock, so that two processes never write one file together.
public final class IncomingFile {
    private let directory: Int32
    private let lockName: String
    private let place: Place
    private let shown: String
    private var file: Int32 = -1
    private var isSettled = false
    private var count: off_t = 0
    private var begun: off_t = 0
    /// Those of this process that are open.
    private static let open = Guarded<[ObjectIdentifier: (directory: Int32, name: String)]>([:])
    /// So many bytes gather before the disk is told to begin.
    private static let batch: off_t = 16 << 20

    /// What lock names end in when `lock` says nothing else.
    public static let defaultLock = ".tmp"

    /// The name under which `name` is written. A name too long to be extended is replaced by its digits.
    public static func lockName(for name: String, lock: String) -> String { hidden(name, ".dd\(lock)") }

    /// Whether `name` is kept for files on their way in: such names are not accepted from messages.
    public static func isReserved(_ name: String, lock: String) -> Bool {
        (name.utf8.first == UInt8(ascii: ".") && ends(name, ".dd\(lock)")) || BlockNames.isMap(name, lock: lock)
            || BlockNames.isAssembly(name, lock: lock)
    }

    /// `.NAME` and `tail`; a name too long for that is replaced by its digits.
    static func hidden(_ name: String, _ tail: String) -> String {
        let long = ".\(name)\(tail)"
        guard long.utf8.count > 255 else { return long }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return ".\(String(hash, radix: 16))\(tail)"
    }

    /// Whether `name` ends in `tail`, by bytes: a dot with a combining mark behind it is another character to Swift, and the same name
    /// to the system.
    static func ends(_ name: String, _ tail: String) -> Bool { name.utf8.reversed().starts(with: tail.utf8.reversed()) }

    /// Creates the lock name in `directory` (borrowed: it must stay open as long as this lives). Throws `FileError.busy` when another
    /// process holds it; one left behind by a killed process is taken over.
    init(directory: Int32, place: Place, lock: String, root: String) throws(FileError) {
        self.directory = directory
        self.place = place
        lockName = Self.lockName(for: place.name, lock: lock)
        shown = "\(root)/\(place.relpath)"
        for _ in 0..<3 {
            file = dd_openat(directory, lockName, O_RDWR | O_CREAT | O_NOFOLLOW, 0o666)
            guard file >= 0 else {
                isSettled = true
                throw FileError("cannot create \(lockName) beside \(shown)")
            }
            // A pipe, or a second name of another file, which would be emptied: whose it is, it is not ours.
            guard SmallFile.isPlain(file) else {
                Glibc.close(file)
                file = -1
                guard unlinkat(directory, lockName, 0) == 0 || errno == ENOENT else {
                    isSettled = true
                    throw FileError("cannot remove what is called \(lockName) beside \(shown)")
                }
                continue
            }
            guard dd_try_lock(file) == 0 else {
                isSettled = true
                if errno == EAGAIN || errno == EACCES { throw FileError(.busy, "another process writes \(shown)") }
                // Where nobody can lock, nobody holds it.
                let error = FileError("cannot lock \(lockName) beside \(shown)")
                unlinkat(directory, lockName, 0)
                throw error
            }
            // Between opening and locking, the former holder may have renamed or removed the name.
            var mine = stat()
            var named = stat()
            if fstat(file, &mine) == 0, fstatat(directory, lockName, &named, AT_SYMLINK_NOFOLLOW) == 0,
                mine.st_ino == named.st_ino, mine.st_dev == named.st_dev
            {
                if mine.st_size > 0, ftruncate(file, 0) != 0 { throw FileError("cannot empty \(lockName) beside \(shown)") }
                Self.open.withLock { $0[ObjectIdentifier(self)] = (directory, lockName) }
                return
            }
            Glibc.close(file)
            file = -1
        }
        isSettled = true
        throw FileError(.busy, "another process writes \(shown)")
    }

    deinit {
        if !isSettled && file >= 0 {
            Self.open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(self)) }
            unlinkat(directory, lockName, 0)
        }
        if file >= 0 { Glibc.close(file) }
    }

    /// Whether at its place is still what `entry` tells of; `nil`: nothing. Another process may have put a file there after the look, and
    /// before this one had the lock name.
    func follows(_ entry: Entry?) -> Bool {
        var info = stat()
        guard fstatat(directory, place.name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return entry == nil }
        guard let entry else { return false }
        return entry.size == Int64(info.st_size) && entry.placed.seconds == Int64(info.st_ctim.tv_sec)
            && Int(entry.placed.nanoseconds) == info.st_ctim.tv_nsec
    }

    /// Appends bytes (`write(2)`).
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            let written = Glibc.write(file, start, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError("cannot write \(shown)")
            }
            count += off_t(written)
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        if count - begun >= Self.batch {
            // Else the sync at the end would have all of a large file before it.
            _ = dd_begin_writing(file, begun, count - begun)
            begun = count
        }
    }

    /// Empties it again, for another try.
    public func restart() throws(FileError) {
        guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else {
            throw FileError("cannot empty \(lockName) beside \(shown)")
        }
        (count, begun) = (0, 0)
    }

    /// Removes the lock names of all files that are open, when their threads are not waited for: nothing of them can be taken up again.
    static func abandonAll() {
        open.withLock { files in
            for (directory, name) in files.values { unlinkat(directory, name, 0) }
            files = [:]
        }
    }

    /// Gives the file its name, replacing what was there (`renameat`). Before that its times and mode are set where given, and with
    /// `synced` its bytes are made safe on disk (`fdatasync`).
    public func commit(mtime: Timestamp?, mode: UInt16?, synced: Bool = false) throws(FileError) {
        if let mode, fchmod(file, mode_t(mode & 0o777)) != 0 { throw FileError("cannot set the mode of \(shown)") }
        if let mtime {
            let time = timespec(tv_sec: Int(mtime.seconds), tv_nsec: Int(mtime.nanoseconds))
            let times = [timespec(tv_sec: 0, tv_nsec: dd_utime_now), time]
            if futimens(file, times) != 0 { throw FileError("cannot set the time of \(shown)") }
        }
        if synced, fdatasync(file) != 0 { throw FileError("cannot make \(shown) safe on disk") }
        // From here on it is not abandoned any more; if it was before, there is nothing to be renamed.
        Self.open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(self)) }
        guard renameat(directory, lockName, directory, place.name) == 0 else { throw FileError("cannot rename to \(shown)") }
        isSettled = true
    }
}
