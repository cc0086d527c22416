/// Which jobs may run now: one at a time for each place, in the order of arrival, or several blocks of one posting; removals and links wait
/// for what is below their place, and it for them. A job waits for those whose order with it matters, and for no other.
///
/// Places stay taken across connections: a job of a lost connection may still be writing when the broker sends its post again.
struct Schedule {
    private let root = PlaceNode("", in: nil)
    private var arrivals: UInt64 = 0

    /// How many jobs run.
    private(set) var runningCount = 0
    /// How many run or wait.
    var count: Int { root.count }
    /// How many wait for another.
    var waitingCount: Int { root.count - runningCount }
    /// The number in the order of arrival of the oldest that waits; `nil`: none does.
    var oldestWaiting: UInt64? { waitingCount > 0 ? root.oldestWaiting : nil }
    /// Nothing runs or waits.
    var isEmpty: Bool { root.count == 0 }

    /// Directories that are told apart. Whatever lies deeper in one place counts as one directory: a name of two bytes for each level
    /// must not cost hundreds.
    private static let maxLevels = 32

    /// A job has come: returns it when it may run at once.
    mutating func admit(_ job: Job) -> Job? {
        arrivals += 1
        return admit(job, number: arrivals)
    }

    private mutating func admit(_ job: Job, number: UInt64) -> Job? {
        var node = root
        var blockers = 0
        for word in words(of: job) {
            blockers += node.trees
            node.count += 1
            node = node.child(word)
        }
        if job.concernsTree {
            blockers += node.count - node.own
            node.trees += 1
        }
        node.count += 1
        node.own += 1
        if let last = node.line.last, let posting = last.posting, posting == job.posting {
            if node.line.count > 1 { blockers += 1 }
        } else {
            if !node.line.isEmpty { blockers += 1 }
            node.line.append(PlaceNode.Group(posting: job.posting, concernsTree: job.concernsTree))
        }
        let group = node.line.count - 1
        guard blockers == 0 else {
            node.line[group].waiting.append(PlaceNode.Waiting(job, number: number, blockers: blockers))
            return nil
        }
        node.line[group].running += 1
        runningCount += 1
        return job
    }

    /// A job that ran has ended: returns what may run now.
    mutating func finish(_ job: Job) -> [Job] {
        var node = root
        for word in words(of: job) {
            guard let next = node.children[word] else { return [] }
            node = next
        }
        guard let group = node.line.first, group.running > 0 else { return [] }
        runningCount -= 1
        node.line[0].running -= 1
        node.own -= 1
        var free: [PlaceNode.Waiting] = []
        if group.concernsTree {
            node.trees -= 1
            node.release(below: true) { free.append($0) }
        }
        if group.count == 1 {
            node.line.removeFirst()
            node.releaseFirst { free.append($0) }
        }
        leave(node) { free.append($0) }
        runningCount += free.count
        if free.count > 1 { free.sort { $0.number < $1.number } }
        return free.map(\.job)
    }

    /// One job fewer is at `node`: those that wait for what is below them are told, and nodes where nothing is left are gone.
    private func leave(_ node: PlaceNode, _ start: (PlaceNode.Waiting) -> Void) {
        node.count -= 1
        var node = node
        while let parent = node.parent {
            if node.count == 0 { parent.children[node.name] = nil }
            parent.count -= 1
            if parent.trees > 0 { parent.releaseTrees(start) }
            node = parent
        }
    }

    /// Takes out what has not started and is to be `taken`: the jobs, and those that may run now because these no longer stand before them.
    mutating func remove(where taken: (Job) -> Bool) -> (removed: [Job], next: [Job]) {
        var (removed, next): ([Job], [Job]) = ([], [])
        for waiting in takeWaiting() {
            if taken(waiting.job) {
                removed.append(waiting.job)
            } else if let job = admit(waiting.job, number: waiting.number) {
                next.append(job)
            }
        }
        return (removed, next)
    }

    /// Takes out what waits and is to be `taken`, but for the `limit` jobs that came first, and for those that concern their tree.
    mutating func remove(beyond limit: Int, where taken: (Job) -> Bool) -> (removed: [Job], next: [Job]) {
        var place = 0
        return remove { job in
            place += 1
            return place > limit && !job.concernsTree && taken(job)
        }
    }

    /// Forgets what has not started: the connection is gone and the broker will send it again.
    mutating func dropWaiting() { _ = takeWaiting() }

    /// What waits, in the order of arrival, taken out.
    private func takeWaiting() -> [PlaceNode.Waiting] {
        var all: [PlaceNode.Waiting] = []
        root.dropWaiting { all.append($0) }
        return all.sorted { $0.number < $1.number }
    }

    private func words(of job: Job) -> [String] {
        let place = job.place
        guard place.directories.count >= Self.maxLevels else { return place.directories + [place.name] }
        let directories = Array(place.directories.prefix(Self.maxLevels))
        // What is about a tree so deep waits for all that is as deep.
        if job.concernsTree { return directories }
        return directories + [(place.directories.dropFirst(Self.maxLevels) + [place.name]).joined(separator: "/")]
    }
}
