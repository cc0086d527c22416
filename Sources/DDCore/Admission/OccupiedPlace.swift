import CLinux
import Glibc

/// What may lie on disk for one place: the file, and beside it what has come of it in blocks. A look at it costs two or three calls.
struct OccupiedPlace {
    /// The path of the file.
    let path: String
    private let folder: String
    private let name: String
    private let lock: String
    private let version: FileVersion?

    /// The place below `root`; `version` is that of the block in hand.
    init(_ root: String, _ place: Place, lock: String, version: FileVersion? = nil) {
        folder = place.directory.isEmpty ? root : "\(root)/\(place.directory)"
        name = place.name
        path = "\(folder)/\(name)"
        self.lock = lock
        self.version = version
    }

    /// The place of a job.
    init(_ job: Job, lock: String) {
        let version = job.post.block.flatMap { try? FileVersion(job.post, $0) }
        self.init(job.root, job.place, lock: lock, version: version)
    }

    /// What there is of the file, and of what is being put together: an unfinished file counts with the size that it will have. Block maps
    /// do not count.
    var usage: DailyTrees.Usage { file + unfinished }

    /// The file itself, when there is one.
    var file: DailyTrees.Usage { DailyTrees.Usage(ofFile: path) }

    /// What is being put together.
    var unfinished: DailyTrees.Usage {
        unfinishedNames.reduce(DailyTrees.Usage()) { $0 + DailyTrees.Usage(ofFile: "\(folder)/\($1)") }
    }

    /// How many of the folders that lead to it are not there.
    var missingFolders: Int64 {
        var count: Int64 = 0
        var folder = Substring(self.folder)
        while !folder.isEmpty, access(String(folder), F_OK) != 0 {
            count += 1
            guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) else { break }
            folder = folder[..<slash]
        }
        return count
    }

    /// Whether a folder is there.
    var isFolder: Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private var unfinishedNames: Set<String> {
        let map = BlockNames.map(of: name, lock: lock)
        let file = dd_openat(AT_FDCWD, "\(folder)/\(map)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { return [] }
        defer { Glibc.close(file) }
        var bytes = [UInt8](repeating: 0, count: BlockMapHeader.byteCount)
        let count = bytes.withUnsafeMutableBytes { FileBytes.read(file, into: $0, at: 0) }
        var versions = [version].compactMap { $0 }
        if count == bytes.count, let header = BlockMapHeader(bytes) { versions.append(header.version) }
        return Set(versions.map { BlockNames.assembly(of: name, $0, lock: lock) })
    }
}
