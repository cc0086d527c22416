import CLinux
import Glibc

/// What was begun and is not worked on any more: files in blocks whose other blocks do not come, files whose transfer ended with the program,
/// and block maps that have done their work.
struct Leftovers {
    /// A file in blocks that was begun and has been removed.
    struct Expired: Equatable {
        /// The path below the folder that was walked.
        let path: String
        /// Bytes that it was to have, as far as blocks have told.
        let size: Int64?
        let announced: Timestamp
        let blocks: Int64
        let missing: Int64
    }

    /// Something that may be one, at its time.
    struct Candidate {
        let folder: String
        let name: String
    }

    /// The option of that name.
    let lock: String
    /// Seconds since something was last written to it.
    let age: Double

    /// What below `root` may be left over. Links are not followed. Looks at every file.
    func find(below root: String) -> [Candidate] {
        var found: [Candidate] = []
        /// Unfinished files that block maps know.
        var known: Set<String> = []
        var assemblies: [Candidate] = []
        FileWalker.walk(root) { entry in
            guard case .entry(let path, let info) = entry, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
                let name = String(path.utf8[path.utf8.index(after: slash)...]), let folder = String(path.utf8[..<slash]),
                IncomingFile.isReserved(name, lock: lock)
            else { return true }
            let candidate = Candidate(folder: folder, name: name)
            if BlockNames.isMap(name, lock: lock) {
                if let header = Self.header(path) {
                    known.insert("\(folder)/\(BlockNames.assembly(of: header.name, header.version, lock: lock))")
                }
                if isOld(info) { found.append(candidate) }
            } else if isOld(info) {
                if BlockNames.isAssembly(name, lock: lock) { assemblies.append(candidate) } else { found.append(candidate) }
            }
            return true
        }
        return found + assemblies.filter { !known.contains("\($0.folder)/\($0.name)") }
    }

    /// Removes a candidate, unless somebody is at it or has been meanwhile. Returns the file in blocks that ended with it.
    func remove(_ candidate: Candidate, below root: String) -> Expired? {
        let directory = dd_openat(AT_FDCWD, candidate.folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard directory >= 0 else { return nil }
        defer { Glibc.close(directory) }
        var info = stat()
        guard fstatat(directory, candidate.name, &info, AT_SYMLINK_NOFOLLOW) == 0, isOld(info) else { return nil }
        if BlockNames.isMap(candidate.name, lock: lock) { return removeBlocks(directory, candidate, below: root) }
        guard info.st_mode & S_IFMT == S_IFREG else {
            unlinkat(directory, candidate.name, 0)
            return nil
        }
        let file = dd_openat(directory, candidate.name, O_RDWR | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        // Whoever writes it holds its lock.
        if dd_try_lock(file) == 0 { unlinkat(directory, candidate.name, 0) }
        return nil
    }

    private func removeBlocks(_ directory: Int32, _ candidate: Candidate, below root: String) -> Expired? {
        guard let map = try? BlockMap(directory: directory, fileName: candidate.name, shown: candidate.name) else { return nil }
        let expired: Expired?? = try? map.locked { () -> Expired? in
            guard !map.isInUse else { return nil }
            guard let header = map.header() else {
                try map.remove(nil)
                return nil
            }
            if header.steps.contains(.done) {
                try map.remove(header)
                return nil
            }
            // One that has its name waits for on_file.
            guard !header.steps.contains(.renamed) else { return nil }
            let name = BlockNames.assembly(of: header.name, header.version, lock: lock)
            var info = stat()
            if fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0, !isOld(info) { return nil }
            unlinkat(directory, name, 0)
            try map.remove(header)
            let below = candidate.folder.utf8.dropFirst(root.utf8.count).drop { $0 == UInt8(ascii: "/") }
            let folder = String(Substring(below))
            return Expired(
                path: folder.isEmpty ? header.name : "\(folder)/\(header.name)", size: header.size,
                announced: header.version.announced, blocks: header.version.count, missing: header.missing)
        }
        return expired ?? nil
    }

    private func isOld(_ info: stat) -> Bool {
        let now = Timestamp.now()
        let time = Timestamp(seconds: Int64(info.st_mtim.tv_sec), nanoseconds: Int32(clamping: info.st_mtim.tv_nsec))
        return now.seconds(since: time) > age
    }

    private static func header(_ path: String) -> BlockMapHeader? {
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        var bytes = [UInt8](repeating: 0, count: BlockMapHeader.byteCount)
        let count = bytes.withUnsafeMutableBytes { FileBytes.read(file, into: $0, at: 0) }
        return count == bytes.count ? BlockMapHeader(bytes) : nil
    }
}
