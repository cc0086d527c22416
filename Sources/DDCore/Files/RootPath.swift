import Glibc

/// The path of a document root while its program runs: whether a directory that has come to stand there is to be written to.
///
/// A directory that was moved away and made anew, a link that leads elsewhere, and a file system that was mounted there are the
/// administrator's will: the work goes on in what the path names now. A file system that is not mounted any more leaves the directory of
/// the one above it, which nobody means: then the work waits.
struct RootPath: Sendable {
    private let path: String
    /// The file system that it was on (`st_dev`).
    let device: UInt64
    /// The file systems of the directories above it that are others than its own.
    private let above: Set<UInt64>

    /// What is known of the directory at `path` and of those above it now. Throws when it is not there.
    init(_ path: String) throws(FileError) {
        guard let device = Self.device(of: path) else { throw FileError("cannot look at the directory \(path)") }
        self.path = path
        self.device = device
        above = Set(Self.parents(of: path).compactMap(Self.device(of:))).subtracting([device])
    }

    /// Throws when nothing may be written at the path at the moment: the file system that was there is gone. Makes the directory when it
    /// is absent and its place is on the same file system as it was.
    func prepare() throws(FileError) {
        var info = stat()
        if stat(path, &info) == 0 {
            guard above.contains(UInt64(info.st_dev)) else { return }
        } else {
            guard errno == ENOENT else { throw FileError("cannot look at the directory \(path)") }
            let parent = Self.parents(of: path).lazy.compactMap(Self.device(of:)).first
            if let parent, !above.contains(parent) { return try DocumentRoot.makeDirectories(path) }
        }
        throw FileError(
            .system,
            "the file system that \(path) was on is not mounted any more: nothing is written until it is, or until the program is "
                + "started again")
    }

    /// Those above, the nearest first.
    private static func parents(of path: String) -> [String] {
        var words = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        let start = path.utf8.first == UInt8(ascii: "/") ? "/" : "./"
        var result: [String] = []
        while !words.isEmpty {
            words.removeLast()
            result.append(start + words.joined(separator: "/"))
        }
        return result
    }

    private static func device(of path: String) -> UInt64? {
        var info = stat()
        return stat(path, &info) == 0 ? UInt64(info.st_dev) : nil
    }
}
