/// Does what another worker does, but once for all copies of a post that several brokers announce.
public final class FirstCopyWorker: Worker {
    private let worker: any Worker
    private let copies: FirstCopies
    private let broker: Int
    private let reporter: Reporter?
    private let log: Log

    /// Hands to `worker` what comes first; `broker` is the number of the one whose posts it gets.
    public init(_ worker: any Worker, _ copies: FirstCopies, broker: Int, reporter: Reporter?, log: Log) {
        (self.worker, self.copies, self.broker, self.reporter, self.log) = (worker, copies, broker, reporter, log)
    }

    /// See `Worker`.
    public func process(_ job: Job) -> Outcome {
        do {
            let isRepeated = job.isRepeated
            switch try copies.begin(job.post, root: job.root, from: broker, isRepeated: isRepeated) {
            case .done(let written):
                log.debug("\(job.post.location.url): came from another broker before")
                var outcome = Outcome(.passed)
                outcome.touchedRoot = written
                outcome.isWithinFile = true
                outcome.reports = reporter?.report(Status(304, Self.words), on: job.post, seconds: job.age) ?? []
                return outcome
            case .first:
                let outcome = worker.process(job)
                let isDone = outcome.retryAfter == nil && outcome.result != .failed
                try copies.end(
                    job.post, root: job.root, from: broker, isRepeated: isRepeated, isDone: isDone, written: outcome.touchedRoot)
                return outcome
            }
        } catch {
            return .again(after: 5, because: "cannot tell whether another broker's copy came before: \(error)")
        }
    }

    /// What the report of a copy says.
    public static let words = "the same post of another broker was dealt with"
}
