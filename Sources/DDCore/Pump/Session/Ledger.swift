import DequeModule

/// What is owed for each delivery of one connection, in the order that loses nothing. Decides only; the pump acts.
///
///     received -> working -> announced -> reported -> (synced) -> acknowledged
///        ^-------------------- (lost) -----------'
struct Ledger {
    private struct Entry {
        /// Publishes that are not confirmed yet.
        var unconfirmed = 0
        /// Published once the announcements are confirmed.
        var reports: [Outgoing] = []
        /// The group sync that must have happened; 0: none; `lost`: it has failed.
        var syncGroup: UInt64 = 0
        /// What it wrote, when it wrote something.
        var written: Written?
        /// Devices of which a sync failed while it was being worked on: what it writes there may have been part of what failed.
        var doubted: Set<UInt64> = []
        /// All is done that its acknowledgement waits for.
        var isReady = false
    }

    /// Where a delivery's job has written, and the job, to be done again when that is lost.
    private final class Written {
        let root: HeldDirectory
        let job: Job?

        init(_ root: HeldDirectory, _ job: Job?) { (self.root, self.job) = (root, job) }
    }

    /// In the place of a group's number. No group has it.
    private static let lost = UInt64.max

    /// Those that are not acknowledged.
    private var entries: [UInt64: Entry] = [:]
    /// Their tags, the oldest first; among them some that were acknowledged by themselves, before older ones.
    private var order = Deque<UInt64>()
    private var syncedGroup: UInt64
    private var openGroup: UInt64
    private var ready: [UInt64] = []
    /// Published, waiting for their group's sync.
    private var unsynced: [UInt64] = []
    /// Published, and what they wrote is lost.
    private var lost: [UInt64] = []
    /// Directories written to since the last sync began.
    private(set) var unsyncedRoots: Set<HeldDirectory> = []
    /// Deliveries that are not acknowledged.
    var open: Int { entries.count }

    /// A ledger for the connection numbered `generation`, whose syncs are told from those of connections before it by their number.
    init(generation: Int) {
        syncedGroup = UInt64(generation) << 32
        openGroup = syncedGroup + 1
    }

    /// A delivery has come. Tags come one after the other, from 1 on each connection.
    mutating func admit(_ tag: UInt64) {
        // However long the oldest takes, little more is remembered than is open.
        if order.count > 2 * entries.count + 1024 {
            order.removeAll { entries[$0] == nil }
        }
        entries[tag] = Entry()
        order.append(tag)
    }

    /// A delivery is put back into its queue: it is owed nothing more.
    mutating func requeue(_ tag: UInt64) {
        entries[tag] = nil
    }

    /// The outcome of a delivery is known: returns what is to be published now. `job` is what to do again when what it wrote is lost.
    mutating func settle(_ tag: UInt64, _ outcome: Outcome, _ job: Job? = nil) -> [Outgoing] {
        guard var entry = entries[tag] else { return [] }
        if let root = outcome.touchedRoot {
            let written = Written(root, job)
            entry.written = written
            entry.syncGroup = nextGroup(for: written, isDoubted: entry.doubted.contains(root.state.device))
        }
        let (first, later) =
            outcome.announcements.isEmpty ? (outcome.reports, []) : (outcome.announcements, outcome.reports)
        entry.reports = later
        entry.unconfirmed = first.count
        entries[tag] = entry
        if first.isEmpty { published(tag, entry) }
        return first
    }

    /// One message of a delivery is confirmed: returns what is to be published next.
    mutating func confirmed(_ tag: UInt64) -> [Outgoing] {
        guard var entry = entries.removeValue(forKey: tag) else { return [] }
        defer { entries[tag] = entry }
        entry.unconfirmed -= 1
        guard entry.unconfirmed == 0 else { return [] }
        let next = entry.reports
        entry.reports = []
        entry.unconfirmed = next.count
        if next.isEmpty { published(tag, entry) }
        return next
    }

    /// What is to be announced of a delivery cannot be sent: these are reported instead of what was to be.
    mutating func report(instead reports: [Outgoing], of tag: UInt64) {
        entries[tag]?.reports = reports
    }

