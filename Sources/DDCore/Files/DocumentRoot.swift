import CLinux
import Glibc

/// The directory below which everything is placed. Nothing that a message says leads out of it: parents are opened name by name
/// and a symbolic link among them is refused.
///
/// One per thread: it keeps the directories used last open.
public final class DocumentRoot {
    /// Its path as given.
    public let path: String
    private let root: Int32
    private let device: UInt64
    /// A directory that is kept open, and what it is known by.
    private struct Kept {
        let descriptor: Int32
        let state: FileState
    }

    /// By the bytes of their paths: to Swift, strings in different normal forms are the same, to the system they are two names.
    private var open: [[UInt8]: Kept] = [:]
    private let maxOpen = 64
    /// Directories below it that were made here.
    private(set) var made: Int64 = 0

    /// Opens the root, which is made (with its parents) when it is missing.
    public init(_ path: String) throws(FileError) {
        self.path = path
        try DocumentRoot.makeDirectories(path)
        let root = dd_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
        guard root >= 0 else { throw FileError("cannot open the document root \(path)") }
        do { device = try FileState(of: root, at: path).device } catch {
            Glibc.close(root)
            throw error
        }
        self.root = root
    }

    deinit {
        forget()
        Glibc.close(root)
    }

    /// The file system's descriptor, for `syncfs`.
    public var descriptor: Int32 { root }

    /// Opens the directory that holds `place`, making it when `make` is set, and runs `body` with its descriptor, which is
    /// borrowed. When something is missing (a directory kept open was removed in this very moment) all are looked up afresh, once.
    func inDirectory<T>(of place: Place, make: Bool, _ body: (Int32) throws(FileError) -> T) throws(FileError) -> T {
        do {
            return try body(try directory(place.directories, make: make))
        } catch  where error.code == .missing && !open.isEmpty {
            forget()
            return try body(try directory(place.directories, make: make))
        }
    }

    /// The directory whose file system has to be synced for what was just done at `place`: this one, but where another file system is
    /// mounted below it that of the place.
    func syncPath(of place: Place) -> String {
        guard let kept = open[Array(place.directory.utf8)], kept.state.device != device else { return path }
        return "\(path)/\(place.directory)"
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
                } else if errno != EEXIST {
                    throw FileError("cannot make directory \(path)/\(step)")
                }
                next = dd_openat(current, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
            }
            guard next >= 0 else { throw FileError("cannot enter directory \(path)/\(step)") }
            do { open[key] = Kept(descriptor: next, state: try FileState(of: next, at: "\(path)/\(step)")) } catch {
                Glibc.close(next)
                throw error
            }
            current = next
        }
        return current
    }

    /// Whether a directory that was kept open is still the one at its path: somebody may have moved it away and made another.
    private func stands(_ kept: Kept, _ relpath: String) -> Bool {
        var info = stat()
        return fstatat(root, relpath, &info, AT_SYMLINK_NOFOLLOW) == 0 && FileState(info).isOf(kept.state)
    }

    private func forget() {
        for kept in open.values { Glibc.close(kept.descriptor) }
        open.removeAll(keepingCapacity: true)
    }

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
