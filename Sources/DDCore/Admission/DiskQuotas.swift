/// Keeps sources within their quotas on disk: what they have, and what is on its way for them.
struct DiskQuotas {
    /// What is to be done with a post.
    enum Verdict: Equatable {
        case admitted
        /// Its source waits until it has less, or may have more.
        case full
        /// It is larger than all that its source may have.
        case never
    }

    private let usage: DiskUsage?
    /// What was admitted and is not stored yet, by the delivery's tag.
    private var coming: [UInt64: (source: String, bytes: Int64)] = [:]
    private var comingBytes: [String: Int64] = [:]
    private var comingFiles: [String: Int64] = [:]
    /// Sources that wait, and the bytes of the post that was too much.
    private var waiting: [String: Int64] = [:]
    /// Grows when a source begins to wait, and when it might go on.
    private(set) var version = 0

    init(_ usage: DiskUsage?) {
        self.usage = usage
    }

    /// A post of `source` would bring so many bytes of a file that is to have `fileSize` here: its first block reserves the disk for all.
    mutating func admit(
        _ tag: UInt64, of source: String, bytes: Int64, fileSize: Int64, _ quota: UserRecord.Quota
    ) -> Verdict {
        guard let usage, quota.bytes != nil || quota.files != nil else { return .admitted }
        if let limit = quota.bytes, max(bytes, fileSize) > limit { return .never }
        guard let has = usage.usage(of: source), fits(source, has, bytes, quota) else {
            if waiting.updateValue(bytes, forKey: source) == nil { version += 1 }
            return .full
        }
        // Without a quota of bytes any number of them is admitted, and their sum means nothing.
        let counted = quota.bytes == nil ? 0 : bytes
        coming[tag] = (source, counted)
        comingBytes[source, default: 0] += counted
        comingFiles[source, default: 0] += 1
        return .admitted
    }

    /// A post is stored, refused or given back: what it has brought counts in `DiskUsage`.
    mutating func finished(_ tag: UInt64) {
        guard let (source, bytes) = coming.removeValue(forKey: tag) else { return }
        comingBytes[source, default: 0] -= bytes
        comingFiles[source, default: 0] -= 1
        // Until now it counted twice, as on its way and as stored: what waits may fit after all.
        if waiting[source] != nil { version += 1 }
    }

    /// The connection that brought all that is on its way is gone.
    mutating func forgetComing() {
        coming.removeAll()
        comingBytes.removeAll()
        comingFiles.removeAll()
    }

    /// Whether the queue of `source` is to be consumed: what it has is known, and what it waited for fits now.
    mutating func isOpen(_ source: String, _ quota: UserRecord.Quota) -> Bool {
        guard let usage, quota.bytes != nil || quota.files != nil else {
            waiting[source] = nil
            return true
        }
        guard let has = usage.usage(of: source) else { return false }
        guard let bytes = waiting[source] else { return true }
        guard fits(source, has, bytes, quota) else { return false }
        waiting[source] = nil
        return true
    }

    private func fits(_ source: String, _ has: DailyTrees.Usage, _ bytes: Int64, _ quota: UserRecord.Quota) -> Bool {
        let (sum, overflow) = (has.bytes + (comingBytes[source] ?? 0)).addingReportingOverflow(bytes)
        if let limit = quota.bytes, overflow || sum > limit { return false }
        if let limit = quota.files, has.files + (comingFiles[source] ?? 0) >= limit { return false }
        return true
    }
}
