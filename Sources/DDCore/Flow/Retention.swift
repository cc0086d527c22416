import Glibc

/// Removes the daily trees that are older than is kept, when the program starts and whenever a day has ended in UTC. A thread of its own
/// sleeps in between.
public enum Retention {
    /// Starts it for what `plan` stores; the trees of `days` days before today are kept.
    public static func start(_ plan: SaraFlow.Plan, days: Int, log: Log) {
        let trees = DailyTrees(root: plan.root)
        let usage = plan.usage
        Thread.start {
            while true {
                let now = Timestamp.now()
                sweep(trees, first: DailyTrees.firstKept(days: days, now: now), usage, log)
                sleepUntilNextDay(after: now)
            }
        }
    }

    private static func sweep(_ trees: DailyTrees, first: String, _ usage: DiskUsage?, _ log: Log) {
        let removed = trees.remove(before: first) { log.error("\($0)") }
        guard !removed.isEmpty else { return }
        log.notice("removed the trees of \(removed.joined(separator: ", ")): older than is kept")
        usage?.measureAgain()
    }

    /// In parts, because a machine may stand still meanwhile or be given another time.
    private static func sleepUntilNextDay(after start: Timestamp) {
        let end = (start.seconds / 86_400 + 1) * 86_400
        while true {
            let left = end - Timestamp.now().seconds
            if left <= 0 { return }
            sleep(UInt32(clamping: min(left, 6 * 3600)))
        }
    }
}
