import DequeModule
import Glibc

/// One publishing connection with its confirm window, and what waits for room in it.
final class Lane {
    private typealias Element = (tag: UInt64, outgoing: Outgoing)

    private let publisher: AMQPPublisher
    private var window = ConfirmWindow<Element>()
    private var waiting = Deque<Element>()
    private let limit: Int
    /// Exchanges asked for before, and the answer; a no is asked again after a while, and said once a minute.
    private var known: [String: (exists: Bool, asked: Double, said: Double)] = [:]
    private let log: Log
    private let broker: String
    private let suspects: Suspects
    /// It was said that the broker is short of memory or disk.
    private var blockIsSaid = false
    /// When it was last said that a queue is full, on `Monotonic`.
    private var fullIsSaid = -Double.infinity
    private var refusals = Refusals<Element>()
    /// Since when it is known that a queue of a consumer refuses what is published on these exchanges: it was said.
    private var passedBy: [String: Double] = [:]

    init(_ settings: BrokerSettings, limit: Int, suspects: Suspects = Suspects(), log: Log) throws(BrokerError) {
        publisher = try AMQPPublisher(settings)
        self.suspects = suspects
        self.limit = limit
        self.log = log
        broker = settings.url.description
    }

    var descriptor: Int32 { publisher.descriptor }
    var touchInterval: Int32 { publisher.touchInterval }
    var isIdle: Bool { window.isEmpty && waiting.isEmpty }

    /// Publishes for a delivery, now or when there is room.
    func publish(_ outgoing: Outgoing, for tag: UInt64) {
        waiting.append((tag, outgoing))
    }

    /// Why a message would be refused here before anything of it is sent, or `nil`. `slack`: bytes that may still be added to its headers.
    func fault(of outgoing: Outgoing, slack: Int, maxHeaders: Int = FrameLimits.headers) -> String? {
        publisher.limits.fault(of: outgoing.message, to: outgoing.exchange, slack: slack, maxHeaders: maxHeaders)
    }

    /// Sends what there is room for, reads confirmations, and hands the tag of each message that is dealt with to `confirmed`. What is to be
    /// published again after a moment goes to `again`: a full queue refused it, or its exchange is not there. What cannot be sent is handed
    /// to `unsendable`, with the reason.
    func work(
        confirmed: (UInt64) -> Void, again: (UInt64, Outgoing) -> Void, unsendable: (UInt64, Outgoing, String) -> Void
    ) throws(BrokerError) {
        do throws(BrokerError) {
            try send(confirmed: confirmed, again: again, unsendable: unsendable)
            try readConfirmations(confirmed: confirmed, again: again)
        } catch {
            suspects.ended(error, unconfirmed: window.drain().map { ($0.outgoing.message, $0.outgoing.exchange) })
            throw error
        }
    }

    private func send(
        confirmed: (UInt64) -> Void, again: (UInt64, Outgoing) -> Void, unsendable: (UInt64, Outgoing, String) -> Void
    ) throws(BrokerError) {
        var left: [UInt64] = []
        var delayed: [Element] = []
        var faults: [(tag: UInt64, outgoing: Outgoing, why: String)] = []
        if !waiting.isEmpty {
            try publisher.fillingPackets { () throws(BrokerError) in
                while let next = waiting.first, window.count < suspects.window(limit), !publisher.isBlocked {
                    if isToWait(next) { continue }
                    let (message, wanted) = (next.outgoing.message, next.outgoing.exchange)
                    if let why = publisher.limits.fault(of: message, to: wanted) ?? suspects.verdict(on: message, to: wanted) {
                        faults.append((next.tag, next.outgoing, why))
                    } else if let exchange = try exchange(for: next.outgoing) {
                        let sequence = try publisher.publish(next.outgoing.message, to: exchange)
                        window.add(next, sequence: sequence)
                    } else if next.outgoing.ifMissing == .wait {
                        delayed.append(next)
                    } else {
                        left.append(next.tag)
                    }
                    waiting.removeFirst()
                }
            }
        }
        if publisher.isBlocked != blockIsSaid {
            blockIsSaid = publisher.isBlocked
            log.warning(
                "\(broker) \(blockIsSaid ? "takes nothing at the moment: it is short of memory or disk; waiting" : "takes messages again")"
            )
        }
        for tag in left { confirmed(tag) }
        for fault in faults { unsendable(fault.tag, fault.outgoing, fault.why) }
        for element in delayed { again(element.tag, element.outgoing) }
    }