    /// A sync of everything written so far begins: returns its number, and the roots whose file systems it is about.
    mutating func beginSync() -> (group: UInt64, roots: Set<HeldDirectory>) {
        defer {
            openGroup += 1
            unsyncedRoots.removeAll()
        }
        return (openGroup, unsyncedRoots)
    }

    /// A sync has ended. What was written below the directories `failed` is lost; what was written below those in `unknown` belongs to the
    /// next sync; `devices` are those whose sync failed. One that was begun for an earlier connection settles nothing here, but what failed
    /// may be of this one.
    mutating func synced(
        _ group: UInt64, lost failed: Set<HeldDirectory> = [], devices: Set<UInt64> = [], unknown: Set<HeldDirectory> = []
    ) {
        if !devices.isEmpty { doubt(devices) }
        guard group > syncedGroup else { return settleUnsynced() }
        if !failed.isEmpty || !unknown.isEmpty {
            for (tag, entry) in entries where entry.syncGroup > syncedGroup && entry.syncGroup <= group {
                guard let written = entry.written else { continue }
                let isLost = failed.contains(written.root)
                guard isLost || unknown.contains(written.root) else { continue }
                let next = nextGroup(for: written, isDoubted: isLost)
                entries[tag]?.syncGroup = next
            }
        }
        syncedGroup = group
        settleUnsynced()
    }

    /// Looks again at what waits for a sync.
    private mutating func settleUnsynced() {
        let waiting = unsynced
        unsynced.removeAll(keepingCapacity: true)
        for tag in waiting {
            guard let entry = entries[tag] else { continue }
            published(tag, entry)
        }
    }

    /// The system tells of a write that failed once, to the first sync after it. All that was written on `devices` until now and is not
    /// safe may have been part of it, whichever group it belongs to; and so may what a job is writing.
    private mutating func doubt(_ devices: Set<UInt64>) {
        for (tag, entry) in entries {
            guard let written = entry.written else {
                entries[tag]?.doubted.formUnion(devices)
                continue
            }
            guard entry.syncGroup > syncedGroup, devices.contains(written.root.state.device) else { continue }
            let next = nextGroup(for: written, isDoubted: true)
            entries[tag]?.syncGroup = next
        }
    }

    /// The group that what was written belongs to from now on: none can make it safe when it is doubted and can be done again.
    private mutating func nextGroup(for written: Written, isDoubted: Bool) -> UInt64 {
        guard !isDoubted || written.job == nil else { return Self.lost }
        unsyncedRoots.insert(written.root)
        return openGroup
    }

    /// The jobs whose files were lost after they had been announced and reported: their deliveries are as if they had just come.
    mutating func takeLost() -> [Job] {
        guard !lost.isEmpty else { return [] }
        defer { lost = [] }
        return lost.compactMap { tag in
            guard let job = entries[tag]?.written?.job else { return nil }
            entries[tag] = Entry()
            return job
        }
    }

    /// What may be acknowledged now: one `multiple` for the unbroken run from the oldest, the others one by one.
    mutating func takeAcknowledgements() -> [(tag: UInt64, multiple: Bool)] {
        guard !ready.isEmpty else { return [] }
        for tag in ready { entries[tag]?.isReady = true }
        // The last of the run must be one that the broker still has open: it refuses a tag that was acknowledged by itself before.
        var run: UInt64?
        while let oldest = order.first, entries[oldest]?.isReady ?? true {
            if entries.removeValue(forKey: oldest) != nil { run = oldest }
            order.removeFirst()
        }
        var result: [(tag: UInt64, multiple: Bool)] = []
        if let run { result.append((run, true)) }
        for tag in ready where entries.removeValue(forKey: tag) != nil { result.append((tag, false)) }
        ready.removeAll(keepingCapacity: true)
        return result
    }

    private mutating func published(_ tag: UInt64, _ entry: Entry) {
        if entry.syncGroup == Self.lost {
            lost.append(tag)
        } else if entry.syncGroup > syncedGroup {
            unsynced.append(tag)
        } else {
            ready.append(tag)
        }
    }
}
