import CLinux
import Glibc

/// A file that is being put together from its blocks: the unfinished file and its block map, of one version.
///
///     absent --begin()--> claimed --write(), commit()--> stored      ... and when all are stored: finish()
///
/// Each thread opens it for itself; threads, processes and machines that have it open share it through the map.
final class AssemblyFile {
    /// Where a file is put together.
    struct Site {
        /// Opened by `DocumentRoot`; borrowed for the time of `open` only.
        let directory: Int32
        let name: String
        let lock: String
        /// The file's path, for errors.
        let shown: String
        /// This start of the machine and this mount of the file system (`Host.mount`), 16 bytes: what was written before them, or by
        /// others, may not have been safe on the disk.
        var host: [UInt8]

        /// A site on the file system of `directory`.
        init(directory: Int32, name: String, lock: String, shown: String) {
            self.directory = directory
            self.name = name
            self.lock = lock
            self.shown = shown
            host = Host.mount(of: directory)
        }
    }

    /// What came of opening one.
    enum Opening {
        /// Blocks are missing, or it is not finished.
        case open(AssemblyFile)
        /// This very version was finished before; `finisher` was its last block.
        case complete(finisher: Int64)
        /// A later version is here or on its way.
        case superseded
        /// A file of that name is here and is not to be replaced.
        case kept
    }

    let version: FileVersion
    /// What lies in the same directory under the file's name while this is assembled.
    let earlier: EarlierFile?
    /// This object finished the file: it is of no more use.
    var isFinished = false
    let site: Site
    let directory: Int32
    let map: BlockMap
    let file: Int32
    private let inode: UInt64

    private init(
        _ version: FileVersion, _ site: Site, directory: Int32, _ map: BlockMap, file: Int32, inode: UInt64,
        _ earlier: EarlierFile?
    ) {
        self.version = version
        self.site = site
        self.directory = directory
        self.map = map
        self.file = file
        self.inode = inode
        self.earlier = earlier
    }

    deinit {
        if file >= 0 { Glibc.close(file) }
        Glibc.close(directory)
    }

    /// The name of the unfinished file, beside the file's own.
    var temporaryName: String { BlockNames.assembly(of: site.name, version, lock: site.lock) }

    /// Opens what is there of `version`, or begins it. Throws `FileError`.
    static func open(_ version: FileVersion, _ site: Site, overwrites: Bool) throws -> Opening {
        for _ in 0..<10 {
            let directory = fcntl(site.directory, F_DUPFD_CLOEXEC, 0)
            guard directory >= 0 else { throw FileError("cannot keep the directory of \(site.shown) open") }
            var isTaken = false
            defer { if !isTaken { Glibc.close(directory) } }
            let map = try BlockMap(
                directory: directory, fileName: BlockNames.map(of: site.name, lock: site.lock), shown: site.shown)
            let preparation = AssemblyPreparation(version, site, directory: directory, map, overwrites: overwrites)
            guard let ready = try map.locked(preparation.run) else { continue }
            switch ready {
            case .open(let file, let inode):
                isTaken = true
                let earlier = EarlierFile(directory, site.name)
                return .open(AssemblyFile(version, site, directory: directory, map, file: file, inode: inode, earlier))
            case .complete(let finisher): return .complete(finisher: finisher)
            case .superseded: return .superseded
            case .kept: return .kept
            }
        }
        throw FileError(.busy, "others remove and make the block map of \(site.shown) all the time")
    }

