import Glibc

/// inotify(7): a watch for each folder. A folder that is made is watched first and then looked through, so that nothing is missed in between.
final class InotifySource: ChangeSource {
    let name = "inotify, a watch for each folder"
    private let descriptor: Int32

    /// A watched folder. A chain of names, so that a folder that is renamed takes those in it along.
    private struct Node {
        var upper: Int32
        var name: String
    }

    private struct State {
        var nodes: [Int32: Node] = [:]
        var numbers: [String: Int32] = [:]
    }

    private let state = Guarded(State())

    init() throws(FileError) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw FileError("cannot watch folders") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func enter(_ path: String, _ info: stat) throws(FileError) {
        let events =
            UInt32(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW)
            | 0x0400_0000
        let number = inotify_add_watch(descriptor, path, events)
        guard number >= 0 else { throw errno == ENOSPC ? FileError.noWatchLeft : FileError("cannot watch \(path)") }
        let (folder, name) = Self.split(path)
        state.withLock { state in
            let upper = state.numbers[folder]
            // A root has its whole path as its name. Only folders that hold others are kept by their path.
            state.nodes[number] = upper.map { Node(upper: $0, name: name) } ?? Node(upper: -1, name: path)
            state.numbers[path] = number
            // Paths of folders that were moved stay behind.
            if state.numbers.count > 2 * state.nodes.count + 1_000 {
                state.numbers = state.numbers.filter { Self.path(state, $0.value) == $0.key }
            }
        }
    }

    /// What is known by path is wrong once a folder was moved; the chains of names stay right.
    private static func path(_ state: State, _ number: Int32) -> String? {
        var names: [String] = []
        var number = number
        while number >= 0 {
            guard let node = state.nodes[number], names.count < 4096 else { return nil }
            names.append(node.name)
            number = node.upper
        }
        return names.reversed().joined(separator: "/")
    }

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
        return (String(path[..<slash]), String(path[path.utf8.index(after: slash)...]))
    }

    func read(until end: Int32, _ told: (Change) -> Void) {
        let room = 256 * 1024
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: MemoryLayout<inotify_event>.alignment)
        defer { buffer.deallocate() }
        var moved: (cookie: UInt32, path: String)?
        while true {
            Readiness.wait(for: descriptor, end, seconds: nil)
            if Readiness.wait(for: end, seconds: 0) { return }
            let count = Glibc.read(descriptor, buffer.baseAddress, room)
            guard count > 0 else { continue }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.load(fromByteOffset: offset, as: inotify_event.self)
                let start = offset + MemoryLayout<inotify_event>.size
                offset = start + Int(event.len)
                let mask = Int32(bitPattern: event.mask)
                if mask & Int32(IN_Q_OVERFLOW) != 0 { told(.lost) }
                if mask & Int32(IN_IGNORED) != 0 {
                    forget(event.wd)
                    continue
                }
                // A name that cannot be announced is said when its folder is looked through.
                guard event.len > 0, let folder = state.withLock({ Self.path($0, event.wd) }),
                    let name = FileWalker.announceable(Array(buffer[start..<offset].prefix { $0 != 0 }))
                else { continue }
                tell(mask, event.cookie, folder, name, &moved, told)
            }
        }
    }

    private func tell(
        _ mask: Int32, _ cookie: UInt32, _ folder: String, _ name: String, _ moved: inout (cookie: UInt32, path: String)?,
        _ told: (Change) -> Void
    ) {
        let isFolder = mask & Int32(IN_ISDIR) != 0
        let path = "\(folder)/\(name)"
        if mask & Int32(IN_MOVED_FROM) != 0 {
            moved = (cookie, path)
            // Those below would be told of by their old path: they are watched anew when the folder is found at its new one.
            if isFolder { state.withLock { $0.numbers = $0.numbers.filter { $0.key != path } } }
            return told(.went(folder: folder, name: name))
        }
        if mask & Int32(IN_MOVED_TO) != 0 {
            if let former = moved, former.cookie == cookie { told(.renamed(former: former.path, path: path)) }
            moved = nil
            return told(isFolder ? .folderCame(folder: folder, name: name) : .came(folder: folder, name: name))
        }
        if mask & Int32(IN_DELETE) != 0 { return told(.went(folder: folder, name: name)) }
        if mask & Int32(IN_CREATE) != 0 {
            if isFolder { return told(.folderCame(folder: folder, name: name)) }
            // A file that was opened to be written is told of when it is closed; links and second names never are.
            var info = stat()
            guard lstat(path, &info) == 0, info.st_mode & S_IFMT != S_IFREG || info.st_nlink > 1 else { return }
        }
        told(.came(folder: folder, name: name))
    }

    private func forget(_ number: Int32) {
        state.withLock { state in
            guard let path = Self.path(state, number) else { return state.nodes[number] = nil }
            if state.numbers[path] == number { state.numbers[path] = nil }
            state.nodes[number] = nil
        }
    }
}
