/// Brings what one post announces to an end user, and starts the user's program, on a thread of its own.
public final class SubscribeWorker: Worker {
    private let acquirer: Acquirer
    private let triggers: Triggers
    private let end: JobEnd

    /// A worker that fetches with `fetcher` and gives a post up after `patience` seconds of temporary failures.
    public init(
        _ settings: AcquireSettings, fetcher: any Fetcher, policy: FetchPolicy, triggers: Triggers, reporter: Reporter?,
        patience: Double, log: Log
    ) {
        acquirer = Acquirer(settings, fetcher: fetcher) { post in
            var policy = policy
            policy.isPrivate = post.isPrivate
            return policy
        }
        self.triggers = triggers
        end = JobEnd(reporter: reporter, patience: patience, log: log, showsRoot: true, countsWholeFiles: true)
    }

    /// See `Worker`.
    public func process(_ job: Job) -> Outcome {
        var isStored = false
        do {
            if let refusal = try triggers.beforeFetch(job) { return end.settled(job, refusal) }
            let result = try acquirer.acquire(job, triggers)
            isStored = result.changed
            // What another has put there while this one failed is not this one's to start a program for.
            if job.post.block == nil, !result.cameInBlocks, result.changed || (result.status.code == 304 && job.mayBeStored),
                let refusal = try triggers.afterFile(job, isRepeated: job.isRepeated)
            {
                return end.settled(job, refusal, result)
            }
            let formerName = result.changed ? job.post.formerName : ""
            return end.settled(job, Status(result.status.code, result.status.message + formerName), result)
        } catch {
            return end.failed(job, error, mayBeStored: isStored || !Self.leavesNothing(error))
        }
    }

    /// Whether an error tells that this try has not put the file at its place.
    private static func leavesNothing(_ error: any Error) -> Bool {
        error is TransferError || (error as? FileError)?.code == .busy
    }
}
