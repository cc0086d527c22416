import CLinux
import Glibc

/// fanotify(7) on whole file systems: one mark, no watch for each folder. Needs CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH.
final class FanotifySource: ChangeSource {
    let name = "fanotify, one mark for each file system"
    private let descriptor: Int32
    /// The watched trees: by the path that the kernel knows them by, as they are called here.
    private let roots: [(real: String, path: String)]

    private struct State {
        /// A descriptor on each marked file system, by its `dd_file_system_id`.
        var mounts: [UInt64: Int32] = [:]
        var devices: Set<UInt64> = []
    }

    private let state = Guarded(State())

    /// Paths that are kept by their handle; a folder that is moved makes all of them doubtful.
    private static let maxPaths = 50_000

    /// Throws when it is not permitted, or the kernel or a file system cannot do it. `roots` are absolute.
    init(_ roots: [String]) throws(FileError) {
        descriptor = dd_fanotify_open()
        guard descriptor >= 0 else { throw FileError("cannot use fanotify") }
        self.roots = roots.map { (Self.real($0), $0) }
        for root in roots {
            var info = stat()
            guard stat(root, &info) == 0 else { throw FileError("cannot look at \(root)") }
            try enter(root, info)
            // In some containers folders cannot be found by what the events call them.
            guard dd_can_find_by_handle(root) == 1 else { throw FileError("cannot find folders of \(root) by their handles") }
        }
    }

    deinit {
        for mount in state.withLock({ $0.mounts.values.map { $0 } }) { close(mount) }
        if descriptor >= 0 { close(descriptor) }
    }

    private static func real(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    func enter(_ path: String, _ info: stat) throws(FileError) {
        let device = UInt64(info.st_dev)
        guard state.withLock({ $0.devices.insert(device).inserted }) else { return }
        guard dd_fanotify_mark(descriptor, path) == 0 else {
            throw FileError("cannot watch the file system of \(path) with fanotify")
        }
        let mount = dd_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
        guard mount >= 0 else { throw FileError("cannot open \(path)") }
        state.withLock { $0.mounts[dd_file_system_id(path)] = mount }
    }

    func read(until end: Int32, _ told: (Change) -> Void) {
        while true {
            Readiness.wait(for: descriptor, end, seconds: nil)
            if Readiness.wait(for: end, seconds: 0) { return }
            drain(told)
        }
    }

    private func drain(_ told: (Change) -> Void) {
        let room = 256 * 1024
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 8)
        defer { buffer.deallocate() }
        var paths: [[UInt8]: String] = [:]
        while case let count = Glibc.read(descriptor, buffer.baseAddress, room), count > 0 {
            var offset = 0
            while offset < count {
                var change = dd_change()
                let length = dd_fanotify_next(buffer.baseAddress.map { $0 + offset }, count - offset, &change)
                guard length > 0 else { break }
                offset += length
                if change.lost != 0 { told(.lost) } else { tell(change, &paths, told) }
            }
        }
    }

    private func tell(_ change: dd_change, _ paths: inout [[UInt8]: String], _ told: (Change) -> Void) {
        // A folder that is moved or goes: what lies below it has another path from now on.
        if change.is_directory != 0, change.from != nil { paths = [:] }
        let former = place(change.from_fs, change.from, change.from_size, change.from_name, &paths)
        let place = place(change.to_fs, change.to, change.to_size, change.to_name, &paths)
        if let former { told(.went(folder: former.folder, name: former.name)) }
        guard let place else { return }
        if let former { told(.renamed(former: "\(former.folder)/\(former.name)", path: "\(place.folder)/\(place.name)")) }
        if change.is_directory != 0 { return told(.folderCame(folder: place.folder, name: place.name)) }
        if change.created != 0, change.closed == 0 {
            // A file that was opened to be written is told of when it is closed; links and second names never are.
            var info = stat()
            guard lstat("\(place.folder)/\(place.name)", &info) == 0, info.st_mode & S_IFMT != S_IFREG || info.st_nlink > 1 else {
                return
            }
        }
        told(.came(folder: place.folder, name: place.name))
    }

    /// Where a name is, below the watched trees; `nil`: elsewhere, gone, or not to be announced.
    private func place(
        _ fs: UInt64, _ handle: UnsafeRawPointer?, _ size: Int, _ name: UnsafePointer<CChar>?, _ paths: inout [[UInt8]: String]
    ) -> (folder: String, name: String)? {
        guard let handle, let name,
            let text = FileWalker.announceable(Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))),
            let mount = state.withLock({ $0.mounts[fs] })
        else { return nil }
        let key = Array(UnsafeRawBufferPointer(start: handle, count: size))
        if let known = paths[key] { return (known, text) }
        let found = withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer -> String? in
            guard let start = buffer.baseAddress else { return nil }
            let length = dd_path_of_handle(mount, handle, start.assumingMemoryBound(to: CChar.self), buffer.count)
            return length > 0 ? String(validating: buffer[..<Int(length)], as: UTF8.self) : nil
        }
        guard let found, let own = ownPath(of: found) else { return nil }
        if paths.count >= Self.maxPaths { paths = [:] }
        paths[key] = own
        return (own, text)
    }

    /// The path of a folder as the watched trees are called; `nil`: it lies in none of them, or was removed.
    private func ownPath(of real: String) -> String? {
        for root in roots {
            if real == root.real { return root.path }
            let upper = root.real == "/" ? "" : root.real
            guard real.utf8.starts(with: (upper + "/").utf8) else { continue }
            return (root.path == "/" ? "" : root.path) + String(Substring(real.utf8.dropFirst(upper.utf8.count)))
        }
        return nil
    }
}
