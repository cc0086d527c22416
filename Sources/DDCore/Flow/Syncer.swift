import CLinux
import Glibc

/// Makes what was written safe on disk, all of it together, on a thread of its own: `syncfs` may take long, and the pump does
/// not wait for it.
final class Syncer: Sendable {
    private let requests = Mailbox<UInt64>()

    /// The sync of a group has ended; `errno` is 0 when it worked.
    struct Done: Sendable {
        let group: UInt64
        let errno: Int32
    }

    /// Syncs the file system of `path`; what is done goes to `inbox`.
    init(path: String, inbox: Inbox<Done>) throws(FileError) {
        let descriptor = dd_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0)
        guard descriptor >= 0 else { throw FileError("cannot open \(path) for syncing") }
        let requests = self.requests
        Thread.start {
            while let group = requests.take() {
                let status = dd_syncfs(descriptor)
                inbox.put(Done(group: group, errno: status == 0 ? 0 : errno))
            }
            Glibc.close(descriptor)
        }
    }

    deinit { requests.close() }

    /// Asks for everything written before this call to be made safe.
    func begin(_ group: UInt64) { requests.put(group) }
}
