/// A place in the tree of all places at which jobs run or wait: what is above and below it is found without looking at others.
final class PlaceNode {
    /// Jobs of one place that may run at once: the blocks of one posting, or a single job.
    struct Group {
        /// `nil`: a single job.
        let posting: Timestamp?
        /// It concerns the tree below.
        let concernsTree: Bool
        /// Jobs that run.
        var running = 0
        /// Those that wait, in the order of arrival.
        var waiting: [Waiting] = []

        var count: Int { running + waiting.count }
    }

    /// A job that waits.
    final class Waiting {
        let job: Job
        /// Its number in the order of arrival.
        let number: UInt64
        /// How many jobs, or groups of its own place, have to end before it starts.
        var blockers: Int

        init(_ job: Job, number: UInt64, blockers: Int) {
            self.job = job
            self.number = number
            self.blockers = blockers
        }
    }

    let name: String
    /// The directory it is in; `nil`: it is the root.
    unowned let parent: PlaceNode?
    var children: [String: PlaceNode] = [:]
    /// Jobs at this place and below.
    var count = 0
    /// Jobs at this place.
    var own = 0
    /// Those of them that concern their tree.
    var trees = 0
    /// The groups at this place in the order of arrival; jobs of the first one run.
    var line: [Group] = []

    init(_ name: String, in parent: PlaceNode?) {
        self.name = name
        self.parent = parent
    }

    /// The node called `name` in this one, made where there is none.
    func child(_ name: String) -> PlaceNode {
        if let child = children[name] { return child }
        let child = PlaceNode(name, in: self)
        children[name] = child
        return child
    }

    /// One thing is over that each job waiting here, or below as well, waits for; those that wait for nothing more run from now on and
    /// are handed to `start`.
    func release(below: Bool, _ start: (Waiting) -> Void) {
        var nodes = below ? Array(children.values) : [self]
        while let node = nodes.popLast() {
            for group in node.line { for waiting in group.waiting { waiting.blockers -= 1 } }
            node.startFree(start)
            if below { nodes += node.children.values }
        }
    }

    /// The same for the first group alone.
    func releaseFirst(_ start: (Waiting) -> Void) {
        guard let first = line.first else { return }
        for waiting in first.waiting { waiting.blockers -= 1 }
        startFree(start)
    }

    /// The same for those that concern the tree, when a job below has ended.
    func releaseTrees(_ start: (Waiting) -> Void) {
        for group in line where group.concernsTree { for waiting in group.waiting { waiting.blockers -= 1 } }
        startFree(start)
    }

    private func startFree(_ start: (Waiting) -> Void) {
        // Only the first group can be free: all others wait for it.
        guard let first = line.first, first.waiting.contains(where: { $0.blockers == 0 }) else { return }
        let free = first.waiting.filter { $0.blockers == 0 }
        line[0].waiting.removeAll { $0.blockers == 0 }
        line[0].running += free.count
        for waiting in free { start(waiting) }
    }

    /// The number of the oldest job that waits here or below; `nil`: none does.
    var oldestWaiting: UInt64? {
        let own = line.lazy.compactMap { $0.waiting.first?.number }.min()
        return children.values.lazy.compactMap(\.oldestWaiting).reduce(own) { min($0 ?? $1, $1) }
    }

    /// Forgets what waits here and below, and hands it to `dropped`; nodes where nothing runs are gone.
    func dropWaiting(_ dropped: (Waiting) -> Void) {
        for index in line.indices {
            for waiting in line[index].waiting { dropped(waiting) }
            line[index].waiting = []
        }
        line.removeAll { $0.running == 0 }
        own = line.reduce(0) { $0 + $1.running }
        trees = line.reduce(0) { $0 + ($1.concernsTree ? $1.running : 0) }
        count = own
        for (name, child) in children {
            child.dropWaiting(dropped)
            count += child.count
            if child.count == 0 { children[name] = nil }
        }
    }
}
