import Glibc

/// Queues that are opened, held and slowed down while the pump runs.
extension Pump {
    /// Reads the control stream to where it ended when the connection was made, before any other queue is consumed.
    func catchUp(_ session: PumpSession) throws {
        guard let name = settings.control else { return }
        guard try session.count(of: name) != nil else {
            throw BrokerError(
                .noSuchObject, "there is no control stream \(name) on \(settings.source.url): dd_switch init makes it")
        }
        var plan = QueuePlan(name: name)
        plan.streamOffset = .first
        var reading = StreamReading(plan, last: try session.lastOffset(of: name, settings.source))
        try session.consume(plan, prefetch: settings.prefetch)
        while let due = reading.due, !stop.isRequested {
            if let delivery = try session.receive() {
                try take(delivery, session)
                if let offset = delivery.streamOffset { reading.came(offset) }
                continue
            }
            guard Monotonic.now() < due else {
                throw BrokerError(.lost, "the control stream \(name) on \(settings.source.url) does not come")
            }
            try publishAndAcknowledge(session)
            session.wait(on: [stop.descriptor], until: due)
        }
        intake.caughtUp()
    }

    /// Opens and holds queues as the intake wants them now. What cannot be had is said and asked for again, and the others go on; only a
    /// program that has nothing else, and never had it, ends over that.
    func arrangeQueues(_ session: PumpSession) throws {
        guard session.queues.beginArranging(intake.queueVersion) else { return }
        let wanted = intake.queues()
        for name in session.queues.others(than: wanted.map(\.plan)) { try close(name, session) }
        // Many queues share what may be in hand, so that each is a small part of it.
        let prefetch = max(min(settings.prefetch, 20), settings.prefetch / max(1, wanted.count))
        var failure: BrokerError?
        for queue in wanted where !session.queues.contains(queue.plan.name) {
            if let error = try session.queues.open(queue.plan, prefetch: prefetch) {
                if queue.isRequired { failure = failure ?? error }
            } else {
                session.gates.open(queue.plan.name)
            }
        }
        if let failure, !hasServed, session.queues.isEmpty { throw failure }
        try session.queues.show(holds: intake.holds())
    }

    /// Considers what has waited for its queue's pace.
    func releaseWaiting(_ session: PumpSession) throws {
        guard session.gates.nextDue != nil, !session.isCancelled else { return }
        while true {
            let due = session.gates.takeDue(now: Monotonic.now())
            if due.isEmpty { break }
            for delivery in due { try consider(delivery, session) }
        }
        for queue in session.gates.overdue(now: Monotonic.now()) {
            try close(queue, session)
            // Opened again, with the oldest first, at the next look.
            session.queues.arrangeAgain()
        }
    }

    /// Holds a queue: no more of it is delivered, then what no worker has begun goes back. The other order would bring it again at once.
    func close(_ queue: String, _ session: PumpSession) throws {
        try session.queues.close(queue)
        for delivery in session.gates.close(queue) { try session.requeue(delivery) }
        // What waits behind others first: requeuing those would start it.
        let (removed, next) = schedule.remove { $0.delivery.queue == queue }
        for job in removed { try requeue(job, session) }
        for job in next { pool?.start(job) }
        for job in pool?.takeBack(from: queue) ?? [] {
            for next in schedule.finish(job) { pool?.start(next) }
            try requeue(job, session)
        }
        let waiting = session.takeRetries(from: queue)
        tally.waiting = max(0, tally.waiting - waiting.count)
        for job in waiting { try requeue(job, session) }
        log.debug("queue \(queue) is no longer consumed")
    }

    /// Requeues what no worker has; of an earlier connection nothing is left to be requeued.
    private func requeue(_ job: Job, _ session: PumpSession) throws {
        guard job.generation == session.generation else { return }
        intake.finished(job)
        try session.requeue(job.delivery)
    }
}
