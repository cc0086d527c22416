import HeapModule

/// What may have changed in a watched tree, until somebody looks: put in by the thread that reads events, taken out when it is time. Bounded: of what
/// does not fit only that it was too much is kept, and everything is looked at.
final class DirtyPaths: Sendable {
    /// What is to be looked at.
    enum Item: Hashable, Sendable {
        /// A name in a folder, by the folder's path.
        case name(folder: String, name: String)
        /// A folder with all below it. `isFresh`: it has just appeared, and what is in it may still be written.
        case tree(String, isFresh: Bool)
        /// Everything: events were lost, or it is time.
        case all
    }

    private struct Due: Comparable {
        let at: Double
        let number: Int
        let item: Item

        static func < (one: Due, other: Due) -> Bool { (one.at, one.number) < (other.at, other.number) }
        static func == (one: Due, other: Due) -> Bool { one.number == other.number }
    }

    private struct State {
        var heap = Heap<Due>()
        /// When each is due: those of the heap that say something else are left over.
        var due: [Item: Double] = [:]
        var formerNames: [String: String] = [:]
        var newNames: [String: String] = [:]
        var last = 0
        var isTooMuch = false
    }

    private let state = Guarded(State())
    private let wake: EventFD

    /// The most that is kept.
    static let capacity = 200_000

    init() throws(ProcessError) { wake = try EventFD() }

    /// Readable when something was put in.
    var descriptor: Int32 { wake.descriptor }

    /// To be looked at `at`, on `Monotonic`: put in again, it is put off, unless `isAtMost`.
    func put(_ item: Item, at: Double, isAtMost: Bool = false) {
        state.withLock { state in
            guard !state.isTooMuch else { return }
            if isAtMost, let known = state.due[item], known <= at { return }
            guard state.heap.count < Self.capacity else {
                state.isTooMuch = true
                (state.heap, state.due, state.formerNames, state.newNames) = (Heap(), [:], [:], [:])
                return
            }
            state.due[item] = at
            state.last += 1
            state.heap.insert(Due(at: at, number: state.last, item: item))
        }
        wake.signal()
    }

    /// `path` was called `former` before.
    func renamed(_ former: String, to path: String) {
        state.withLock { state in
            if state.formerNames.count >= 10_000 { (state.formerNames, state.newNames) = ([:], [:]) }
            state.formerNames[path] = former
            state.newNames[former] = path
        }
    }

    /// What a path was called before it, or a folder that it lies in, was renamed; `nil`: nobody knows of anything.
    func formerName(of path: String) -> String? { state.withLock { Self.other(path, $0.formerNames) } }

    /// What a path is called now.
    func newName(of path: String) -> String? { state.withLock { Self.other(path, $0.newNames) } }

    private static func other(_ path: String, _ names: [String: String]) -> String? {
        guard !names.isEmpty else { return nil }
        var upper = Substring(path)
        while !upper.isEmpty {
            if let other = names[String(upper)] { return other + String(Substring(path.utf8.dropFirst(upper.utf8.count))) }
            guard let slash = upper.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
            upper = upper[..<slash]
        }
        return nil
    }

    /// Nothing more is to be done about what was renamed.
    func forgetNames() { state.withLock { ($0.formerNames, $0.newNames) = ([:], [:]) } }

    /// What is due, at most `count`; `all` alone when there was too much.
    func take(_ count: Int, now: Double) -> [Item] {
        wake.drain()
        return state.withLock { state in
            if state.isTooMuch {
                state.isTooMuch = false
                return [.all]
            }
            var taken: [Item] = []
            while taken.count < count, let first = state.heap.min, first.at <= now {
                state.heap.removeMin()
                guard state.due[first.item] == first.at else { continue }
                state.due[first.item] = nil
                taken.append(first.item)
            }
            return taken
        }
    }

    /// When the next is due, on `Monotonic`; `nil`: there is none.
    var next: Double? { state.withLock { $0.isTooMuch ? 0 : $0.heap.min?.at } }
}
