/// What waits for one server, or for one tree, does not take all the room in which the deliveries of a queue lie that others share.
extension Pump {
    /// What was seen when the pump looked last.
    struct Crowd {
        /// On `Monotonic`.
        fileprivate(set) var looked = 0.0
        /// The oldest job that waited for others in the schedule, and since when it has been the oldest.
        fileprivate(set) var oldest: UInt64?
        fileprivate(set) var since = 0.0
        /// When it was last said that threads are held.
        private var said = -Double.infinity

        /// Says so, once a minute.
        mutating func say(_ why: String, _ log: Log) {
            let now = Monotonic.now()
            guard now - said >= 60 else { return }
            said = now
            log.notice(why)
        }
    }

    /// Seconds between looks, and without a step forward after which something is stuck.
    private static let interval = 1.0
    private static let patience = 2.0
    /// So many jobs are in nobody's way.
    private static let few = 32
    /// Seconds for which a post waits on the broker before it is looked at again.
    private static let pause = 5.0

    /// What is stuck beyond a quarter of the prefetch waits on the broker, as the posts of a server do that does not answer, and is not
    /// counted as tried. Queues that are one source's own are left alone: there is nobody else's post in them.
    func makeRoom(_ session: PumpSession) throws {
        guard let pool, !session.isCancelled, schedule.count > Self.few else { return }
        let now = Monotonic.now()
        guard now - crowd.looked >= Self.interval else { return }
        crowd.looked = now
        let shared = Set(settings.queues.map(\.name) + [settings.retries?.again].compactMap { $0 })
        guard !shared.isEmpty else { return }
        let limit = settings.prefetch / 4
        let stuck = pool.takeStuck(for: Self.patience, beyond: limit) { shared.contains($0.delivery.queue) }
        for job in stuck { for next in schedule.finish(job) { pool.start(next) } }
        var behind: [Job] = []
        if isOrderStuck(now) {
            let (removed, next) = schedule.remove(beyond: limit) { shared.contains($0.delivery.queue) }
            for job in next { pool.start(job) }
            behind = removed
        }
        for job in stuck + behind where job.generation == session.generation {
            intake.finished(job)
            try postpone(job, .postponed(Self.pause), after: Self.pause, session)
        }
        if !stuck.isEmpty { say(stuck, "wait for a server that is slow") }
        if !behind.isEmpty { say(behind, "wait for one that is under way above or below") }
    }

    /// Whether most of the room is taken by jobs that wait for others, the oldest of them for long.
    private func isOrderStuck(_ now: Double) -> Bool {
        guard schedule.waitingCount > settings.prefetch / 2 else {
            crowd.oldest = nil
            return false
        }
        let oldest = schedule.oldestWaiting
        if oldest != crowd.oldest { (crowd.oldest, crowd.since) = (oldest, now) }
        return now - crowd.since > Self.patience
    }

    private func say(_ jobs: [Job], _ why: String) {
        log.notice(
            "\(jobs.count) posts \(why), the first of them \(jobs[0].post.location.url): they make room for others and are tried again in \(Int(Self.pause)) s"
        )
    }
}
