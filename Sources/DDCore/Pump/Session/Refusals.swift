/// Whether what a queue behind an exchange has refused is published there again. Decides only; the lane acts.
///
/// The broker's refusal (`basic.nack`) does not say which queue refused: all others behind the exchange have the message, and get it a
/// second time when it is published again. A queue that was away for a moment is worth that; one that goes on refusing, because its owner
/// wants it so (`x-overflow: reject-publish`), is not.
struct Refusals<Element> {
    /// What becomes of a refused message.
    enum Verdict: Equatable {
        /// It is published again after a moment.
        case publishAgain
        /// It waits for what becomes of the one that is published again (`confirmed`, `refused`).
        case wait
        /// It counts as published.
        case leave
    }

    private enum State {
        /// One message is published again; the others that were refused wait for its fate.
        case asking([Element])
        /// A queue goes on refusing: nothing is published again before this moment.
        case lasting(until: Double)
    }

    private var states: [String: State] = [:]

    /// Seconds for which a queue that refused twice is expected to go on refusing.
    static var patience: Double { 600 }

    /// A message for `exchange` was refused, `isRepeated`: for the second time. Returns also those that waited for its fate: with them is
    /// done as with it.
    mutating func refused(
        _ element: Element, on exchange: String, isRepeated: Bool, now: Double
    ) -> (verdict: Verdict, others: [Element]) {
        if isRepeated {
            let others = waiting(on: exchange)
            states[exchange] = .lasting(until: now + Self.patience)
            return (.leave, others)
        }
        switch states[exchange] {
        case .lasting(let until)? where now < until: return (.leave, [])
        case .asking(var waiting)?:
            // Taken out of its place while it grows, so that it is not copied.
            states[exchange] = nil
            waiting.append(element)
            states[exchange] = .asking(waiting)
            return (.wait, [])
        case .lasting, nil:
            states[exchange] = .asking([])
            return (.publishAgain, [])
        }
    }

    /// The repeated message was taken: returns those that waited for that, which are to be published again as well.
    mutating func confirmed(on exchange: String) -> [Element] {
        guard case .asking(let waiting)? = states[exchange] else { return [] }
        states[exchange] = nil
        return waiting
    }

    private func waiting(on exchange: String) -> [Element] {
        if case .asking(let waiting)? = states[exchange] { return waiting }
        return []
    }
}

extension Outgoing {
    /// Whether users bind queues of their own behind its exchange. One of those that is full must not hold back what all others get; a
    /// queue of the switch, or of the publisher itself, that refuses is to be waited for.
    var isForConsumers: Bool {
        lane != .retries && !["xs_", "xq_", "xr_", "q_"].contains { exchange.hasPrefix($0) }
    }
}
