import CLinux
import Glibc

/// The directory below which everything is placed. Nothing that a message says leads out of it: parents are opened name by name
/// and a symbolic link among them is refused.
///
/// One per thread: it keeps the directories used last open.
public final class DocumentRoot {
    /// Its path as given.
    public let path: String
    /// The root itself.
    let held: HeldDirectory
    private var root: Int32 { held.descriptor }
    /// By the bytes of their paths: to Swift, strings in different normal forms are the same, to the system they are two names.
    private var open: [[UInt8]: HeldDirectory] = [:]
    private let maxOpen: Int
    /// Directories below it that were made here.
    private(set) var made: Int64 = 0
    /// Those that were made since `beginWork`, by their paths below it.
    private var madeNow: [String] = []

    /// Opens the root, which is made (with its parents) when it is missing, but for one that this process knows and that is away for a
    /// moment (see `KnownRoots`). At most `keeping` directories below it are kept open.
    public init(_ path: String, keeping: Int = 64) throws(FileError) {
        self.path = path
        maxOpen = max(1, keeping)
        try KnownRoots.shared.prepare(path)
        held = try HeldDirectory(at: path)
        KnownRoots.shared.opened(held)
    }

    /// Opens the directory that holds `place`, making it when `make` is set, and runs `body` with its descriptor, which is
    /// borrowed. When something is missing (a directory kept open was removed in this very moment), or the process has no descriptor
    /// left, all are looked up afresh, once.
    func inDirectory<T>(of place: Place, make: Bool, _ body: (Int32) throws(FileError) -> T) throws(FileError) -> T {
        do {
            return try body(try directory(place.directories, make: make))
        } catch  where !open.isEmpty && (error.code == .missing || error.errno == EMFILE || error.errno == ENFILE) {
            forget()
            return try body(try directory(place.directories, make: make))
        }
    }

    /// The directory whose file system has to be synced for what was just done at `place`: this one, but where another file system is
    /// mounted below it that of the place.
    func written(at place: Place) -> HeldDirectory {
        guard !place.directories.isEmpty, let kept = open[Array(place.directory.utf8)], kept.state.device != held.state.device
        else { return held }
        return kept
    }

    /// Makes a directory and those above it; one that is there is no error.
    func makeDirectory(_ place: Place) throws(FileError) {
        forget()
        _ = try directory(place.directories + [place.name], make: true)
    }

    private func directory(_ names: [String], make: Bool) throws(FileError) -> Int32 {
        if names.isEmpty { return root }
        let whole = names.joined(separator: "/")
        if let known = open[Array(whole.utf8)], stands(known, whole) { return known.descriptor }
        if open.count >= maxOpen { forget() }
        var current = root
        var step = ""
        for name in names {
            step += (step.isEmpty ? "" : "/") + name
            let key = Array(step.utf8)
            if let known = open[key] {
                guard stands(known, step) else {
                    forget()
                    return try directory(names, make: make)
                }
                current = known.descriptor
                continue
            }
            var next = dd_openat(current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
            if next < 0 && errno == ENOENT && make {
                if mkdirat(current, name, 0o777) == 0 {
                    made += 1
                    madeNow.append(step)
                } else if errno != EEXIST {
                    throw FileError("cannot make directory \(path)/\(step)")
                }
                next = dd_openat(current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
            }
            guard next >= 0 else { throw FileError("cannot enter directory \(path)/\(step)") }
            open[key] = try HeldDirectory(next, path: "\(path)/\(step)")
            current = next
        }
        return current
    }

    /// What is made from now on is made for one piece of work.
    func beginWork() { madeNow = [] }

    /// The work at `place` has failed: removes the directories on the way to it that were made for it, or for other work that failed while this
    /// one was under way; but those in which something is.
    func removeMade(for place: Place) {
        for count in stride(from: place.directories.count, to: 0, by: -1) {
            let step = place.directories.prefix(count).joined(separator: "/")
            let (whole, key) = (Array("\(path)/\(step)".utf8), Array(step.utf8))
            guard madeNow.contains(step) || Self.doubtful.withLock({ $0.contains(whole) }) else { continue }
            let upper = count == 1 ? held : open[Array(place.directories.prefix(count - 1).joined(separator: "/").utf8)]
            guard let upper else { continue }
            if unlinkat(upper.descriptor, place.directories[count - 1], AT_REMOVEDIR) == 0 {
                open[key] = nil
                made -= 1
                Self.doubtful.withLock { _ = $0.remove(whole) }
            } else if errno == ENOTEMPTY {
                Self.doubtful.withLock { if $0.count < Self.maxDoubtful { $0.insert(whole) } }
            }
        }
        madeNow = []
    }

    /// Something stays at `place`: the directories on the way to it stay as well.
    func keepMade(for place: Place) {
        guard Self.doubtful.withLock({ !$0.isEmpty }) else { return }
        for count in 1..<place.directories.count + 1 {
            let step = place.directories.prefix(count).joined(separator: "/")
            Self.doubtful.withLock { _ = $0.remove(Array("\(path)/\(step)".utf8)) }
        }
    }

    /// Directories that were made for what failed, when something else was on its way into them. Of all workers.
    private static let doubtful = Guarded<Set<[UInt8]>>([])
    private static let maxDoubtful = 10_000

    /// Whether a directory that was kept open is still the one at its path: somebody may have moved it away and made another.
    private func stands(_ kept: HeldDirectory, _ relpath: String) -> Bool {
        var info = stat()
        return fstatat(root, relpath, &info, AT_SYMLINK_NOFOLLOW) == 0 && FileState(info).isOf(kept.state)
    }

    private func forget() { open.removeAll(keepingCapacity: true) }

    /// `mkdir -p`.
    public static func makeDirectories(_ path: String) throws(FileError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for word in path.split(separator: "/") {
            made += word
            if mkdir(made, 0o777) != 0 && errno != EEXIST { throw FileError("cannot make directory \(made)") }
            made += "/"
        }
    }
}
