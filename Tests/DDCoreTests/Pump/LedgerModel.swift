import DDTestSupport
import Testing

@testable import DDCore

/// What a ledger must do, said slowly: every delivery by itself, looked through each time.
struct LedgerModel {
    private struct Delivery {
        var announcements = 0
        var reports = 0
        /// Publishes that were handed out and not confirmed.
        var unconfirmed = 0
        var isSettled = false
        /// It wrote to the disk, and no sync that began afterwards has ended.
        var isUnsafe = false
        var waitsForGroup: UInt64?
        /// Where it wrote.
        var root: Int?
        /// What it wrote is gone: it has to be done again as soon as all is published.
        var isLost = false
        /// Devices of which a sync failed before its outcome was known.
        var doubted: Set<Int> = []
    }

    private var open: [UInt64: Delivery] = [:]
    private(set) var newest: UInt64 = 0

    /// Tags that the broker has given out and that were not acknowledged.
    var tags: [UInt64] { open.keys.sorted() }
    /// Tags whose outcome is not known.
    var unsettled: [UInt64] { tags.filter { open[$0]?.isSettled == false } }
    /// One tag for every publish that is not confirmed.
    var unconfirmed: [UInt64] { tags.flatMap { Array(repeating: $0, count: open[$0]?.unconfirmed ?? 0) } }
    /// Whether a delivery waits for a sync that has not begun.
    var wantsSync: Bool { open.values.contains { $0.isUnsafe && !$0.isLost && $0.waitsForGroup == nil } }

    mutating func admit() -> UInt64 {
        newest += 1
        open[newest] = Delivery()
        return newest
    }

    /// Returns how many publishes are to be handed out.
    mutating func settle(_ tag: UInt64, announcements: Int, reports: Int, root: Int?) -> Int {
        let first = announcements > 0 ? announcements : reports
        let later = announcements > 0 ? reports : 0
        let isLost = root.map { open[tag]?.doubted.contains($0 / 2) ?? false } ?? false
        open[tag] = Delivery(
            announcements: announcements, reports: later, unconfirmed: first, isSettled: true, isUnsafe: root != nil, root: root,
            isLost: isLost)
        return first
    }

    mutating func confirm(_ tag: UInt64) -> Int {
        guard var delivery = open[tag] else { return 0 }
        delivery.unconfirmed -= 1
        if delivery.unconfirmed == 0 {
            (delivery.unconfirmed, delivery.reports) = (delivery.reports, 0)
            open[tag] = delivery
            return delivery.unconfirmed
        }
        open[tag] = delivery
        return 0
    }

    mutating func beginSync(_ group: UInt64) {
        for tag in tags where open[tag]?.isUnsafe == true && open[tag]?.waitsForGroup == nil { open[tag]?.waitsForGroup = group }
    }

    mutating func synced(_ group: UInt64, lost: Set<Int> = [], unknown: Set<Int> = []) {
        for tag in tags {
            guard let delivery = open[tag], let waits = delivery.waitsForGroup, waits <= group, delivery.isUnsafe,
                !delivery.isLost
            else { continue }
            if let root = delivery.root, lost.contains(root) {
                open[tag]?.isLost = true
            } else if let root = delivery.root, unknown.contains(root) {
                open[tag]?.waitsForGroup = nil
            } else {
                open[tag]?.isUnsafe = false
            }
        }
    }

    /// A sync of a device has failed (two directories are on device 0, the third is on device 1): nothing that was written there, or is being
    /// written, may be relied on.
    mutating func fail(_ device: Int) {
        for tag in tags {
            if open[tag]?.isSettled == false {
                open[tag]?.doubted.insert(device)
            } else if open[tag]?.isUnsafe == true, open[tag]?.root.map({ $0 / 2 }) == device {
                open[tag]?.isLost = true
            }
        }
    }

    /// Those that are done again from the beginning.
    mutating func takeLost() -> [UInt64] {
        let lost = tags.filter { open[$0].map { $0.isLost && $0.unconfirmed == 0 && $0.reports == 0 } ?? false }
        for tag in lost { open[tag] = Delivery() }
        return lost
    }

    /// Whether everything is done that the acknowledgement of `tag` waits for.
    func isDue(_ tag: UInt64) -> Bool {
        guard let delivery = open[tag] else { return false }
        return delivery.isSettled && delivery.unconfirmed == 0 && delivery.reports == 0 && !delivery.isUnsafe
    }

    /// The broker's side of an acknowledgement: the tags that it settles. Empty: the broker would close the channel (406).
    func settled(by tag: UInt64, multiple: Bool) -> [UInt64] {
        guard open[tag] != nil else { return [] }
        return multiple ? tags.filter { $0 <= tag } : [tag]
    }

    mutating func forget(_ tags: [UInt64]) { for tag in tags { open[tag] = nil } }
}
