import Glibc

/// Removes the daily trees that are older than is kept: when this object is made, and whenever a day has ended in UTC. A thread of its own
/// sleeps in between, and ends with this object.
final class Retention {
    private let stop: EventFD

    /// Begins with what `plan` has stored; the trees of `days` days before today are kept. Throws when the process has no descriptor left.
    init(_ plan: SaraPlan, days: Int, log: Log) throws(ProcessError) {
        let stop = try EventFD()
        self.stop = stop
        let trees = DailyTrees(root: plan.root)
        let usage = plan.usage
        try Thread.start(for: "what is kept for some days") {
            repeat {
                Self.sweep(trees, first: DailyTrees.firstKept(days: days, now: .now()), usage, log)
            } while Self.sleepUntilNextDay(stop)
        }
    }

    deinit { stop.signal() }

    private static func sweep(_ trees: DailyTrees, first: String, _ usage: DiskUsage?, _ log: Log) {
        let removed = trees.remove(before: first) { log.error("\($0)") }
        guard !removed.isEmpty else { return }
        log.notice("removed the trees of \(removed.joined(separator: ", ")): older than is kept")
        usage?.measureAgain()
    }

    /// In parts of some hours, because a machine may stand still meanwhile or be given another time. False when it is to end.
    private static func sleepUntilNextDay(_ stop: EventFD) -> Bool {
        let end = (Timestamp.now().seconds / 86_400 + 1) * 86_400
        while true {
            let left = end - Timestamp.now().seconds
            if left <= 0 { return true }
            if stop.wait(seconds: Double(min(left, 6 * 3600))) { return false }
        }
    }
}
