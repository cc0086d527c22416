import CLinux
import Glibc

/// Says when files change: inotify(7). Owned by one thread.
final class FileWatch {
    /// What happened to a file.
    enum Event: Equatable {
        /// It was written to or cut.
        case changed
        /// One who could write has closed it.
        case closed
        /// Its name, its number of names or its mode changed.
        case moved
        /// So much happened that some of it was not kept: anything may have happened to any file.
        case lost
    }

    /// Readable when there are events.
    let descriptor: Int32

    /// Throws when the user has no watch left.
    init() throws(FileError) {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else { throw FileError("cannot watch files") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Begins to watch the file at `path`; the number by which its events are told. Throws when the system cannot.
    func add(_ path: String) throws(FileError) -> Int32 {
        let events = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF
        let number = inotify_add_watch(descriptor, path, UInt32(events))
        guard number >= 0 else { throw FileError("cannot watch \(path)") }
        return number
    }

    /// Ends watching.
    func remove(_ number: Int32) { inotify_rm_watch(descriptor, number) }

    /// The events since the last call, oldest first; does not wait. The number is -1 for `lost`.
    func events() -> [(number: Int32, event: Event)] {
        var events: [(number: Int32, event: Event)] = []
        let room = 16 * 1024
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: MemoryLayout<inotify_event>.alignment)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, room)
            guard count > 0 else { return events }
            var offset = 0
            while offset + MemoryLayout<inotify_event>.size <= count {
                let event = buffer.load(fromByteOffset: offset, as: inotify_event.self)
                offset += MemoryLayout<inotify_event>.size + Int(event.len)
                if let kind = Self.kind(Int32(bitPattern: event.mask)) { events.append((event.wd, kind)) }
            }
        }
    }

    private static func kind(_ mask: Int32) -> Event? {
        if mask & IN_Q_OVERFLOW != 0 { return .lost }
        if mask & IN_CLOSE_WRITE != 0 { return .closed }
        if mask & IN_MODIFY != 0 { return .changed }
        return mask & (IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) != 0 ? .moved : nil
    }

    /// Whether all changes of the file at `path` can be seen from here: not on file systems that others write to from their machines.
    static func sees(_ path: String) -> Bool { !remote.contains(dd_file_system(path)) }

    /// NFS, SMB, SMB2, CIFS, 9P, AFS, Coda, Ceph, Lustre, GPFS, GFS2, OCFS2, FUSE.
    private static let remote: Set<Int64> = [
        0x6969, 0x517B, 0xFE53_4D42, 0xFF53_4D42, 0x0102_1997, 0x5346_414F, 0x7375_7245, 0x00C3_6400, 0x0BD0_0BD0, 0x4750_4653,
        0x0116_1970, 0x7461_636F, 0x6573_5546,
    ]
}

/// Whether somebody may still write to a file.
enum Writers {
    /// `true`: somebody has the open file open for writing. `nil`: the system does not tell.
    static func write(to file: Int32) -> Bool? {
        // The system's word to whoever holds such a lease and is in the way of another; its default is to end the process.
        signal(SIGIO, SIG_IGN)
        let answer = dd_has_writer(file)
        return answer < 0 ? nil : answer == 1
    }
}
