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
    private var coming: [UInt64: (room: DiskRoom, unfinished: String?)] = [:]
    /// Unfinished files for which one of the posts that are on their way has reserved the disk: how many posts.
    private var unfinished: [String: Int] = [:]
    /// Sources that wait, and what the post that was too much needs.
    private var waiting: [String: DailyTrees.Usage] = [:]
    /// Grows when a source begins to wait, and when it might go on.
    private(set) var version = 0

    init(_ usage: DiskUsage?) {
        self.usage = usage
    }

    /// A post of `source` would bring so many bytes of a file that is to have `fileSize` here: its first block reserves the disk for all.
    mutating func admit(
        _ tag: UInt64, of source: String, bytes: Int64, fileSize: Int64, _ quota: UserRecord.Quota
    ) -> Verdict {
        admit(tag, of: source, DiskNeed(bytes: bytes, files: 1, announced: bytes, total: max(bytes, fileSize)), quota)
    }

    /// A post of `source` would need so much.
    mutating func admit(_ tag: UInt64, of source: String, _ need: DiskNeed, _ quota: UserRecord.Quota) -> Verdict {
        guard let usage, quota.bytes != nil || quota.files != nil else { return .admitted }
        if let limit = quota.bytes, need.total > limit { return .never }
        // Another block of the same file has the disk for all of it.
        let isReserved = need.unfinished.map { unfinished[$0] != nil } ?? false
        let amount = isReserved ? DailyTrees.Usage() : DailyTrees.Usage(bytes: need.bytes, files: need.files)
        guard let room = DiskRoom(source, need: amount, allowed: need.announced, quota, usage) else {
            if waiting.updateValue(amount, forKey: source) == nil { version += 1 }
            usage.beginWaiting(source)
            return .full
        }
        coming[tag] = (room, need.unfinished)
        if let file = need.unfinished { unfinished[file, default: 0] += 1 }
        return .admitted
    }

    /// What is reserved for a post that was admitted; `nil` when its source has no quota.
    func room(of tag: UInt64) -> DiskRoom? { coming[tag]?.room }

    /// A post is stored, refused or given back: what it has brought counts in `DiskUsage`.
    mutating func finished(_ tag: UInt64) {
        guard let (room, file) = coming.removeValue(forKey: tag) else { return }
        room.release()
        if let file, let count = unfinished[file] { unfinished[file] = count > 1 ? count - 1 : nil }
        // Until now it counted twice, as on its way and as stored: what waits may fit after all.
        if waiting[room.source] != nil { version += 1 }
    }

    /// The connection that brought all that is on its way is gone.
    mutating func forgetComing() {
        for (room, _) in coming.values { room.release() }
        coming.removeAll()
        unfinished.removeAll()
    }

    /// Whether the queue of `source` is to be consumed: what it has is known, and what it waited for fits now.
    mutating func isOpen(_ source: String, _ quota: UserRecord.Quota) -> Bool {
        guard let usage, quota.bytes != nil || quota.files != nil else {
            waiting[source] = nil
            self.usage?.endWaiting(source)
            return true
        }
        guard let need = waiting[source] else { return usage.usage(of: source) != nil }
        let bytes = quota.bytes == nil ? 0 : need.bytes
        guard usage.fits(source, DailyTrees.Usage(bytes: bytes, files: need.files), quota) else { return false }
        waiting[source] = nil
        usage.endWaiting(source)
        return true
    }
}

/// What a post would need on disk.
struct DiskNeed: Equatable {
    /// Bytes more than there are.
    var bytes: Int64 = 0
    /// Files, links and folders more than there are.
    var files: Int64 = 0
    /// Bytes that may come: what is above them was not reserved.
    var announced: Int64 = 0
    /// Bytes of the whole file at least: what is above a quota never fits.
    var total: Int64 = 0
    /// For a block of a file that is not begun: the file's path.
    var unfinished: String?

    /// What `job` needs; looks at what there is. `isCarried`: blocks are kept by themselves, not in their file.
    init(_ job: Job, isCarried: Bool, lock: String) {
        let place = OccupiedPlace(job, lock: lock)
        files = place.missingFolders
        switch job.post.event {
        case .link(let target): grow(to: Int64(target?.utf8.count ?? 0), from: place.file)
        case .directory: files += place.isFolder ? 0 : 1
        case .removed, .directoryRemoved: files = 0
        case .file(let parts, _):
            guard let block = job.post.block, !isCarried else {
                // Of what does not say how large it is there is one byte at least.
                grow(to: parts?.length ?? max(1, place.file.bytes), from: place.file)
                break
            }
            let size = block.isSizeKnown ? block.size : block.size - block.blockSize
            let begun = place.unfinished
            // While a file is replaced both are there: the earlier one makes room for the later.
            grow(to: size, from: begun.files > 0 ? begun : place.file)
            announced = Int64.max
            unfinished = begun.files > 0 ? nil : place.path
        }
    }

    init(bytes: Int64, files: Int64, announced: Int64, total: Int64) {
        (self.bytes, self.files, self.announced, self.total) = (bytes, files, announced, total)
    }

    private mutating func grow(to size: Int64, from there: DailyTrees.Usage) {
        bytes = max(0, size - there.bytes)
        files += there.files > 0 ? 0 : 1
        (announced, total) = (size, size)
    }
}

extension UserRecord.Quota {
    /// What it grants on disk, in words.
    var diskInWords: String {
        [bytes.map { "\($0) bytes" }, files.map { "\($0) files" }].compactMap { $0 }.joined(separator: " in ")
    }
}
