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

    /// All bytes of a file; `nil` when it cannot be read. A pipe has none.
    public static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = dd_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return result }
            result += buffer[..<count]
        }
    }

    /// A file's text; bytes that are not UTF-8 are replaced. `nil` when it cannot be read.
    public static func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Puts a file with this text and these permission bits in place of what was there, never half written.
    public static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(ProcessError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = dd_openat(AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_EXCL, mode)
        guard descriptor >= 0 else { throw ProcessError("cannot write \(path)", errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw ProcessError("cannot write \(path)", errno) }
            rest = rest.dropFirst(count)
        }
        guard rename(temporary, path) == 0 else { throw ProcessError("cannot write \(path)", errno) }
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
