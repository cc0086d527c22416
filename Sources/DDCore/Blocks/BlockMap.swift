import CLinux
import Glibc

/// The file that says which blocks of a file are in, beside the file that they are written to. It may be open in any number of threads,
/// processes and machines: each opens it for itself, and everything but claims happens under its lock (`F_OFD_SETLKW`).
///
///     header | 17 bytes per block: its state and its checksum
///
/// It is read and written in place, without a scan: the number of missing blocks is in the header. Writes reach other processes at
/// once and survive the death of this one; what a power cut may have torn is found by the names of starts in the header.
final class BlockMap {
    /// Blocks that a map can be about: about 1.7 GB, most of it never written.
    static let maxCount: Int64 = 100_000_000

    /// Ranges of the file that stand for something when locked. No byte is there.
    private enum Lock {
        static let map: Int64 = 0
        static let finish: Int64 = 1
        static let firstBlock: Int64 = 1 << 60
    }

    private let directory: Int32
    private let fileName: String
    private let shown: String
    private let file: Int32

    /// Opens the map called `fileName` in `directory` (borrowed: it must stay open as long as this lives), making it when it is absent.
    init(directory: Int32, fileName: String, shown: String) throws(FileError) {
        self.directory = directory
        self.fileName = fileName
        self.shown = shown
        file = try Self.open(fileName, in: directory, shown)
    }

    /// What is no plain file, or another file's second name, is not ours: it is removed.
    private static func open(_ name: String, in directory: Int32, _ shown: String) throws(FileError) -> Int32 {
        for _ in 0..<3 {
            let file = dd_openat(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0o666)
            guard file >= 0 else { throw FileError("cannot open the block map of \(shown)") }
            if SmallFile.isPlain(file) { return file }
            Glibc.close(file)
            guard unlinkat(directory, name, 0) == 0 || errno == ENOENT else { break }
        }
        throw FileError(.notAllowed, "what is called \(name) beside \(shown) is no file of ours, and cannot be removed")
    }

    deinit { if file >= 0 { Glibc.close(file) } }

    /// Runs `body` while nobody else reads or writes the map; waits for that. `nil` when the map was removed: open it again then.
    func locked<T>(_ body: () throws -> T) throws -> T? {
        guard dd_lock_range(file, Lock.map, 1, 1) == 0 else { throw FileError("cannot lock the block map of \(shown)") }
        defer { dd_unlock_range(file, Lock.map, 1) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw FileError("cannot look at the block map of \(shown)") }
        guard info.st_nlink > 0 else { return nil }
        return try body()
    }

    /// Takes a block for writing; `false` when another thread or process is at it. Held until `release` or the end of this object.
    func claim(_ block: Int64) -> Bool { dd_lock_range(file, Lock.firstBlock + block, 1, 0) == 0 }

    /// Gives a block back.
    func release(_ block: Int64) { dd_unlock_range(file, Lock.firstBlock + block, 1) }

    /// Takes the right to finish the file; `false` when another has it.
    func claimFinish() -> Bool { dd_lock_range(file, Lock.finish, 1, 0) == 0 }

    /// Gives that right back.
    func releaseFinish() { dd_unlock_range(file, Lock.finish, 1) }

    /// Whether another description has a block or the right to finish.
    var isInUse: Bool {
        dd_range_is_locked(file, Lock.finish, 1) != 0
            || dd_range_is_locked(file, Lock.firstBlock, Int64.max - Lock.firstBlock) != 0
    }

    /// The header; `nil` when there is none that can be understood.
    func header() -> BlockMapHeader? {
        guard let bytes = read(BlockMapHeader.byteCount, at: 0), let header = BlockMapHeader(bytes),
            !header.steps.contains(.removed)
        else { return nil }
        return header
    }

    /// Writes the header.
    func write(_ header: BlockMapHeader) throws(FileError) { try write(header.bytes, at: 0) }

    /// Begins anew with no block in. A crash on the way leaves a map without a header.
    func restart(_ header: BlockMapHeader) throws(FileError) {
        guard ftruncate(file, 0) == 0 else { throw FileError("cannot make the block map of \(shown)") }
        try resize(header)
        try write(header)
    }

