/// What a process has in hand and what waits there for another try, for those who ask why a file has not come yet. For one thread.
struct WorkLedger {
    /// The most that it remembers of those that wait.
    private static let bound = 1_000
    /// The most of each that it tells.
    private static let told = 100

    private var inHand: [UInt64: FlowFigures.Work] = [:]
    private var waiting: [String: FlowFigures.Work] = [:]
    /// Something waits now that did not before.
    private(set) var isNews = false

    /// A job is given to a thread, or waits for one.
    mutating func begin(_ job: Job) {
        let url = job.post.location.url
        if !waiting.isEmpty { waiting[url] = nil }
        inHand[job.delivery.tag] = FlowFigures.Work(url: url, since: Timestamp.now().seconds, attempt: job.attempt)
    }

    /// A job waits for another try, `seconds` from now.
    mutating func wait(_ job: Job, _ seconds: Double, _ why: String?) {
        inHand[job.delivery.tag] = nil
        let url = job.post.location.url
        let before = waiting[url]
        if before == nil, waiting.count >= Self.bound {
            // Those that came back to another process, or are long due, are forgotten first.
            guard let oldest = waiting.min(by: { ($0.value.until ?? 0) < ($1.value.until ?? 0) })?.key else { return }
            waiting[oldest] = nil
        }
        waiting[url] = FlowFigures.Work(
            url: url, since: job.first.seconds, attempt: job.attempt,
            until: Timestamp.now().seconds + Int64(seconds.rounded(.up)), why: why ?? before?.why)
        isNews = true
    }

    /// A job has come to its end.
    mutating func end(_ job: Job) {
        inHand[job.delivery.tag] = nil
        if !waiting.isEmpty { waiting[job.post.location.url] = nil }
    }

    /// Deliveries of an earlier connection are the broker's again.
    mutating func forgetDeliveries() { inHand = [:] }

    /// What is told of it: the oldest of each.
    mutating func tell(now: Int64) -> [FlowFigures.Work] {
        isNews = false
        // Somebody else has got it meanwhile, where several processes share a queue.
        waiting = waiting.filter { ($0.value.until ?? now) + 600 >= now }
        func first(_ works: some Sequence<FlowFigures.Work>) -> ArraySlice<FlowFigures.Work> {
            works.sorted { ($0.since, $0.url) < ($1.since, $1.url) }.prefix(Self.told)
        }
        return Array(first(inHand.values) + first(waiting.values))
    }
}
