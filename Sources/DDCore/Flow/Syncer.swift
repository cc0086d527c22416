import CLinux
import Glibc

/// Makes what was written safe on disk, all of it together, on a thread of its own: `syncfs` may take long, and the pump does
/// not wait for it.
final class Syncer: Sendable {
    private struct Request: Sendable {
        let group: UInt64
        let roots: Set<String>
    }

    /// The sync of a group has ended; `errno` is 0 when it worked, else `root` is what could not be synced.
    struct Done: Sendable {
        let group: UInt64
        let errno: Int32
        let root: String
    }

    private let requests = Mailbox<Request>()

    /// What is done goes to `inbox`.
    init(inbox: Inbox<Done>) {
        let requests = self.requests
        Thread.start {
            while let request = requests.take() {
                inbox.put(Self.sync(request))
            }
        }
    }

    deinit { requests.close() }

    /// Asks for everything written below `roots` before this call to be made safe.
    func begin(_ group: UInt64, roots: Set<String>) { requests.put(Request(group: group, roots: roots)) }

    /// Makes everything written below `roots` safe, on this thread; what went wrong, or `nil`.
    static func failure(below roots: Set<String>) -> String? {
        let done = sync(Request(group: 0, roots: roots))
        return done.errno == 0 ? nil : String(cString: strerror(done.errno))
    }

    /// Each file system once, however many roots are on it.
    private static func sync(_ request: Request) -> Done {
        var devices: Set<dev_t> = []
        for root in request.roots {
            let descriptor = dd_openat(AT_FDCWD, root, O_RDONLY | O_DIRECTORY, 0)
            guard descriptor >= 0 else { return Done(group: request.group, errno: errno, root: root) }
            defer { close(descriptor) }
            var info = stat()
            guard fstat(descriptor, &info) == 0 else { return Done(group: request.group, errno: errno, root: root) }
            guard devices.insert(info.st_dev).inserted else { continue }
            guard dd_syncfs(descriptor) == 0 else { return Done(group: request.group, errno: errno, root: root) }
        }
        return Done(group: request.group, errno: 0, root: "")
    }
}
