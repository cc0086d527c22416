/// Which jobs may run now: one at a time for each place, in the order of arrival; removals and directories wait for what is
/// below their place, and it for them.
///
/// Places stay taken across connections: a job of a lost connection may still be writing when the broker sends its post again.
struct Schedule {
    private var waiting: [Place: [Job]] = [:]
    private var running: Set<Place> = []
    /// Jobs that concern a tree and wait for what is below; everything that comes after them waits behind, which is rare enough.
    private var stalled: [Job] = []
    private var stalledHead = 0

    /// Nothing runs or waits.
    var isEmpty: Bool { running.isEmpty && waiting.isEmpty && stalledHead == stalled.count }

    /// A job has come: returns it when it may run at once.
    mutating func admit(_ job: Job) -> Job? {
        if stalledHead < stalled.count || (job.concernsTree && hasBusyBelow(job.place)) {
            stalled.append(job)
            return nil
        }
        return start(job)
    }

    /// The job at `place` has ended: returns what may run now.
    mutating func finish(_ place: Place) -> [Job] {
        running.remove(place)
        var next: [Job] = []
        if var queue = waiting[place] {
            let job = queue.removeFirst()
            waiting[place] = queue.isEmpty ? nil : queue
            running.insert(place)
            next.append(job)
        }
        while stalledHead < stalled.count {
            let job = stalled[stalledHead]
            if job.concernsTree && hasBusyBelow(job.place) { break }
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
    }

    private mutating func start(_ job: Job) -> Job? {
        guard running.insert(job.place).inserted else {
            waiting[job.place, default: []].append(job)
            return nil
        }
        return job
    }

    private func hasBusyBelow(_ place: Place) -> Bool {
        let path = place.directories + [place.name]
        return running.contains { $0.directories.starts(with: path) }
    }
}
