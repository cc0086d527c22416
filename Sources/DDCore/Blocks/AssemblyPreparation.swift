import CLinux
import Glibc

/// Looks, under the map's lock, what is there of a version, and begins it when nothing is.
struct AssemblyPreparation {
    /// What was found or made.
    enum Ready {
        /// The unfinished file, owned by the caller (-1 when it has its name already), and its inode.
        case open(file: Int32, inode: UInt64)
        case complete(finisher: Int64)
        case superseded
        case kept
    }

    private let version: FileVersion
    private let site: AssemblyFile.Site
    private let directory: Int32
    private let map: BlockMap
    private let overwrites: Bool

    init(_ version: FileVersion, _ site: AssemblyFile.Site, directory: Int32, _ map: BlockMap, overwrites: Bool) {
        self.version = version
        self.site = site
        self.directory = directory
        self.map = map
        self.overwrites = overwrites
    }

    func run() throws -> Ready {
        guard let header = map.header() else { return try begin() }
        guard header.version.identity == version.identity else {
            return version.supersedes(header.version) ? try adopt(header) : .superseded
        }
        guard header.version.announced == version.announced else {
            guard version.announced > header.version.announced else { return .superseded }
            return try adopt(header)
        }
        if header.steps.contains(.done) { return .complete(finisher: header.finisher) }
        return try resume(header)
    }

    /// Gives a file its size. The disk is not reserved (`fallocate`): whoever posts one block of a file would have all of it, and what the
    /// file system cannot reserve it does not always give back. What is more than what is free is not begun.
    static func allocate(_ file: Int32, _ size: Int64, _ shown: String) throws(FileError) {
        var info = stat()
        if fstat(file, &info) == 0, let free = DocumentRoot.freeBytes(file), size - Int64(info.st_blocks) * 512 > free {
            throw FileError("cannot begin \(shown) of \(size) bytes", errno: ENOSPC)
        }
        guard ftruncate(file, off_t(size)) == 0 else { throw FileError("cannot size \(shown)") }
    }

    /// There is no map: what stands at the place decides.
    private func begin() throws -> Ready {
        guard let earlier = EarlierFile(directory, site.name) else {
            // What is no file is found out when the file gets its name.
            return try restart(after: nil)
        }
        let answer: Ready?
        if let stamp = VersionStamp(of: earlier.file) {
            let other = FileVersion(
                identity: stamp.identity, announced: stamp.announced, blockSize: version.blockSize, count: version.count)
            answer =
                stamp.isOf(version)
                ? .complete(finisher: stamp.finisher)
                : other.supersedes(version) ? .superseded : overwrites ? nil : .kept
        } else {
            answer = overwrites ? nil : .kept
        }
        guard let answer else { return try restart(after: nil) }
        try map.remove(nil)
        return answer
    }

    /// Begins this version; what was begun of another is removed.
    private func restart(after old: BlockMapHeader?) throws -> Ready {
        if let old { unlinkat(directory, BlockNames.assembly(of: site.name, old.version, lock: site.lock), 0) }
        let name = BlockNames.assembly(of: site.name, version, lock: site.lock)
        unlinkat(directory, name, 0)
        let file = dd_openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
        guard file >= 0 else { throw FileError("cannot create \(name) for \(site.shown)") }
        var header = BlockMapHeader(version, name: site.name)
        header.inode = Self.inode(file)
        header.hosts = [site.host]
        if let earlier = EarlierFile(directory, site.name) {
            header.earlierInode = earlier.inode
            header.earlierTime = earlier.time
        }
        try map.restart(header)
        return .open(file: file, inode: header.inode)
    }

    /// A later announcement. What is there of the earlier one counts again where the sums are the same, when both are cut alike: another
    /// posting of one state, or a later state of a file that grows. Whoever is still writing a block of the earlier one has it claimed.
    private func adopt(_ old: BlockMapHeader) throws -> Ready {
        let oldName = BlockNames.assembly(of: site.name, old.version, lock: site.lock)
        let file = dd_openat(directory, oldName, O_RDWR | O_NOFOLLOW, 0)
        guard file >= 0 else { return try restart(after: old) }
        guard old.version.blockSize == version.blockSize, Self.inode(file) == old.inode else {
            Glibc.close(file)
            return try restart(after: old)
        }
        do {
            var header = old
            try verifyAfterStart(file, &header)
            try map.review(&header) { _, entry in
                var entry = entry
                entry.state = .candidate
                entry.isUnchanged = false
                return entry
            }
            let name = BlockNames.assembly(of: site.name, version, lock: site.lock)
            guard renameat(directory, oldName, directory, name) == 0 else { throw FileError("cannot rename \(oldName)") }
            header.version = version
            // Two states may differ by some bytes at the end, and no more.
            (header.size, header.missing, header.steps) = (nil, version.count, [])
            try map.resize(header)
            try map.write(header)
            return .open(file: file, inode: header.inode)
        } catch {
            Glibc.close(file)
            throw error
        }
    }

    /// Goes on with what is there.
    private func resume(_ found: BlockMapHeader) throws -> Ready {
        var header = found
        let name = BlockNames.assembly(of: site.name, version, lock: site.lock)
        let file = dd_openat(directory, name, O_RDWR | O_NOFOLLOW, 0)
        guard file >= 0, Self.inode(file) == header.inode else {
            if file >= 0 { Glibc.close(file) }
            // Somebody died between giving it its name and saying so; or the file was removed.
            let hasName = EarlierFile(directory, site.name)?.inode == header.inode
            // A map that came through a loss of the disk may say so of a name that did not; where a program was started, the name was safe.
            let isKnown = header.steps.contains(.triggered) || header.hosts.contains(site.host)
            guard header.isComplete, hasName || header.steps.contains(.renamed) && isKnown else {
                return try restart(after: header)
            }
            header.steps.insert(.renamed)
            try map.write(header)
            return .open(file: -1, inode: header.inode)
        }
        // Under the unfinished name still, whatever a map that came through a power cut says.
        header.steps.remove(.renamed)
        do { try verifyAfterStart(file, &header) } catch {
            Glibc.close(file)
            throw error
        }
        return .open(file: file, inode: header.inode)
    }

    /// The machine was started anew, the disk was mounted anew, or another machine joins: the map may say more than came to the disk. All bytes that it knows are read
    /// once and compared.
    private func verifyAfterStart(_ file: Int32, _ header: inout BlockMapHeader) throws {
        guard !header.hosts.contains(site.host) else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileReader.bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        let digests = DigestCache()
        let bytes = StoredBlocks(file: file, version: header.version, size: header.size)
        try map.review(&header) { block, entry in
            try bytes.hold(block, entry, digests, through: buffer) ? entry : .absent
        }
        header.hosts = header.hosts.suffix(BlockMapHeader.maxHosts - 1) + [site.host]
        try map.write(header)
    }

    private static func inode(_ file: Int32) -> UInt64 {
        var info = stat()
        return fstat(file, &info) == 0 ? UInt64(info.st_ino) : 0
    }
}
