import CLinux
import Glibc

/// Files that are read and written as a whole: secrets, process numbers, generated configuration, what /proc tells.
public enum SmallFile {
    /// Opens a file that is only ever one of ours. Throws for a link, and for what has another name beside this one (a hard link) or is no file
    /// at all (a pipe, a device): what is written there would land elsewhere, or nowhere.
    static func openPlain(_ path: String, _ flags: Int32, mode: UInt32 = 0) throws(ProcessError) -> Int32 {
        let descriptor = dd_openat(AT_FDCWD, path, flags | O_NOFOLLOW | O_NONBLOCK, mode)
        guard descriptor >= 0 else {
            throw errno == ELOOP || errno == ENXIO ? Self.strange(path) : ProcessError("cannot open \(path)", errno)
        }
        guard isPlain(descriptor) else {
            close(descriptor)
            throw Self.strange(path)
        }
        return descriptor
    }

    /// Whether it is a file with one name, or with none any more.
    static func isPlain(_ descriptor: Int32) -> Bool {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && facts.st_nlink <= 1
    }

    private static func strange(_ path: String) -> ProcessError {
        ProcessError("cannot use \(path), which is a link, has a second name or is no plain file (remove it)", EEXIST)
    }

    /// All bytes of a file; `nil` when there is none. A pipe has none. Throws when it is there and cannot be read: what it says is not known,
    /// which is another thing than nothing.
    public static func contents(_ path: String) throws(ProcessError) -> [UInt8]? {
        let descriptor = dd_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw ProcessError("cannot read \(path)", errno)
        }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ProcessError("cannot read \(path)", errno) }
            guard count > 0 else { return result }
            result += buffer[..<count]
        }
    }

    /// The lines of a file of text, without their ends and without empty ones; none when there is no file. Throws as `contents`.
    public static func lines(_ path: String) throws(ProcessError) -> [String] {
        try (contents(path) ?? []).split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file's text; bytes that are not UTF-8 are replaced. `nil` when it cannot be read, for whatever reason: for what may be missing.
    public static func text(_ path: String) -> String? {
        (try? contents(path)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Puts a file with this text and these permission bits in place of what was there: the one or the other is there at any time, also after
    /// a loss of power, and the new one when this returns.
    public static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(ProcessError) {
        try replace(path, by: Array(text.utf8), mode: mode)
    }

    /// The same with bytes.
    static func replace(_ path: String, by bytes: [UInt8], mode: UInt32) throws(ProcessError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = dd_openat(AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard descriptor >= 0 else { throw ProcessError("cannot write \(path)", errno) }
        defer { close(descriptor) }
        guard bytes.withUnsafeBytes({ FileBytes.write(descriptor, $0, at: 0) }), fsync(descriptor) == 0,
            rename(temporary, path) == 0, syncFolder(of: path)
        else {
            let error = ProcessError("cannot write \(path)", errno)
            unlink(temporary)
            throw error
        }
    }

    /// Makes the names in the folder of `path` safe; false with `errno`.
    private static func syncFolder(of path: String) -> Bool {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(Substring(path.utf8[...$0])) } ?? "."
        let descriptor = dd_openat(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Some file systems have no such thing for folders.
        return fsync(descriptor) == 0 || errno == EINVAL
    }

    /// Makes a folder and those above it where they are absent; `mode` is for those that are made.
    public static func makeFolder(_ path: String, mode: UInt32 = 0o755) throws(ProcessError) {
        var made = path.hasPrefix("/") ? "" : "."
        for name in path.split(separator: "/") {
            made += "/" + name
            guard mkdir(made, mode) != 0, errno != EEXIST else { continue }
            throw ProcessError("cannot make the folder \(made)", errno)
        }
        guard isFolder(path) else { throw ProcessError("cannot make the folder \(path)", ENOTDIR) }
    }

    /// Makes the folder that a file is to be in, as `makeFolder`.
    static func makeFolder(holding path: String, mode: UInt32) throws(ProcessError) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return }
        try makeFolder(String(Substring(path.utf8[..<slash])), mode: mode)
    }

    /// Whether the path leads to a folder.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
