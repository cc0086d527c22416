import CLinux
import Glibc

/// What stands at a place.
public struct Entry: Sendable, Equatable {
    /// File, directory, link or something else.
    public enum Kind: Sendable, Equatable {
        case file, directory, link, other
    }

    /// What it is.
    public let kind: Kind
    /// Bytes.
    public let size: Int64
    /// When its content was last changed, as its source says (`st_mtim`).
    public let modified: Timestamp
    /// When it was put here (`st_ctim`).
    public let placed: Timestamp
}

extension DocumentRoot {
    /// Bytes that are free on its file system for this process's user; `nil` when it does not say.
    var freeBytes: Int64? { Self.freeBytes(held.descriptor) }

    /// The same for the file system of an open file.
    static func freeBytes(_ file: Int32) -> Int64? {
        var info = statvfs()
        guard fstatvfs(file, &info) == 0, info.f_blocks > 0 else { return nil }
        let (bytes, overflow) = Int64(clamping: info.f_bavail).multipliedReportingOverflow(by: Int64(clamping: info.f_frsize))
        return overflow ? .max : bytes
    }

    /// What stands at `place`, links not followed; `nil` when nothing does.
    public func entry(at place: Place) throws(FileError) -> Entry? {
        do {
            return try inDirectory(of: place, make: false) { directory throws(FileError) in
                var info = stat()
                guard fstatat(directory, place.name, &info, AT_SYMLINK_NOFOLLOW) == 0 else {
                    if errno == ENOENT, !isRemoved(directory) { return nil }
                    throw FileError("cannot look at \(path)/\(place.relpath)")
                }
                let kind: Entry.Kind =
                    switch info.st_mode & S_IFMT {
                    case S_IFREG: .file
                    case S_IFDIR: .directory
                    case S_IFLNK: .link
                    default: .other
                    }
                return Entry(
                    kind: kind, size: Int64(info.st_size), modified: time(info.st_mtim), placed: time(info.st_ctim))
            }
        } catch  where error.code == .missing {
            return nil
        }
    }

    private func time(_ time: timespec) -> Timestamp {
        Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(clamping: time.tv_nsec))
    }

    /// Whether a directory that was kept open has been removed meanwhile: another may stand in its place. Leaves `errno` as it is.
    private func isRemoved(_ directory: Int32) -> Bool {
        let number = errno
        defer { errno = number }
        var info = stat()
        return fstat(directory, &info) == 0 && info.st_nlink == 0
    }

    /// A file to be written and then committed at `place`. `body` gets it while the directory is held open.
    public func receive<T>(
        _ place: Place, lock: String, _ body: (IncomingFile) throws -> T
    ) throws -> T {
        let outcome: Result<T, any Error> = try inDirectory(of: place, make: true) { directory throws(FileError) in
            let file = try IncomingFile(directory: directory, place: place, lock: lock, root: path)
            return Result { try body(file) }
        }
        return try outcome.get()
    }

    /// The digest of the file at `place`, read with `digest`; `nil` when it is not a readable regular file. With `fromDisk` the disk
    /// decides, not the memory of the system, which keeps what could not be written.
    public func digest(of place: Place, with digest: Digest, fromDisk: Bool = false) throws -> [UInt8]? {
        let file = try? inDirectory(of: place, make: false) { directory throws(FileError) in
            let file = dd_openat(directory, place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
            guard file >= 0 else { throw FileError("cannot open \(path)/\(place.relpath)") }
            return file
        }
        guard let file else { return nil }
        defer { Glibc.close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        if fromDisk { FileBytes.forgetCached(file, at: 0, length: 0) }
        try digest.restart()
        guard (try? FileReader.read(file, { digest.update($0) })) != nil else { return nil }
        return digest.finish()
    }

    /// Makes a symbolic link at `place`, replacing a file or link there, in one step: the link is made under the lock name first.
    public func makeLink(_ place: Place, target: String, lock: String) throws(FileError) {
        try inDirectory(of: place, make: true) { directory throws(FileError) in
            let lockName = IncomingFile.lockName(for: place.name, lock: lock)
            unlinkat(directory, lockName, 0)
            guard symlinkat(target, directory, lockName) == 0 else {
                throw FileError("cannot make link \(path)/\(place.relpath)")
            }
            guard renameat(directory, lockName, directory, place.name) == 0 else {
                let error = FileError("cannot rename to link \(path)/\(place.relpath)")
                unlinkat(directory, lockName, 0)
                throw error
            }
        }
    }

    /// The target of the link at `place`, or `nil` when there is no link.
    public func linkTarget(at place: Place) -> String? {
        try? inDirectory(of: place, make: false) { directory throws(FileError) in
            let bytes = LinkTarget.read(directory, place.name)
            guard !bytes.isEmpty else { throw FileError(.missing, "no link at \(place.relpath)") }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Makes the directory at `place` and those above it.
    public func make(directory place: Place) throws(FileError) { try makeDirectory(place) }

    /// Removes the file, link or (only when empty) directory at `place`. Returns whether there was one.
    public func remove(_ place: Place) throws(FileError) -> Bool {
        guard let entry = try entry(at: place) else { return false }
        do {
            try inDirectory(of: place, make: false) { directory throws(FileError) in
                guard unlinkat(directory, place.name, entry.kind == .directory ? AT_REMOVEDIR : 0) == 0 else {
                    throw FileError("cannot remove \(path)/\(place.relpath)")
                }
            }
            return true
        } catch  where error.code == .missing {
            return false
        }
    }
}
