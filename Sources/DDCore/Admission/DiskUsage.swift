import Glibc

/// What the sources have on disk: measured once, then counted along, together with all processes of this machine that store below the same
/// document root.
final class DiskUsage: Sendable {
    private struct State {
        var file: SharedUsage?
        /// Where the records of the sources are that count.
        var places: [String: Int] = [:]
        var measuring: Set<String> = []
        /// Sources that wait for room.
        var waiting: Set<String> = []
        var version = 0
        var changed: @Sendable () -> Void = {}
        /// Sources of which it was said that what they have cannot be measured.
        var said: Set<String> = []
        var log: Log?
    }

    private let trees: DailyTrees
    private let quarantine: Quarantine?
    private let lock: String
    private let path: String?
    private let state = Guarded(State())
    /// Sources to be measured, for the thread that does so.
    private let toMeasure = Mailbox<[String]>()
    /// For the thread that looks for those that wait: one of them has begun to.
    private let toLook = Mailbox<Void>()
    /// Places that jobs change: how many jobs, and what was there when it was looked at last.
    private let changing = Guarded<[String: (jobs: Int, last: DailyTrees.Usage)]>([:])
    /// Seconds after which what others have changed is looked at for a source that waits, and after which it is measured again.
    private static let pause: UInt32 = 3
    private static let rounds = 20

    /// What the sources have in `trees` and in `quarantine`. `path` is the file in which the processes of this machine count together;
    /// `nil`: this one counts alone.
    init(_ trees: DailyTrees, quarantine: Quarantine? = nil, lock: String = IncomingFile.defaultLock, path: String? = nil) {
        (self.trees, self.quarantine, self.lock, self.path) = (trees, quarantine, lock, path)
    }

    deinit {
        toMeasure.close()
        toLook.close()
    }

    /// Opens what is shared and starts the threads that measure, so that it is said at the start when that cannot be done. `log` is told of
    /// what cannot be measured. Called once.
    func open(_ log: Log? = nil) throws {
        if let path { try SmallFile.makeFolder(holding: path, mode: 0o700) }
        try state.withLock { state in
            state.log = log
            if state.file == nil { state.file = try SharedUsage(path) }
        }
        try Thread.start(for: "what sources have on disk") { [weak self, toMeasure] in
            while let sources = toMeasure.take() {
                guard let failed = self?.measureNow(sources) else { return }
                if !failed.isEmpty {
                    sleep(Self.pause)
                    toMeasure.put(failed)
                }
            }
        }
        try Thread.start(for: "sources that wait for room") { [weak self, toLook] in
            while toLook.take() != nil {
                var round = 0
                while let sources = self?.waiting() {
                    sleep(Self.pause)
                    round += 1
                    if round % Self.rounds == 0 { _ = self?.measureNow(sources) } else { self?.wakeUp() }
                }
            }
        }
    }

    /// Grows with every measurement that ends and every removal: what was over its quota may be below it now.
    var version: Int { state.withLock { $0.version } }

    /// What a source has; `nil` while it has not been measured.
    func usage(of source: String) -> DailyTrees.Usage? {
        update(source) { record, _ in record.isKnown ? record.stored : nil } ?? nil
    }

    /// From now on `changed` is called, from any thread, when `version` has grown.
    func watch(_ changed: @escaping @Sendable () -> Void) { state.withLock { $0.changed = changed } }

    /// Measures the sources that this process has not measured, on a thread of its own. `open` comes first.
    func measure(_ sources: [String]) {
        let new = state.withLock { state in
            let new = sources.filter { state.places[$0] == nil && !state.measuring.contains($0) }
            state.measuring.formUnion(new)
            return new
        }
        if !new.isEmpty { toMeasure.put(new) }
    }

    /// Measures again what has been measured before; blocks. Which posts wait on the broker cannot be measured: they are counted anew.
    func measureAgain() {
        let sources = state.withLock { Array($0.places.keys) }
        _ = measureNow(sources)
        for source in sources { update(source) { record, _ in record.waiting = 0 } }
    }

    /// Returns the sources that could not be measured: what is not known of them is not taken for nothing, and what was known stays.
    private func measureNow(_ sources: [String]) -> [String] {
        sources.filter { source in
            do throws(FileError) { try measureNow(source) } catch {
                let (isNews, log) = state.withLock { ($0.said.insert(source).inserted, $0.log) }
                if isNews {
                    log?.error("what \(source) has on disk is not known: \(error); tried again until it is", ["source": source])
                }
                return true
            }
            state.withLock { _ = $0.said.remove(source) }
            return false
        }
    }

    private func measureNow(_ source: String) throws(FileError) {
        let aside = try quarantine?.usage()[source]
        // What changes while the tree is walked is found there, or is not: it counts as changed in any case.
        let before = update(source, adds: true) { record, _ in record.changed }
        let found = try trees.usage(of: source, lock: lock) + (aside ?? DailyTrees.Usage())
        update(source) { record, _ in
            record.measured = found - (before ?? DailyTrees.Usage())
            record.isKnown = true
        }
        state.withLock { _ = $0.measuring.remove(source) }
        wakeUp()
    }