    /// Gives the map the entries of the header's version, none more; those that are new are absent.
    func resize(_ header: BlockMapHeader) throws(FileError) {
        guard ftruncate(file, off_t(Self.offset(header.version.count))) == 0 else {
            throw FileError("cannot size the block map of \(shown)")
        }
    }

    /// What is known of a block.
    func entry(_ block: Int64) -> BlockEntry {
        read(BlockEntry.byteCount, at: Self.offset(block)).map { BlockEntry($0[...]) } ?? .absent
    }

    /// Changes what is known of a block, and `header.missing` with it. A crash on the way is seen by the intent in the header.
    func set(_ block: Int64, _ entry: BlockEntry, was old: BlockEntry.State, _ header: inout BlockMapHeader) throws(FileError) {
        header.intent = block
        try write(header.progress, at: BlockMapHeader.progressOffset)
        try write(entry.bytes, at: Self.offset(block))
        header.intent = nil
        header.missing += (old == .stored ? 1 : 0) - (entry.state == .stored ? 1 : 0)
        try write(header.progress, at: BlockMapHeader.progressOffset)
    }

    /// After somebody died between a block's entry and the number of missing ones: counts them. That block may be half noted; its post
    /// was not acknowledged and comes again.
    func recover(_ header: inout BlockMapHeader) throws {
        let torn = header.intent
        try review(&header) { block, entry in block == torn ? .absent : entry }
    }

    /// Calls `body` with each block that is not absent; what it returns is put in the place of the entry. Counts the missing ones anew.
    func review(_ header: inout BlockMapHeader, _ body: (Int64, BlockEntry) throws -> BlockEntry) throws {
        var stored: Int64 = 0
        // No block has this number.
        header.intent = header.version.count
        try write(header.progress, at: BlockMapHeader.progressOffset)
        try forEach(header.version.count) { block, old in
            guard old.state != .absent else { return }
            let new = try body(block, old)
            if new.state == .stored { stored += 1 }
            if new != old { try write(new.bytes, at: Self.offset(block)) }
        }
        header.intent = nil
        header.missing = header.version.count - stored
        try write(header)
    }

    /// The blocks that are not in, as ranges, lowest first.
    func missing(of version: FileVersion) throws -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        try forEach(version.count) { block, entry in
            guard entry.state != .stored else { return }
            if let last = ranges.last, last.upperBound == block - 1 {
                ranges[ranges.count - 1] = last.lowerBound...block
            } else {
                ranges.append(block...block)
            }
        }
        return ranges
    }

    private func forEach(_ count: Int64, _ body: (Int64, BlockEntry) throws -> Void) throws {
        var first: Int64 = 0
        while first < count {
            let some = Int(min(count - first, 4_096))
            guard let bytes = read(some * BlockEntry.byteCount, at: Self.offset(first)) else {
                throw FileError(.system, "the block map of \(shown) is too short")
            }
            for index in 0..<some {
                let start = index * BlockEntry.byteCount
                try body(first + Int64(index), BlockEntry(bytes[start..<start + BlockEntry.byteCount]))
            }
            first += Int64(some)
        }
    }

    /// Makes it safe on disk (`fdatasync`).
    func sync() throws(FileError) {
        guard fdatasync(file) == 0 else { throw FileError("cannot make the block map of \(shown) safe on disk") }
    }

    /// Removes the map, under its lock.
    func remove(_ header: BlockMapHeader?) throws(FileError) {
        // Over network file systems the number of names does not tell others that it is gone.
        if var header {
            header.steps.insert(.removed)
            try write(header)
        }
        unlinkat(directory, fileName, 0)
    }

    /// Leaves nothing of the map but its header.
    func shorten() { ftruncate(file, off_t(BlockMapHeader.byteCount)) }

    private static func offset(_ block: Int64) -> Int64 {
        Int64(BlockMapHeader.byteCount) + block * Int64(BlockEntry.byteCount)
    }

    private func read(_ count: Int, at offset: Int64) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { FileBytes.read(file, into: $0, at: offset) }
        return got == count ? bytes : nil
    }

    private func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
        let worked = bytes.withUnsafeBytes { FileBytes.write(file, $0, at: offset) }
        guard worked else { throw FileError("cannot write the block map of \(shown)") }
    }
}