    /// Removes what was begun of a version announced before `time`.
    static func drop(_ site: Site, before time: Timestamp) throws {
        let name = BlockNames.map(of: site.name, lock: site.lock)
        guard faccessat(site.directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        let map = try BlockMap(directory: site.directory, fileName: name, shown: site.shown)
        _ = try map.locked {
            guard let header = map.header(), header.version.announced < time else { return }
            unlinkat(site.directory, BlockNames.assembly(of: site.name, header.version, lock: site.lock), 0)
            try map.remove(header)
        }
    }

    /// What is to be done with a block.
    enum Beginning {
        /// It is claimed for this thread, to be written and committed or given back.
        case needed
        /// It is there, and whether all others are; `isNew` when it counts only now.
        case stored(isComplete: Bool, isNew: Bool)
        /// The map is not this version's any more: open it again.
        case gone
        /// The file cannot have the size that this block says.
        case contradictory
    }

    /// Looks a block up; claims it when its bytes are needed. Throws `FileError.busy` when another is at it.
    func begin(_ parts: Parts, _ sum: Sum) throws -> Beginning {
        let block = parts.number
        guard map.claim(block) else {
            guard errno == EAGAIN || errno == EACCES else { throw FileError("cannot lock block \(block) of \(site.shown)") }
            throw FileError(.busy, "another process fetches block \(block) of \(site.shown)")
        }
        var isNeeded = false
        defer { if !isNeeded { map.release(block) } }
        let beginning: Beginning? = try map.locked {
            guard var header = try current() else { return .gone }
            if parts.isSizeKnown, header.size != parts.size {
                guard header.size == nil else { return .contradictory }
                header.size = parts.size
                try AssemblyPreparation.allocate(file, parts.size, site.shown)
                try map.write(header)
            }
            var entry = map.entry(block)
            switch entry.state {
            case .stored: return .stored(isComplete: header.isComplete, isNew: false)
            case .candidate where entry.matches(sum):
                entry.state = .stored
                try map.set(block, entry, was: .candidate, &header)
                return .stored(isComplete: header.isComplete, isNew: true)
            case .candidate, .absent:
                // What is written from now on is not what the entry says.
                if entry.state == .candidate { try map.set(block, .absent, was: .candidate, &header) }
                return .needed
            }
        }
        if case .needed = beginning { isNeeded = true }
        return beginning ?? .gone
    }

    /// Writes bytes of a claimed block at `offset` from the file's beginning.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
        guard FileBytes.write(file, bytes, at: offset) else { throw FileError("cannot write \(site.shown)") }
    }

    /// Takes the bytes of a claimed block from the earlier file. Returns whether that worked.
    func copy(_ parts: Parts, from earlier: EarlierFile, through buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Bool
    {
        try earlier.copy(offset: parts.offset, length: parts.length, to: file, through: buffer, shown: site.shown)
    }

    /// A claimed block is written and verified: counts it and gives the claim back. Returns whether all are in now; `nil` when this version
    /// was superseded meanwhile.
    func commit(_ block: Int64, _ entry: BlockEntry) throws -> Bool? {
        defer { map.release(block) }
        let isComplete: Bool?? = try map.locked {
            guard var header = try current() else { return nil }
            try map.set(block, entry, was: map.entry(block).state, &header)
            return header.isComplete
        }
        return isComplete ?? nil
    }

    /// Whether the disk has the bytes of a block that counts as stored; if not, it counts no more. For a block that comes again: what was
    /// written when it came before may not have reached the disk. One that is `mistrusted` counts no more in any case.
    func confirm(_ block: Int64, mistrusted: Bool = false, _ digests: DigestCache, through buffer: UnsafeMutableRawBufferPointer)
        throws -> Bool
    {
        // With its name it was safe on the disk.
        guard file >= 0 else { return true }
        let isThere: Bool? = try map.locked {
            guard var header = try current(), !header.steps.contains(.renamed) else { return true }
            let entry = map.entry(block)
            guard entry.state == .stored else { return false }
            let bytes = StoredBlocks(file: file, version: version, size: header.size)
            if try !mistrusted && bytes.hold(block, entry, digests, through: buffer) { return true }
            try map.set(block, .absent, was: .stored, &header)
            return false
        }
        return isThere ?? false
    }

    /// Gives a claimed block back without counting it, and the disk that was written for it.
    func abandon(_ block: Int64) {
        let (offset, overflow) = block.multipliedReportingOverflow(by: version.blockSize)
        if file >= 0, !overflow { _ = dd_give_back(file, offset, version.blockSize) }
        map.release(block)
    }

    /// The header while it is this version's. Called under the map's lock.
    func current() throws -> BlockMapHeader? {
        guard var header = map.header(), header.version == version, header.inode == inode else { return nil }
        // Somebody died between a block's entry and the number of missing ones.
        if header.intent != nil { try map.recover(&header) }
        return header
    }
}
