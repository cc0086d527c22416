/// When a pump has done what it was to do, and when it must look again.
extension Pump {
    func isOver(_ session: PumpSession) -> Bool {
        let nothingInHand = schedule.isEmpty && session.isQuiet
        // A transfer from a server that does not answer is not worth waiting for: nothing of it is there, and its post comes again.
        if stop.isRequested, let servers, schedule.runningCount <= servers.heldThreads() { return session.isQuiet }
        if session.isCancelled || intake.isSatisfied { return nothingInHand }
        guard let idle = settings.exitIdle, nothingInHand, session.stream?.due == nil else { return false }
        return Monotonic.now() - idleSince(session) >= idle
    }

    /// What is not heard of a stream is not taken for its end.
    func checkStream(_ session: PumpSession) throws(BrokerError) {
        guard let stream = session.stream, let due = stream.due, Monotonic.now() >= due else { return }
        throw BrokerError(
            .lost, "nothing more of the stream \(stream.name) on \(settings.source.url) came for \(Int(StreamReading.patience)) s"
        )
    }

    /// Since when nothing came that counts.
    private func idleSince(_ session: PumpSession) -> Double {
        guard settings.ignoresSkippedWhenIdle else { return lastDelivery }
        return max(lastDone, session.stream?.idleSince ?? connectedAt ?? lastDelivery)
    }

    /// Tells the figures when they are due.
    func tell(_ session: PumpSession) throws(BrokerError) {
        guard let tells else { return }
        let names = Set(settings.queues.map(\.name)).union(session.queues.names).sorted().prefix(Self.counted)
        let figures = try desk.take(tally, now: Monotonic.now(), held: intake.held) { () throws(BrokerError) in
            var sum: Int?
            for name in names { if let count = try session.count(of: name) { sum = (sum ?? 0) + count } }
            return sum
        }
        if let figures { tells(figures) }
    }

    /// Queues that the broker is asked to count: each is a question and an answer.
    private static let counted = 20

    /// When the pump must look again though nothing arrives and nothing of the session's is due, on `Monotonic`; `nil`: never.
    func deadline(_ session: PumpSession) -> Double? {
        var deadline = session.stream?.due
        if tells != nil { deadline = min(deadline ?? .infinity, desk.due(tally)) }
        if let idle = settings.exitIdle, schedule.isEmpty, session.isQuiet {
            deadline = min(deadline ?? .infinity, idleSince(session) + idle)
        }
        // While jobs wait for a thread, or the program for its threads, all of them may be held by servers that do not answer.
        if let pool, pool.isBehind || stop.isRequested && !schedule.isEmpty {
            deadline = min(deadline ?? .infinity, Monotonic.now() + 0.25)
        }
        return deadline
    }
}
