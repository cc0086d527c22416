import Glibc

/// Which copy of a post, announced by several brokers, is worked on: the first that comes. The others are passed over when that one is done, and
/// wait for it until then; when it fails, the next takes its place.
///
/// The copies of one announcement are told by their number: the third announcement of the same content under the same name at one broker is a
/// copy of the third at the other. So a file that is announced again after it was changed back is fetched again, whichever broker says so first.
public final class FirstCopies: Sendable {
    /// Brokers that can be told apart: their counts share the 64 bits of a `SeenTable.Entry`.
    static let maxBrokers = SubscribeOptions.maxBrokers
    /// Announcements that are remembered, and for how long, in seconds.
    static let (capacity, window) = (200_000, Int64(86_400))

    private struct State {
        let table: SeenTable
        var inHand: Set<SeenTable.Key> = []
        /// The directory that was last written below each root: what a copy finds done may not be safe on the disk yet.
        var written: [String: HeldDirectory] = [:]
    }

    private let state: Guarded<State>

    /// Remembers in the file at `path`; `nil`: for as long as it lives. Throws what the system says.
    public init(_ path: String?) throws(ProcessError) {
        if let path { try SmallFile.makeFolder(holding: path, mode: 0o700) }
        state = Guarded(State(table: try SeenTable(path, capacity: Self.capacity, window: Self.window)))
    }

    /// What is to be done with a copy.
    public enum Verdict {
        /// It is the first: to be worked on. `end` is to be called.
        case first
        /// Another one is done; what is below the directory may still have to be synced.
        case done(HeldDirectory?)
    }

    /// Takes up a post from the broker with this number, once no other copy is in hand. `isRepeated`: it was taken up before, and did not come to
    /// an end, or nobody knows.
    public func begin(_ post: Post, root: String, from broker: Int, isRepeated: Bool) throws -> Verdict {
        let key = try SeenTable.Key(Winnow.kind(of: post, post.location.relpath))
        return state.wait { state in
            guard !state.inHand.contains(key) else { return nil }
            let now = Timestamp.now().seconds
            var counts = Counts(state.table.find(key, now: now)?.time ?? 0)
            guard counts.isCopy(from: broker, isRepeated: isRepeated) else {
                state.inHand.insert(key)
                return .first
            }
            if !isRepeated { counts.add(broker) }
            state.table.put(key, SeenTable.Entry(time: counts.bits, mark: 0), now: now)
            return .done(state.written[root])
        }
    }

    /// The copy that was begun has come to an end. `isDone`: the others are passed over.
    public func end(_ post: Post, root: String, from broker: Int, isRepeated: Bool, isDone: Bool, written: HeldDirectory? = nil)
        throws
    {
        let key = try SeenTable.Key(Winnow.kind(of: post, post.location.relpath))
        state.withLock { state in
            state.inHand.remove(key)
            if let written { state.written[root] = written }
            guard isDone else { return }
            let now = Timestamp.now().seconds
            var counts = Counts(state.table.find(key, now: now)?.time ?? 0)
            if !isRepeated || counts[broker] == 0 { counts.add(broker) }
            state.table.put(key, SeenTable.Entry(time: counts.bits, mark: 0), now: now)
        }
        state.wakeAll()
    }

    /// Whether a post is the first copy; nothing more is done about it.
    public func isFirst(_ post: Post, from broker: Int) throws -> Bool {
        guard case .first = try begin(post, root: "", from: broker, isRepeated: false) else { return false }
        try end(post, root: "", from: broker, isRepeated: false, isDone: true)
        return true
    }

    /// How often each broker has announced one thing.
    struct Counts {
        private(set) var bits: Int64

        init(_ bits: Int64) { self.bits = bits }

        subscript(broker: Int) -> Int { Int(UInt64(bitPattern: bits) >> UInt64(broker * 16) & 0xffff) }

        private var most: Int { (0..<FirstCopies.maxBrokers).map { self[$0] }.max() ?? 0 }

        /// Whether another broker has announced as much before.
        func isCopy(from broker: Int, isRepeated: Bool) -> Bool {
            let number = self[broker] + (isRepeated && self[broker] > 0 ? 0 : 1)
            return (0..<FirstCopies.maxBrokers).contains { $0 != broker && self[$0] >= number }
        }

        /// One more from `broker`. Where the number ends, all begin anew.
        mutating func add(_ broker: Int) {
            guard most < 0xffff else {
                bits = 0
                return
            }
            bits = Int64(bitPattern: UInt64(bitPattern: bits) + 1 << UInt64(broker * 16))
        }
    }
}
