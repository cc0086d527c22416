/// What becomes of one delivery: considered, worked on or made to wait, settled.
extension Pump {
    func take(_ delivery: Delivery, _ session: PumpSession) throws {
        if settings.retries?.hasWaited(delivery) == true {
            tally.waiting = max(0, tally.waiting - 1)
        } else {
            tally.received += 1
            lastDelivery = Monotonic.now()
        }
        if session.gates.isClosed(delivery.queue) { return try session.requeue(delivery) }
        if session.gates.isWaiting(delivery.queue) {
            return session.gates.wait(delivery, until: .infinity, now: Monotonic.now())
        }
        try consider(delivery, session)
    }

    func consider(_ delivery: Delivery, _ session: PumpSession) throws {
        if delivery.message.isPost { log.debug("received from \(delivery.exchange): \(delivery.message.excerpt)") }
        let received = delivery
        var delivery = delivery
        var tries: RetryMessage.Tries?
        if settings.retries?.hasWaited(delivery) == true {
            let unwrapped = RetryMessage.unwrap(delivery)
            delivery = unwrapped.delivery
            tries = unwrapped.tries
        }
        switch intake.consider(delivery) {
        case .settled(let outcome):
            tally.count(outcome)
            if outcome.result != .passed { lastDone = Monotonic.now() }
            session.settle(delivery.tag, outcome)
        case .wait(let seconds):
            let now = Monotonic.now()
            session.gates.putBack(received, until: now + seconds, now: now)
        case .requeue:
            try session.requeue(received)
        case .later(var job, let seconds):
            job.generation = generation
            if let tries { job.resume(tries) }
            try postpone(job, .postponed(seconds), after: seconds, session)
        case .work(var job):
            job.generation = generation
            if let tries { job.resume(tries) }
            if tells != nil, tries == nil { desk.lag = max(0, Timestamp.now().seconds(since: job.post.time)) }
            if let why = faultOfAnnouncement(job, session) {
                intake.finished(job)
                let outcome = intake.refuse(job, why)
                tally.count(outcome)
                session.settle(delivery.tag, outcome)
            } else if let wait = wait(for: job) {
                intake.finished(job)
                try postpone(job, .postponed(wait), after: wait, session)
            } else {
                if tells != nil { desk.ledger.begin(job) }
                if let job = schedule.admit(job) { pool?.start(job) }
            }
        }
        if let limit = settings.exitAfter, tally.received >= limit { try? cancel(session) }
    }

    /// Why nothing could be announced of a job, found before anything is fetched; `nil`: nothing is known against it. What is short fits
    /// everywhere.
    private func faultOfAnnouncement(_ job: Job, _ session: PumpSession) -> String? {
        let message = job.delivery.message
        guard message.headers.fields.count > Self.fewHeaders || message.byteCount > FrameLimits.smallestFrame / 2,
            let announcement = intake.announcement(of: job)
        else { return nil }
        // A recomputed sum, the name of a part file.
        return session.fault(of: announcement, slack: 512, maxHeaders: Delivery.maxHeaders)
    }

    /// So few that those that are added on the way are no matter.
    private static let fewHeaders = 80

    /// Seconds until the job's server is worth a try; `nil`: now. What has been tried for long enough goes to a worker, which says so.
    private func wait(for job: Job) -> Double? {
        guard let servers, servers.anyClosed, case .file = job.post.event, job.age < settings.retryTTL else { return nil }
        return servers.wait(for: servers.name(of: job.post.location.encodedURL, for: job.post.source))
    }

    func finish(_ result: WorkerPool.Result, _ session: PumpSession) throws {
        for job in schedule.finish(result.job) { pool?.start(job) }
        result.job.room?.release()
        guard result.job.generation == generation else { return }
        intake.finished(result.job)
        if let seconds = result.outcome.retryAfter {
            return try postpone(result.job, result.outcome, after: seconds, session)
        }
        tally.count(result.outcome)
        if tells != nil { desk.ledger.end(result.job) }
        if tells != nil, result.outcome.result == .done {
            desk.last = (result.job.post.location.relpath, Timestamp.now().seconds)
        }
        session.settle(result.job.delivery.tag, result.outcome, result.job)
    }

    /// The job waits for another try; when no more deliveries are taken it is left to the broker, which sends it again.
    func postpone(_ job: Job, _ outcome: Outcome, after seconds: Double, _ session: PumpSession) throws {
        tally.waiting += 1
        guard !session.isCancelled else { return }
        var job = job
        job.hasWaited = true
        if outcome.mayBeStored { job.mayBeStored = true }
        if !outcome.isPostponed {
            job.attempt += 1
        } else if job.isRepeated {
            job.attempt = max(1, job.attempt)
        }
        let wait = try session.wait(job, after: seconds)
        if tells != nil { desk.ledger.wait(job, wait.seconds, outcome.retryReason) }
        if let reason = outcome.retryReason { log.warning("\(reason); trying again in \(String(seconds: wait.seconds)) s") }
        if wait.isOnBroker { intake.waitsOnBroker(job) }
    }

    func startDue(_ session: PumpSession) {
        let due = session.takeDueRetries()
        tally.waiting = max(0, tally.waiting - due.count)
        for job in due {
            if tells != nil { desk.ledger.begin(job) }
            if let job = schedule.admit(job) { pool?.start(job) }
        }
    }
}

extension String {
    /// Seconds with one decimal.
    init(seconds: Double) {
        let tenths = Int((seconds * 10).rounded())
        self = "\(tenths / 10).\(tenths % 10)"
    }
}
