/// What is owed for each delivery of one connection, in the order that loses nothing. Decides only; the pump acts.
///
///     received -> working -> announced -> reported -> (synced) -> acknowledged
struct Ledger {
    private struct Entry {
        /// Publishes that are not confirmed yet.
        var unconfirmed = 0
        /// Published once the announcements are confirmed.
        var reports: [Outgoing] = []
        /// The group sync that must have happened; 0: none.
        var syncGroup: UInt64 = 0
        /// All is done that its acknowledgement waits for.
        var isReady = false
        /// It was acknowledged, by itself, before older ones.
        var isAcknowledged = false
    }

    /// Tags count from 1 on each connection; `entries[i]` is of tag `lowest + i`.
    private var entries: [Entry] = []
    private var head = 0
    private var lowest: UInt64 = 1
    private var syncedGroup: UInt64
    private var openGroup: UInt64
    private var ready: [UInt64] = []
    /// Published, waiting for their group's sync.
    private var unsynced: [UInt64] = []
    /// Document roots written to since the last sync began.
    private(set) var unsyncedRoots: Set<String> = []
    /// Deliveries that are not acknowledged.
    private(set) var open = 0

    /// A ledger for the connection numbered `generation`, whose syncs are told from those of connections before it by their number.
    init(generation: Int) {
        syncedGroup = UInt64(generation) << 32
        openGroup = syncedGroup + 1
    }

    /// A delivery has come. Tags come one after the other.
    mutating func admit(_ tag: UInt64) {
        if head == entries.count {
            entries.removeAll(keepingCapacity: true)
            head = 0
            lowest = tag
        }
        entries.append(Entry())
        open += 1
    }

    /// A delivery is given back to the broker: it is owed nothing more.
    mutating func giveBack(_ tag: UInt64) {
        guard let index = index(tag), !entries[index].isAcknowledged else { return }
        entries[index].isAcknowledged = true
        open -= 1
    }

    /// The outcome of a delivery is known: returns what is to be published now.
    mutating func settle(_ tag: UInt64, _ outcome: Outcome) -> [Outgoing] {
        guard let index = index(tag) else { return [] }
        if let root = outcome.touchedRoot {
            entries[index].syncGroup = openGroup
            unsyncedRoots.insert(root)
        }
        let (first, later) =
            outcome.announcements.isEmpty ? (outcome.reports, []) : (outcome.announcements, outcome.reports)
        entries[index].reports = later
        entries[index].unconfirmed = first.count
        if first.isEmpty { published(index, tag) }
        return first
    }

    /// One message of a delivery is confirmed: returns what is to be published next.
    mutating func confirmed(_ tag: UInt64) -> [Outgoing] {
        guard let index = index(tag) else { return [] }
        entries[index].unconfirmed -= 1
        guard entries[index].unconfirmed == 0 else { return [] }
        let next = entries[index].reports
        entries[index].reports = []
        entries[index].unconfirmed = next.count
        if next.isEmpty { published(index, tag) }
        return next
    }

    /// A sync of everything written so far begins: returns its number, and the roots whose file systems it is about.
    mutating func beginSync() -> (group: UInt64, roots: Set<String>) {
        defer {
            openGroup += 1
            unsyncedRoots.removeAll()
        }
        return (openGroup, unsyncedRoots)
    }

    /// A sync has ended. One that was begun for an earlier connection settles nothing here.
    mutating func synced(_ group: UInt64) {
        guard group > syncedGroup else { return }
        syncedGroup = group
        let waiting = unsynced
        unsynced.removeAll(keepingCapacity: true)
        for tag in waiting {
            guard let index = index(tag) else { continue }
            if entries[index].syncGroup <= group { ready.append(tag) } else { unsynced.append(tag) }
        }
    }

    /// What may be acknowledged now: one `multiple` for the unbroken run from the oldest, the others one by one.
    mutating func takeAcknowledgements() -> [(tag: UInt64, multiple: Bool)] {
        guard !ready.isEmpty else { return [] }
        for tag in ready { if let index = index(tag) { entries[index].isReady = true } }
        open -= ready.count
        // The last of the run must be one that the broker still has open: it refuses a tag that was acknowledged by itself before.
        var run: UInt64?
        while head < entries.count, entries[head].isReady || entries[head].isAcknowledged {
            if !entries[head].isAcknowledged { run = lowest }
            head += 1
            lowest += 1
        }
        var result: [(tag: UInt64, multiple: Bool)] = []
        if let run { result.append((run, true)) }
        for tag in ready {
            guard let index = index(tag) else { continue }
            entries[index].isReady = false
            entries[index].isAcknowledged = true
            result.append((tag, false))
        }
        ready.removeAll(keepingCapacity: true)
        if head > 1024 && head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return result
    }

    private mutating func published(_ index: Int, _ tag: UInt64) {
        if entries[index].syncGroup > syncedGroup { unsynced.append(tag) } else { ready.append(tag) }
    }

    private func index(_ tag: UInt64) -> Int? {
        guard tag >= lowest, tag - lowest < UInt64(entries.count - head) else { return nil }
        return head + Int(tag - lowest)
    }
}
