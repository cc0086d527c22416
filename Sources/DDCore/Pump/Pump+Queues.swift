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

    /// Seconds after which a queue that could not be had is asked for again.
    private static let pause = 10.0

    /// Opens and holds queues as the intake wants them now. What cannot be had is said and asked for again, and the others go on; only a
    /// program that has nothing else, and never had it, ends over that.
    func arrangeQueues(_ session: PumpSession) throws {
        let version = intake.queueVersion
        guard version != session.queueVersion || Monotonic.now() >= session.asksAgain, !session.isCancelled else { return }
        session.queueVersion = version
        session.asksAgain = .infinity
        let wanted = intake.queues()
        for name in session.wanted.subtracting(wanted.map(\.plan.name)) { try close(name, session) }
        // Many queues share what may be in hand, so that each is a small part of it.
        let prefetch = max(min(settings.prefetch, 20), settings.prefetch / max(1, wanted.count))
        var failure: BrokerError?
        for queue in wanted where !session.wanted.contains(queue.plan.name) {
            if let error = try open(queue.plan, prefetch: prefetch, session), queue.isRequired { failure = failure ?? error }
        }
        if let failure, !hasServed, session.wanted.isEmpty { throw failure }
        try showHolds(session)
        // What came while the broker was asked has left the socket.
        session.lookAgain()
    }

    /// Consumes a queue that is made and bound first; what the broker has against that is said once.
    private func open(_ plan: QueuePlan, prefetch: Int, _ session: PumpSession) throws -> BrokerError? {
        if let error = try declare(plan, session, "it is not consumed, and asked for again every \(Int(Self.pause)) s") {
            session.asksAgain = Monotonic.now() + Self.pause
            return error
        }
        try session.consumer.consume(plan, prefetch: prefetch)
        session.wanted.insert(plan.name)
        session.plans[plan.name] = plan
        session.gates.open(plan.name)
        log.debug("queue \(plan.name) is consumed")
        return nil
    }

    /// Makes a queue and its bindings. What only somebody else can mend is said, with what it means, and returned.
    private func declare(_ plan: QueuePlan, _ session: PumpSession, _ meaning: String) throws(BrokerError) -> BrokerError? {
        do {
            try session.consumer.declareAside([plan])
        } catch  where !error.isTemporary {
            if session.missing.updateValue(error.description, forKey: plan.name) != error.description {
                log.error("\(error); \(meaning)")
            }
            return error
        }
        if session.missing.removeValue(forKey: plan.name) != nil { log.notice("queue \(plan.name) is there and bound again") }
        return nil
    }

    /// Queues that were deleted under the program: one of those that come and go is made again by itself, any other begins anew with the
    /// connection.
    func reopenCancelled(_ session: PumpSession) throws {
        for queue in session.consumer.takeCancelled() {
            guard session.wanted.remove(queue) != nil else {
                throw BrokerError(
                    .lost, "queue \(queue) on \(settings.source.url) was deleted or moved: the broker cancelled the consumer")
            }
            log.warning("queue \(queue) was deleted or moved: it is made again")
            session.plans[queue] = nil
            session.queueVersion = -1
        }
    }

    /// Makes sure that the queues are bound: an exchange that was deleted and made again has lost its bindings, and the broker tells nobody.
    /// A few of them at a time.
    func rebind(_ session: PumpSession) throws {
        guard Monotonic.now() >= session.rebinds else { return }
        session.rebinds = Monotonic.now() + settings.rebinding
        for plan in settings.queues where !plan.isProvided && plan.streamOffset == nil {
            _ = try declare(plan, session, "what is published there does not arrive until that is mended")
        }
        let names = session.wanted.sorted()
        for offset in 0..<min(50, names.count) {
            guard let plan = session.plans[names[(session.rebound + offset) % names.count]] else { continue }
            _ = try declare(plan, session, "what is published there does not arrive until that is mended")
        }
        session.rebound = names.isEmpty ? 0 : (session.rebound + 50) % names.count
        session.lookAgain()
    }

    /// Shows on the broker whose queues are held on purpose, by empty queues that end with this connection: `dd_switch check` tells them
    /// from those that nobody serves. Another instance may have them already.
    private func showHolds(_ session: PumpSession) throws(BrokerError) {
        let holds = intake.holds()
        for name in session.holds.subtracting(holds) { try session.consumer.delete(name) }
        for name in holds.subtracting(session.holds) {
            var plan = QueuePlan(name: name)
            plan.isTemporary = true
            do { try session.consumer.declareAside([plan]) } catch  where !error.isTemporary {
                log.debug("\(error)")
            }
        }
        session.holds = holds
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
        session.plans[queue] = nil
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
