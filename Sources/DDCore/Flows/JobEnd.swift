/// How the jobs of a worker end: a line in the log, the reports, and what the pump counts or does next.
struct JobEnd {
    /// Makes reports; `nil`: none are wanted.
    let reporter: Reporter?
    /// Seconds for which temporary failures are tried again.
    let patience: Double
    let log: Log
    /// Lines show the whole path, and not only that below the document root.
    var showsRoot = false
    /// Lines of failures name the source.
    var showsSource = false
    /// Blocks are counted as parts of their file, and not each by itself.
    var countsWholeFiles = false

    /// It has come to an end with a status; `result` is what became of the file, when it came so far.
    func settled(_ job: Job, _ status: Status, _ result: Acquirer.Result? = nil) -> Outcome {
        let isUnwanted = result?.isUnwanted == true
        let isFailure = status.isFailure && !isUnwanted
        let path = showsRoot ? "\(job.root)/\(job.place.relpath)" : job.place.relpath
        if isFailure {
            let location = job.post.location
            log.error(
                "\(location.url): \(status.code) \(location.withoutRepeating(status.message))",
                showsSource ? ["source": job.post.source ?? ""] : [:])
        } else {
            log.info("\(status.code) \(status.message)", ["path": path])
        }
        var outcome = Outcome(isFailure ? .failed : status.code == 304 || isUnwanted ? .passed : .done)
        outcome.touchedRoot = result?.touchedRoot(job)
        outcome.bytes = result?.bytes ?? 0
        if countsWholeFiles, let block = job.post.block {
            outcome.isWithinFile = outcome.result == .passed ? block.number > 0 : result?.file == nil
        }
        if result?.cameInBlocks != true { outcome.reports = reporter?.report(status, on: job.post, seconds: job.age) ?? [] }
        if let file = result?.file {
            outcome.add(file, log, path)
            outcome.reports += reporter?.report(file, on: job.post, seconds: job.age) ?? []
        }
        return outcome
    }

    /// It has ended with an error: that is reported, or the job is tried again. `mayBeStored`: this try may have put the file at its place.
    func failed(_ job: Job, _ error: any Error, mayBeStored: Bool = false) -> Outcome {
        switch Verdict.on(error, attempt: job.attempt, age: job.age, patience: patience) {
        case .report(let status): return settled(job, status)
        case .retry(let seconds):
            var outcome = Outcome.again(after: seconds, because: "\(error)")
            outcome.mayBeStored = mayBeStored
            return outcome
        case .postpone(let seconds): return .postponed(seconds)
        }
    }
}
