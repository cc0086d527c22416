/// Which jobs may run now: one at a time for each place, in the order of arrival, or several blocks of one posting; removals and links wait
/// for what is below their place, and it for them.
///
/// Places stay taken across connections: a job of a lost connection may still be writing when the broker sends its post again.
struct Schedule {
    /// What runs at a place.
    private struct Busy {
        /// Jobs.
        var count = 1
        /// It concerns the tree below.
        let concernsTree: Bool
        /// Blocks of this posting run; `nil`: something else, alone.
        let posting: Timestamp?

        init(_ job: Job) {
            concernsTree = job.concernsTree
            posting = job.posting
        }
    }

    private var waiting: [Place: ArraySlice<Job>] = [:]
    /// The places taken.
    private var running: [Place: Busy] = [:]
    /// The places below which nothing may start, as words, and how many jobs that concern their tree run or wait there.
    private var trees: [[String]: Int] = [:]
    /// Jobs that wait for those above or below their place; everything that comes after them waits behind, which is rare enough.
    private var stalled: [Job] = []
    private var stalledHead = 0

    /// Nothing runs or waits.
    var isEmpty: Bool { running.isEmpty && waiting.isEmpty && stalledHead == stalled.count }

    /// A job has come: returns it when it may run at once.
    mutating func admit(_ job: Job) -> Job? {
        if stalledHead < stalled.count || mustStall(job) {
            stalled.append(job)
            return nil
        }
        return start(job)
    }

    /// A job at `place` has ended: returns what may run now.
    mutating func finish(_ place: Place) -> [Job] {
        if let busy = running[place], busy.count > 1 {
            running[place]?.count -= 1
            return []
        }
        if running.removeValue(forKey: place)?.concernsTree == true { leave(tree: place) }
        var next = startWaiting(place)
        while stalledHead < stalled.count {
            let job = stalled[stalledHead]
            if mustStall(job) { break }
            stalledHead += 1
            if let job = start(job) { next.append(job) }
        }
        if stalledHead == stalled.count {
            stalled.removeAll(keepingCapacity: true)
            stalledHead = 0
        }
        return next
    }

    /// Forgets what has not started: the connection is gone and the broker will send it again.
    mutating func dropWaiting() {
        waiting.removeAll()
        stalled.removeAll()
        stalledHead = 0
        trees.removeAll()
        for (place, busy) in running where busy.concernsTree { trees[words(place), default: 0] += 1 }
    }

    private mutating func start(_ job: Job) -> Job? {
        if job.concernsTree { trees[words(job.place), default: 0] += 1 }
        guard let busy = running[job.place] else {
            running[job.place] = Busy(job)
            return job
        }
        guard let posting = busy.posting, posting == job.posting, waiting[job.place] == nil else {
            waiting[job.place, default: []].append(job)
            return nil
        }
        running[job.place]?.count += 1
        return job
    }

    /// The place is free: the oldest job that waits for it starts, and the blocks of the same posting behind it.
    private mutating func startWaiting(_ place: Place) -> [Job] {
        guard var queue = waiting.removeValue(forKey: place), let first = queue.popFirst() else { return [] }
        var next = [first]
        while let posting = first.posting, let job = queue.first, job.posting == posting { next.append(queue.removeFirst()) }
        var busy = Busy(first)
        busy.count = next.count
        running[place] = busy
        if !queue.isEmpty { waiting[place] = queue }
        return next
    }

    private mutating func leave(tree place: Place) {
        let path = words(place)
        let left = (trees[path] ?? 1) - 1
        trees[path] = left > 0 ? left : nil
    }

    private func mustStall(_ job: Job) -> Bool {
        job.concernsTree && hasBusyBelow(job.place) || hasTreeAbove(job.place)
    }

    private func hasBusyBelow(_ place: Place) -> Bool {
        let path = words(place)
        return running.keys.contains { $0.directories.starts(with: path) }
    }

    private func hasTreeAbove(_ place: Place) -> Bool {
        guard !trees.isEmpty else { return false }
        return place.directories.indices.contains { trees[Array(place.directories[...$0])] != nil }
    }

    private func words(_ place: Place) -> [String] { place.directories + [place.name] }
}
