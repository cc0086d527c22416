import CLinux
import Glibc

/// Makes what was written safe on disk, all of it together, on a thread of its own: `syncfs` may take long, and the pump does
/// not wait for it.
final class Syncer: Sendable {
    private struct Request: Sendable {
        let group: UInt64
        let roots: Set<HeldDirectory>
    }

    /// The sync of a group has ended. What was written below the directories that are not named here is safe.
    struct Done: Sendable {
        let group: UInt64
        /// Below these nothing of the group may be relied on, and why: it has to be brought again.
        var lost: [HeldDirectory: String] = [:]
        /// The devices (`st_dev`) whose sync failed: the system has told of it, and does not tell it again to whoever syncs next.
        var failed: Set<UInt64> = []
        /// Of these it is not known yet, and why: they are to be synced once more.
        var unknown: [HeldDirectory: String] = [:]
    }

    private let requests = Mailbox<Request>()

    /// What is done goes to `inbox`. Throws when the system has no thread left.
    init(inbox: Inbox<Done>) throws(ProcessError) {
        let requests = self.requests
        try Thread.start(for: "syncs") {
            var absent: [HeldDirectory: Double] = [:]
            while let request = requests.take() {
                inbox.put(Self.sync(request, &absent))
                absent = absent.filter { request.roots.contains($0.key) }
            }
        }
    }

    deinit { requests.close() }

    /// Asks for everything written below `roots` before this call to be made safe.
    func begin(_ group: UInt64, roots: Set<HeldDirectory>) { requests.put(Request(group: group, roots: roots)) }

    /// Makes everything written below `roots` safe, on this thread; what went wrong, one line for each.
    static func failures(below roots: Set<HeldDirectory>) -> [String] {
        var absent: [HeldDirectory: Double] = [:]
        let done = sync(Request(group: 0, roots: roots), &absent)
        return Set(done.lost.values).union(done.unknown.values).sorted()
    }

    /// Each file system once, however many roots are on it: through the directory that was opened first, and so before anything of the
    /// group was written. A descriptor opened later need not be told of a write that had failed before.
    private static func sync(_ request: Request, _ absent: inout [HeldDirectory: Double]) -> Done {
        var done = Done(group: request.group)
        var devices: [UInt64: Int32] = [:]
        for root in request.roots.sorted(by: { $0.number < $1.number }) {
            let failure = devices[root.state.device] ?? (dd_syncfs(root.descriptor) == 0 ? 0 : errno)
            devices[root.state.device] = failure
            if failure != 0 {
                done.failed.insert(root.state.device)
                done.lost[root] = FileError("cannot make files below \(root.path) safe on disk", errno: failure).description
                continue
            }
            // Only now: what came to the disk must also be where it is looked for.
            switch root.standing {
            case .here, .removed: absent[root] = nil
            case .elsewhere:
                done.lost[root] = "\(root.path) is another directory now than the one that files were written to"
            case .nowhere(let number):
                let why = FileError("cannot find \(root.path), which files were written to", errno: number).description
                let since = absent[root] ?? Monotonic.now()
                absent[root] = since
                // Anything but its absence says nothing about where the files are.
                if number == ENOENT, Monotonic.now() - since >= KnownRoots.absence {
                    done.lost[root] = why
                } else {
                    done.unknown[root] = why
                }
            }
        }
        return done
    }
}
