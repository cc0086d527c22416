import Glibc

/// The directories that this process has put files below, by their paths: one that is away for a moment is not made anew by whichever thread
/// comes first, and nothing is put below what a file system leaves that is not mounted any more (see `RootPath`).
///
/// One for the process, because its threads open the same directories each for itself.
public final class KnownRoots: Sendable {
    /// Seconds for which a directory that was moved away may come back before others take its place.
    static let absence = 5.0

    /// That one.
    public static let shared = KnownRoots()

    private struct Known {
        var path: RootPath
        /// As a thread has it open.
        weak var held: HeldDirectory?
        /// When it was first seen to be absent, on `Monotonic`.
        var absent: Double?
        /// When it was last asked for, on `Monotonic`.
        var asked: Double
    }

    private let known = Guarded<[String: Known]>([:])
    /// A path with a date in it is another one every day or hour.
    private static let limit = 256

    /// Sees to it that files may be put below `path`: makes the directory (with its parents) when this process has not known it, or it was
    /// removed, or it has been absent for `absence` seconds. Throws while nothing may be written there.
    public func prepare(_ path: String) throws(FileError) {
        let now = Monotonic.now()
        guard let before = known.withLock({ $0[path] }) else {
            try DocumentRoot.makeDirectories(path)
            let found = try RootPath(path)
            return known.withLock { known in
                if known.count >= Self.limit, let oldest = known.min(by: { $0.value.asked < $1.value.asked })?.key {
                    known[oldest] = nil
                }
                known[path] = Known(path: found, asked: now)
            }
        }
        // No lock is held while a disk is asked, which may be slow.
        var info = stat()
        let number = stat(path, &info) == 0 ? 0 : errno
        if number != 0, !(before.held.map { $0.standing == .removed } ?? false) {
            let since = before.absent ?? now
            known.withLock { if $0[path]?.absent == nil { $0[path]?.absent = since } }
            // It may be on its way back: one that was made in its place would be in the way.
            guard now - since >= Self.absence else {
                throw FileError("cannot find the directory \(path), which was open", errno: number)
            }
        }
        try before.path.prepare()
        let found = before.path.device == UInt64(info.st_dev) && number == 0 ? before.path : try RootPath(path)
        known.withLock {
            $0[path]?.absent = nil
            $0[path]?.asked = now
            $0[path]?.path = found
        }
    }

    /// A thread has seen it where it is looked for: it is absent no more.
    func isHere(_ path: String) { known.withLock { $0[path]?.absent = nil } }

    /// A thread has opened it.
    func opened(_ held: HeldDirectory) { known.withLock { $0[held.path]?.held = held } }
}
