/// How fast each source goes, where its quota bounds that.
struct Paces {
    private struct Entry {
        var messages: Pace?
        var bytes: Pace?
        var quota: UserRecord.Quota
    }

    private var entries: [String: Entry] = [:]

    /// Seconds until a message of `source` may be considered; 0: now, and it is counted. `quota` is what holds for it at present.
    mutating func wait(_ source: String, _ quota: UserRecord.Quota, now: Double) -> Double {
        guard quota.rate != nil || quota.messages != nil else {
            entries[source] = nil
            return 0
        }
        var entry = entries[source] ?? Entry(quota: UserRecord.Quota())
        if entry.quota != quota {
            entry = Entry(
                messages: quota.messages.map { Pace(rate: $0, now: now) }, bytes: quota.rate.map { Pace(rate: $0, now: now) },
                quota: quota)
        }
        let wait = max(entry.messages?.wait(now: now) ?? 0, entry.bytes?.wait(now: now) ?? 0)
        if wait == 0 { entry.messages?.use(1) }
        entries[source] = entry
        return wait
    }

    /// So many bytes are to be fetched for `source`.
    mutating func use(_ source: String, bytes: Int64) { entries[source]?.bytes?.use(Double(bytes)) }
}
