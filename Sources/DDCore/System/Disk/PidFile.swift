import CLinux
import Glibc

/// A file that says which process does a job: held under a lock by that process for as long as it lives, so that a file left behind by a
/// dead one is never taken for a living one.
///
///     1234 567890        number and start time of the holder
///     a note of its own, any lines
public final class PidFile: Sendable {
    private let lock: FileLock

    /// Makes the file when absent (0600), takes the lock and writes this process into it; `nil` when another one holds it. Throws when it
    /// cannot be written: a disk without space.
    public init?(_ path: String) throws(ProcessError) {
        guard let lock = try FileLock(path) else { return nil }
        self.lock = lock
        guard put("") else { throw ProcessError("cannot write \(path)", errno) }
    }

    /// Replaces the note; what there is no space for is left out.
    public func write(_ note: String) { _ = put(note) }

    private func put(_ note: String) -> Bool {
        let bytes = Array("\(getpid()) \(ProcessHandle.startTime(of: getpid()) ?? 0)\n\(note)".utf8)
        // The new text first, then the cut: a reader never finds the file without its first line.
        guard bytes.withUnsafeBytes({ FileBytes.write(lock.descriptor, $0, at: 0) }) else { return false }
        return ftruncate(lock.descriptor, off_t(bytes.count)) == 0
    }

    /// Who holds the file at `path`, and its note; `nil` when nobody does.
    public static func holder(of path: String) -> (process: ProcessHandle, note: String)? {
        let descriptor = dd_openat(AT_FDCWD, path, O_RDONLY, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard dd_is_locked(descriptor) == 1, let text = SmallFile.text(path) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ").compactMap { UInt64($0) }
        guard words.count == 2, let pid = Int32(exactly: words[0]), let process = ProcessHandle(pid: pid, start: words[1]) else {
            return nil
        }
        return (process, lines.count > 1 ? String(lines[1]) : "")
    }

    /// When the note at `path` was written last, in seconds since 1970; `nil` where there is none.
    public static func written(_ path: String) -> Int64? {
        var facts = stat()
        return lstat(path, &facts) == 0 ? Int64(facts.st_mtim.tv_sec) : nil
    }
}
