import Glibc

/// Queues that are opened, held and slowed down while the pump runs.
extension Pump {
    /// Seconds without a message after which a stream is at its end.
    private static let silence = 0.25

    /// Reads the control stream to where it ended when the connection was made, before any other queue is consumed.
    func catchUp(_ session: PumpSession) throws {
        guard let name = settings.control else { return }
        guard let count = try session.consumer.count(of: name) else {
            throw BrokerError(
                .noSuchObject, "there is no control stream \(name) on \(settings.source.url): dd_switch init makes it")
        }
        var plan = QueuePlan(name: name)
        plan.streamOffset = .first
        try session.consumer.consume(plan, prefetch: settings.prefetch)
        let end = Monotonic.now() + 30
        let before = tally.received
        var last = Monotonic.now()
        while !stop.isRequested {
            if let delivery = try session.consumer.receive() {
                try take(delivery, session)
                last = Monotonic.now()
                continue
            }
            try publishAndAcknowledge(session)
            // The broker counts every few seconds: what came since then follows at once.
            let isCounted = tally.received - before >= count
            if isCounted, Monotonic.now() - last >= Self.silence { break }
            guard Monotonic.now() < end else {
                throw BrokerError(.lost, "the control stream \(name) on \(settings.source.url) does not come")
            }
            session.wait(on: [stop.descriptor], until: isCounted ? last + Self.silence : end)
        }
        intake.caughtUp()
    }

    /// Opens and holds queues as the intake wants them now.
    func arrangeQueues(_ session: PumpSession) throws {
        let version = intake.queueVersion
        guard version != session.queueVersion, !session.isCancelled else { return }
        session.queueVersion = version
        let wanted = intake.queues()
        for name in session.wanted.subtracting(wanted.map(\.plan.name)) { try close(name, session) }
        // Many queues share what may be in hand, so that each is a small part of it.
        let prefetch = max(min(settings.prefetch, 20), settings.prefetch / max(1, wanted.count))
        for queue in wanted where !session.wanted.contains(queue.plan.name) {
            do {
                try open(queue.plan, prefetch: prefetch, session)
            } catch let error as BrokerError where !queue.isRequired && !error.isTemporary {
                log.error("\(error); its source's posts are not taken in")
            }
        }
        // What came while the broker was asked has left the socket.
        session.lookAgain()
    }

    private func open(_ plan: QueuePlan, prefetch: Int, _ session: PumpSession) throws {
        try session.consumer.declareAside([plan])
        try session.consumer.consume(plan, prefetch: prefetch)
        session.wanted.insert(plan.name)
        session.gates.open(plan.name)
        log.debug("queue \(plan.name) is consumed")
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
            session.queueVersion = -1
            session.lookAgain()
        }
    }

    /// Holds a queue: no more of it is delivered, then what no worker has begun goes back. The other order would bring it again at once.
    func close(_ queue: String, _ session: PumpSession) throws {
        try session.consumer.cancel(queue)
        session.wanted.remove(queue)
        for delivery in session.gates.close(queue) { try giveBack(delivery, session) }
        // What waits behind others first: giving back those would start it.
        let (removed, next) = schedule.remove { $0.delivery.queue == queue }
        for job in removed { try giveBack(job, session) }
        for job in next { pool?.start(job) }
        for job in pool?.takeBack(from: queue) ?? [] {
            for next in schedule.finish(job) { pool?.start(next) }
            try giveBack(job, session)
        }
        let waiting = session.retries.remove { $0.delivery.queue == queue }
        tally.waiting = max(0, tally.waiting - waiting.count)
        for job in waiting { try giveBack(job, session) }
        log.debug("queue \(queue) is no longer consumed")
    }

    /// Gives back what no worker has; of an earlier connection nothing is left to be given back.
    private func giveBack(_ job: Job, _ session: PumpSession) throws {
        guard job.generation == session.generation else { return }
        intake.finished(job)
        try giveBack(job.delivery, session)
    }

    func giveBack(_ delivery: Delivery, _ session: PumpSession) throws {
        session.ledger.giveBack(delivery.tag)
        try session.consumer.giveBack(delivery.tag)
    }
}
