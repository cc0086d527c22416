import CLinux
import Glibc

/// A file in which the processes of this machine that store below one document root count together: what each source has there, and what is
/// on its way for it. It lasts as long as one of them does: what is on disk is then measured again.
///
///     64 bytes | record | record ...      a record for each source, at the place that its key gives, or the next free one
///
/// One thread at a time calls this; other processes are kept out by locks on ranges (`F_OFD_SETLKW`).
final class SharedUsage: Sendable {
    /// What is counted of one source.
    struct Record {
        /// Whether it has been measured.
        var isKnown = false
        /// What a measurement found, less what had changed when it began.
        var measured = DailyTrees.Usage()
        /// The sum of all changes.
        var changed = DailyTrees.Usage()
        /// Posts that wait on the broker for another try.
        var waiting: Int64 = 0
        /// What is on its way, of each process.
        var coming = [DailyTrees.Usage](repeating: DailyTrees.Usage(), count: SharedUsage.processes)

        /// What the source has.
        var stored: DailyTrees.Usage { (measured + changed).atLeastNothing }
        /// What it has, and what is on its way for it. A post that waits counts like a file.
        var total: DailyTrees.Usage { coming.reduce(stored) { $0 + $1 } + DailyTrees.Usage(files: waiting) }
    }

    /// So many processes may count at once.
    static let processes = 64
    private static let records = 16_384
    private static let recordLength = 2_048
    private static let firstProcess: Int64 = 1 << 60
    private static let keyLength = 16

    private let file: Int32
    /// Which of the processes this one is.
    let process: Int

    /// Opens the file at `path`, made when absent (0600); `nil`: one that nobody else has. The first process empties it.
    init(_ path: String?) throws(ProcessError) {
        let opened =
            if let path { dd_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600) } else { dd_memory_file() }
        let shown = path ?? "a file in memory"
        guard opened >= 0 else { throw ProcessError("cannot open \(shown)", errno) }
        do throws(ProcessError) { process = try Self.join(opened, shown) } catch {
            close(opened)
            throw error
        }
        file = opened
    }

    /// Empties the file when nobody has it, and takes a free number for this process.
    private static func join(_ file: Int32, _ shown: String) throws(ProcessError) -> Int {
        guard dd_lock_range(file, 0, 1, 1) == 0 else { throw ProcessError("cannot lock \(shown)", errno) }
        defer { dd_unlock_range(file, 0, 1) }
        if dd_range_is_locked(file, firstProcess, Int64(processes)) == 0, ftruncate(file, 0) != 0 {
            throw ProcessError("cannot empty \(shown)", errno)
        }
        guard let free = (0..<processes).first(where: { dd_lock_range(file, firstProcess + Int64($0), 1, 0) == 0 }) else {
            throw ProcessError("cannot count in \(shown) what sources have on disk: \(processes) others do", EBUSY)
        }
        return free
    }

    deinit { close(file) }

    /// Where the record of a source is; `nil` when the file cannot be read or written, or has no room left.
    func place(of source: String) -> Int? {
        guard let digest = try? Digest(.xxh128) else { return nil }
        Array(source.utf8).withUnsafeBytes { digest.update($0) }
        // All zero is a record that nobody has.
        var key = digest.finish()
        key[0] |= 1
        guard dd_lock_range(file, 0, 1, 1) == 0 else { return nil }
        defer { dd_unlock_range(file, 0, 1) }
        let first = (Int(key[1]) | Int(key[2]) << 8) % Self.records
        for step in 0..<Self.records {
            let place = (first + step) % Self.records
            var found = [UInt8](repeating: 0, count: Self.keyLength)
            let count = found.withUnsafeMutableBytes { FileBytes.read(file, into: $0, at: Self.offset(place)) }
            guard count >= 0 else { return nil }
            if found == key { return place }
            guard found.allSatisfy({ $0 == 0 }) else { continue }
            return key.withUnsafeBytes { FileBytes.write(file, $0, at: Self.offset(place)) } ? place : nil
        }
        return nil
    }

    /// Reads a record, lets `body` change it, writes it. `nil` when the file cannot be read or written; then nothing is changed.
    func update<T>(_ place: Int, _ body: (inout Record) -> T) -> T? {
        let start = Self.offset(place)
        guard dd_lock_range(file, start, 1, 1) == 0 else { return nil }
        defer { dd_unlock_range(file, start, 1) }
        var numbers = [Int64](repeating: 0, count: 6 + 2 * Self.processes)
        let offset = start + Int64(Self.keyLength)
        // What lies behind the end of the file is zero.
        guard numbers.withUnsafeMutableBytes({ FileBytes.read(file, into: $0, at: offset) }) >= 0 else { return nil }
        var record = Record(numbers)
        let result = body(&record)
        let changed = record.numbers
        guard changed != numbers else { return result }
        return changed.withUnsafeBytes { FileBytes.write(file, $0, at: offset) } ? result : nil
    }

    /// Forgets what was on its way for processes that have ended. The system knows which.
    func dropDead(_ record: inout Record) {
        for other in 0..<Self.processes where other != process && record.coming[other] != DailyTrees.Usage() {
            if dd_range_is_locked(file, Self.firstProcess + Int64(other), 1) == 0 { record.coming[other] = DailyTrees.Usage() }
        }
    }

    private static func offset(_ place: Int) -> Int64 { 64 + Int64(place) * Int64(recordLength) }
}

extension SharedUsage.Record {
    fileprivate init(_ numbers: [Int64]) {
        isKnown = numbers[0] != 0
        measured = DailyTrees.Usage(bytes: numbers[1], files: numbers[2])
        changed = DailyTrees.Usage(bytes: numbers[3], files: numbers[4])
        waiting = max(0, numbers[5])
        coming = (0..<SharedUsage.processes).map { DailyTrees.Usage(bytes: numbers[6 + 2 * $0], files: numbers[7 + 2 * $0]) }
    }

    fileprivate var numbers: [Int64] {
        [isKnown ? 1 : 0, measured.bytes, measured.files, changed.bytes, changed.files, waiting]
            + coming.flatMap { [$0.bytes, $0.files] }
    }
}