    /// A source has so much more, or less, and so much less of `reserved` is still to come.
    func add(_ source: String, _ change: DailyTrees.Usage, releasing reserved: DailyTrees.Usage? = nil) {
        guard change != DailyTrees.Usage() || reserved != nil else { return }
        update(source) { record, file in
            record.changed = record.changed + change
            if let reserved { record.coming[file.process] = (record.coming[file.process] - reserved).atLeastNothing }
        }
        if change.bytes < 0 || change.files < 0 { wakeUp() }
    }

    /// The same, of a change that nothing was reserved for.
    func add(_ source: String, bytes: Int64, files: Int64) { add(source, DailyTrees.Usage(bytes: bytes, files: files)) }

    /// So many posts more, or less, wait on the broker for another try.
    func addWaiting(_ source: String, _ count: Int64) {
        update(source) { record, _ in record.waiting = max(0, record.waiting &+ count) }
        if count < 0, state.withLock({ $0.waiting.contains(source) }) { wakeUp() }
    }

    /// Reserves room for what is to come, when it fits. What cannot be counted does not fit.
    func reserve(_ source: String, _ more: DailyTrees.Usage, _ quota: UserRecord.Quota) -> Bool {
        update(source) { record, file in
            guard record.isKnown else { return false }
            if !Self.fits(record.total, more, quota) {
                file.dropDead(&record)
                guard Self.fits(record.total, more, quota) else { return false }
            }
            record.coming[file.process] = record.coming[file.process] + more
            return true
        } ?? false
    }

    /// What was reserved has come, and counts as stored, or does not come.
    func release(_ source: String, _ less: DailyTrees.Usage) {
        update(source) { record, file in record.coming[file.process] = (record.coming[file.process] - less).atLeastNothing }
    }

    /// Whether so much more would fit now.
    func fits(_ source: String, _ more: DailyTrees.Usage, _ quota: UserRecord.Quota) -> Bool {
        update(source) { record, file in
            file.dropDead(&record)
            return record.isKnown && Self.fits(record.total, more, quota)
        } ?? false
    }

    private static func fits(_ has: DailyTrees.Usage, _ more: DailyTrees.Usage, _ quota: UserRecord.Quota) -> Bool {
        let sum = has + more
        // What needs no more than there is may come also where there is too much already.
        if let limit = quota.bytes, more.bytes > 0, sum.bytes > limit { return false }
        if let limit = quota.files, more.files > 0, sum.files > limit { return false }
        return true
    }

    @discardableResult
    private func update<T>(
        _ source: String, adds: Bool = false, _ body: (inout SharedUsage.Record, SharedUsage) -> T
    ) -> T? {
        state.withLock { state in
            if state.file == nil { state.file = try? SharedUsage(path) }
            guard let file = state.file else { return nil }
            if adds, state.places[source] == nil { state.places[source] = file.place(of: source) }
            return state.places[source].flatMap { place in file.update(place) { body(&$0, file) } }
        }
    }

    private func wakeUp() {
        let changed = state.withLock { state in
            state.version += 1
            return state.changed
        }
        changed()
    }
}

/// Sources that wait for room.
extension DiskUsage {
    /// Looks from time to time, until `endWaiting`, whether other processes, an administrator or a program have made room.
    func beginWaiting(_ source: String) {
        if state.withLock({ $0.waiting.insert(source).inserted }) { toLook.put(()) }
    }

    /// It waits no more.
    func endWaiting(_ source: String) { state.withLock { _ = $0.waiting.remove(source) } }

    /// Those that wait; `nil` when none does: then nobody looks any more.
    private func waiting() -> [String]? {
        state.withLock { $0.waiting.isEmpty ? nil : Array($0.waiting) }
    }
}

/// What jobs change.
extension DiskUsage {
    /// Runs `body`, a job of `source` at `place`, and counts what is there more or less after it. Of several jobs at one place, blocks of a
    /// file, each counts what has changed since the last look. What was reserved in `room` ends with it. `folders` says how many folders the worker has made so far.
    func counted<T>(
        _ source: String, _ place: OccupiedPlace, room: (any ReservedRoom)?, folders: () -> Int64, _ body: () throws -> T
    ) rethrows -> T {
        guard state.withLock({ $0.places[source] != nil }) else { return try body() }
        let made = folders()
        changing.withLock { changing in
            if changing[place.path] == nil { changing[place.path] = (0, place.usage) }
            changing[place.path]?.jobs += 1
        }
        defer {
            let change = changing.withLock { changing -> DailyTrees.Usage in
                guard let entry = changing[place.path] else { return DailyTrees.Usage() }
                let now = place.usage
                changing[place.path] = entry.jobs > 1 ? (entry.jobs - 1, now) : nil
                return now - entry.last
            }
            let stored = DailyTrees.Usage(bytes: change.bytes, files: change.files + folders() - made)
            if let room { room.settle(stored: stored) } else { add(source, stored) }
        }
        return try body()
    }
}
