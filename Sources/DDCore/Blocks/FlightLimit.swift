import CLinux
import Glibc

/// What lets a switch pass on files that are larger than the disk it has for them: of such a file it keeps a few blocks at a time, each as a
/// part file, and removes each when the next hops have reported it.
public struct FlightLimit: Sendable {
    /// Bytes of one file that are kept at once, at least one block.
    public let bytes: Int64
    /// The accounts whose reports say that a next hop is done with a block.
    public let hops: [String]
    /// Seconds after which a block is removed although some hop has not reported it.
    public let keep: Double
    /// Seconds until a block that found no room is tried again.
    static let pause: Double = 0.2

    private let root: String
    private let url: String
    private let lock: String

    /// A limit for what is stored below `root` and announced below `url`.
    public init(bytes: Int64, hops: [String], keep: Double, root: String, url: String, lock: String) {
        self.bytes = bytes
        self.hops = hops
        self.keep = keep
        self.root = root
        self.url = url
        self.lock = lock
    }

    /// Whether the file of a block is too large to be kept as a whole.
    func concerns(_ block: Parts) -> Bool { block.size > bytes }

    /// Whether there is room for the part `name` of the file at `place`. If so it is taken, by an empty file under the part's lock name,
    /// where it is going to be written.
    func admits(_ name: PartName, at place: Place, in root: DocumentRoot) throws(FileError) -> Bool {
        try root.inDirectory(of: place, make: true) { directory throws(FileError) in
            try Self.locked(directory) { () throws(FileError) in
                var kept: Int64 = 0
                for entry in try Self.names(in: directory) {
                    guard let part = part(entry), part.file == place.name else { continue }
                    if part.parts == name.parts { return true }
                    guard !isOver(entry, directory) else {
                        remove(entry, directory)
                        continue
                    }
                    // Names of parts may say anything.
                    kept += min(part.parts.length, Int64.max - kept)
                }
                guard kept == 0 || name.parts.length <= max(0, bytes - kept) else { return false }
                let file = dd_openat(
                    directory, IncomingFile.lockName(for: name.text, lock: lock), O_WRONLY | O_CREAT | O_NOFOLLOW, 0o666)
                guard file >= 0 else { throw FileError("cannot create \(name.text) in \(place.directory)") }
                close(file)
                return true
            }
        }
    }

    /// A hop has reported on a block: it is removed when all have. Reports about other things are passed over.
    public func note(_ report: Report) {
        guard hops.contains(where: { $0.utf8.elementsEqual(report.user.utf8) }),
            report.post.location.base.utf8.elementsEqual(url.utf8), let name = report.post.partName, concerns(name.parts),
            let place = try? Place(report.post.location.relpath), let root = try? DocumentRoot(root)
        else { return }
        try? root.inDirectory(of: place, make: false) { directory throws(FileError) in
            try Self.locked(directory) { () throws(FileError) in
                guard faccessat(directory, place.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { return }
                guard hops.count > 1 else { return remove(place.name, directory) }
                if try acknowledgedByAll(place.name, report.user, directory) { remove(place.name, directory) }
            }
        }
    }

    /// Remembers that `hop` has the part; whether all have it now. What is remembered lies in a file beside it, for other instances and
    /// later starts.
    private func acknowledgedByAll(_ part: String, _ hop: String, _ directory: Int32) throws(FileError) -> Bool {
        let file = dd_openat(directory, landings(part), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, 0o666)
        guard file >= 0 else { throw FileError("cannot remember who has \(part)") }
        defer { close(file) }
        let line = Array((hop + "\n").utf8)
        guard Glibc.write(file, line, line.count) == line.count else { throw FileError("cannot remember who has \(part)") }
        var text = [UInt8](repeating: 0, count: 65_536)
        let count = pread(file, &text, text.count, 0)
        let names = text[..<max(0, count)].split(separator: 0x0a).map { Array($0) }
        return hops.allSatisfy { names.contains(Array($0.utf8)) }
    }

    private func landings(_ part: String) -> String { IncomingFile.lockName(for: part + ".hops", lock: lock) }

    /// The part that a file is, or that it is going to be.
    private func part(_ entry: String) -> PartName? {
        let tail = ".dd\(lock)"
        guard entry.utf8.first == UInt8(ascii: "."), IncomingFile.isReserved(entry, lock: lock) else { return PartName(entry) }
        return PartName(String(Substring(entry.utf8.dropFirst().dropLast(tail.utf8.count))))
    }

    private func isOver(_ entry: String, _ directory: Int32) -> Bool {
        var info = stat()
        guard fstatat(directory, entry, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
        // The change of the inode: the time of the file is that of its source.
        return Double(time(nil) - info.st_ctim.tv_sec) > keep
    }

    private func remove(_ entry: String, _ directory: Int32) {
        unlinkat(directory, entry, 0)
        if hops.count > 1 { unlinkat(directory, landings(entry), 0) }
    }

    /// Runs `body` while no other instance looks into the directory for the same purpose (`flock(2)`).
    private static func locked<T>(_ directory: Int32, _ body: () throws(FileError) -> T) throws(FileError) -> T {
        // A description of its own: threads of one process are to wait for each other, too.
        let own = dd_openat(directory, ".", O_RDONLY | O_DIRECTORY, 0)
        guard own >= 0 else { throw FileError("cannot open a directory for its blocks") }
        defer { close(own) }
        while flock(own, LOCK_EX) != 0 { guard errno == EINTR else { throw FileError("cannot lock a directory") } }
        return try body()
    }

    private static func names(in directory: Int32) throws(FileError) -> [String] {
        let reader = try DirectoryReader(of: directory, shown: "of blocks")
        var names: [String] = []
        while let name = try reader.nextText() { names.append(name) }
        return names
    }
}