    private func readConfirmations(
        confirmed: (UInt64) -> Void, again: (UInt64, Outgoing) -> Void
    ) throws(BrokerError) {
        var (taken, refused) = ([Element](), [Element]())
        try publisher.poll { confirmation in
            switch confirmation {
            case .taken(let sequence, let multiple): window.settle(sequence, multiple: multiple) { taken.append($0) }
            case .refused(let sequence, let multiple): window.settle(sequence, multiple: multiple) { refused.append($0) }
            case .unroutable: break
            }
        }
        for element in taken {
            suspects.confirmed(element.outgoing.message, to: element.outgoing.exchange)
            confirmed(element.tag)
            guard element.outgoing.isRepeated else { continue }
            for (tag, outgoing) in refusals.confirmed(on: element.outgoing.exchange) { again(tag, Self.repeated(outgoing)) }
        }
        for element in refused {
            let (left, outgoing) = refuse(element)
            for tag in left { confirmed(tag) }
            if let outgoing { again(element.tag, outgoing) }
        }
    }

    /// A queue behind its exchange has refused a message. One of the switch's own is waited for; for one of a consumer's nothing is
    /// published more than twice. Returns what is dealt with for all that, and what is to be published again.
    private func refuse(_ element: Element) -> (left: [UInt64], again: Outgoing?) {
        let outgoing = element.outgoing
        guard outgoing.isForConsumers else {
            sayFull(outgoing.exchange)
            return ([], outgoing)
        }
        let now = Monotonic.now()
        let (verdict, others) = refusals.refused(element, on: outgoing.exchange, isRepeated: outgoing.isRepeated, now: now)
        switch verdict {
        case .publishAgain: return ([], Self.repeated(outgoing))
        case .wait: return ([], nil)
        case .leave:
            sayPassedBy(outgoing.exchange, now)
            return ([element.tag] + others.map(\.tag), nil)
        }
    }

    private static func repeated(_ outgoing: Outgoing) -> Outgoing {
        var outgoing = outgoing
        outgoing.isRepeated = true
        return outgoing
    }

    private func sayPassedBy(_ exchange: String, _ now: Double) {
        if let said = passedBy[exchange], now - said < Refusals<UInt64>.patience { return }
        // Exchanges are as many as sources.
        if passedBy.count > 10_000 { passedBy.removeAll() }
        passedBy[exchange] = now
        log.warning(
            "a queue of a consumer behind \(exchange) on \(broker) refuses messages (x-overflow reject-publish, and full): it misses them,"
                + " all others have them; dd_switch doctor names it")
    }

    /// Puts the next message behind all others when it is a suspect and one of them is none.
    private func isToWait(_ next: Element) -> Bool {
        guard suspects.contains(next.outgoing.message, to: next.outgoing.exchange),
            waiting.contains(where: { !suspects.contains($0.outgoing.message, to: $0.outgoing.exchange) })
        else { return false }
        waiting.append(next)
        waiting.removeFirst()
        return true
    }

    private func sayFull(_ exchange: String) {
        let now = Monotonic.now()
        guard now - fullIsSaid >= 60 else { return }
        fullIsSaid = now
        log.warning("a queue behind \(exchange) on \(broker) is full or away and refuses messages: they wait here")
    }

    func close() { publisher.close() }

    /// Waits until the broker says something, at most so long.
    func wait(seconds: Double) { Readiness.wait(for: publisher.descriptor, seconds: seconds) }

    /// Where a message is published; `nil`: nowhere.
    private func exchange(for outgoing: Outgoing) throws(BrokerError) -> String? {
        switch outgoing.ifMissing {
        case .isThere: return outgoing.exchange
        case .leaveOut: return try exists(outgoing.exchange, or: "are left out") ? outgoing.exchange : nil
        case .publish(let other):
            if try exists(outgoing.exchange, or: "go to \(other)") { return outgoing.exchange }
            return try exists(other, or: "are left out") ? other : nil
        case .wait:
            return try exists(outgoing.exchange, or: "wait here until it is made again", askedEvery: 5) ? outgoing.exchange : nil
        }
    }

    private func exists(_ exchange: String, or instead: String, askedEvery seconds: Double = 60) throws(BrokerError) -> Bool {
        let now = Monotonic.now()
        let before = known[exchange]
        if let before, before.exists || now - before.asked < seconds { return before.exists }
        if known.count > 10_000 { known.removeAll() }
        let exists = try publisher.exchangeExists(exchange)
        let isSaid = before.map { now - $0.said < 60 } ?? false
        known[exchange] = (exists, now, isSaid ? before?.said ?? now : now)
        if exists, before != nil { log.notice("exchange \(exchange) on \(broker) is there again") }
        if !exists, !isSaid { log.warning("exchange \(exchange) on \(broker) does not exist: messages for it \(instead)") }
        return exists
    }
}
