import DDCore
import Glibc

/// Puts files below a folder of this machine, or of a file system that is mounted here.
final class FileSender: Sender {
    private let root: String

    init(_ destination: String) {
        let path = Location(base: destination, relpath: "").url.drop { $0 != ":" }.dropFirst()
        let absolute = path.hasPrefix("//") ? path.dropFirst(2).drop { $0 != "/" } : path
        root = String(absolute.hasSuffix("/") ? absolute.dropLast() : absolute)
    }

    private func path(_ place: Place) -> String { "\(root)/\(place.relpath)" }

    private func folder(_ place: Place) throws {
        do throws(FileError) {
            try KnownRoots.shared.prepare(root)
            try DocumentRoot.makeDirectories(([root] + place.directories).joined(separator: "/"))
        } catch {
            throw TransferError(.temporary, error.description)
        }
    }

    func send(_ file: OutgoingFile) throws -> Bool {
        try folder(file.place)
        let lock = ([root] + file.place.directories + [file.lockName]).joined(separator: "/")
        let from = open(file.path, O_RDONLY | O_CLOEXEC)
        guard from >= 0 else { throw fault("cannot open \(file.path)") }
        defer { close(from) }
        let to = open(lock, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard to >= 0 else { throw fault("cannot make \(lock)") }
        defer { close(to) }
        do {
            try copy(from, to, lock)
            if let mode = file.mode, fchmod(to, mode_t(mode)) != 0 { throw fault("cannot set the mode of \(lock)") }
            if let time = file.modified {
                let spec = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
                let times = [spec, spec]
                _ = futimens(to, times)
            }
            // The post is acknowledged when this returns.
            guard fsync(to) == 0 else { throw fault("cannot make \(lock) safe on disk") }
            guard rename(lock, path(file.place)) == 0 else { throw fault("cannot rename \(lock)") }
        } catch {
            unlink(lock)
            throw error
        }
        return false
    }

    private func copy(_ from: Int32, _ to: Int32, _ shown: String) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(from, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            guard count > 0 else { throw fault("cannot read what is to be \(shown)") }
            var done = 0
            while done < count {
                let written = write(to, buffer.baseAddress.map { $0 + done }, count - done)
                guard written > 0 else { throw fault("cannot write \(shown)") }
                done += written
            }
        }
    }

    func remove(_ place: Place, isFolder: Bool) throws {
        guard (isFolder ? rmdir(path(place)) : unlink(path(place))) != 0, errno != ENOENT, errno != ENOTDIR else { return }
        throw fault("cannot remove \(path(place))")
    }

    func makeFolder(_ place: Place) throws {
        try folder(place)
        guard mkdir(path(place), 0o777) != 0, errno != EEXIST else { return }
        throw fault("cannot make \(path(place))")
    }

    func link(_ place: Place, to target: String) throws {
        try folder(place)
        unlink(path(place))
        guard symlink(target, path(place)) == 0 else { throw fault("cannot make the link \(path(place))") }
    }

    private func fault(_ attempt: String) -> TransferError {
        TransferError(.temporary, "\(attempt): \(String(cString: strerror(errno)))")
    }
}
