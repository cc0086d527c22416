import Glibc

/// One publishing connection with its confirm window, and what waits for room in it.
final class Lane {
    private let publisher: AMQPPublisher
    private var window = ConfirmWindow<(tag: UInt64, outgoing: Outgoing)>()
    private var waiting: [(tag: UInt64, outgoing: Outgoing)] = []
    private var waitingHead = 0
    private let limit: Int
    /// Exchanges asked for before, and the answer; a no is asked again after a while.
    private var known: [String: (exists: Bool, asked: Double)] = [:]
    private let log: Log
    private let broker: String
    private let suspects: Suspects
    /// It was said that the broker is short of memory or disk.
    private var blockIsSaid = false
    /// When it was last said that a queue is full, on `Monotonic`.
    private var fullIsSaid = -Double.infinity

    init(_ settings: BrokerSettings, limit: Int, suspects: Suspects = Suspects(), log: Log) throws(BrokerError) {
        publisher = try AMQPPublisher(settings)
        self.suspects = suspects
        self.limit = limit
        self.log = log
        broker = settings.url.description
    }

    var descriptor: Int32 { publisher.descriptor }
    var touchInterval: Int32 { publisher.touchInterval }
    var isIdle: Bool { window.isEmpty && waitingHead == waiting.count }

    /// Publishes for a delivery, now or when there is room.
    func publish(_ outgoing: Outgoing, for tag: UInt64) {
        waiting.append((tag, outgoing))
    }

    /// Why a message would be refused here before anything of it is sent, or `nil`. `slack`: bytes that may still be added to its headers.
    func fault(of outgoing: Outgoing, slack: Int, maxHeaders: Int = FrameLimits.headers) -> String? {
        publisher.limits.fault(of: outgoing.message, to: outgoing.exchange, slack: slack, maxHeaders: maxHeaders)
    }

    /// Sends what there is room for, reads confirmations, and hands the tag of each confirmed message to `confirmed`. Messages that a
    /// full queue refused are sent again after `refused` was told; those that cannot be sent are handed to `unsendable`, each with the reason.
    func work(
        confirmed: (UInt64) -> Void, refused: (UInt64, Outgoing) -> Void, unsendable: (UInt64, Outgoing, String) -> Void
    ) throws(BrokerError) {
        do throws(BrokerError) {
            try send(confirmed: confirmed, refused: refused, unsendable: unsendable)
        } catch {
            suspects.ended(error, unconfirmed: window.drain().map { ($0.outgoing.message, $0.outgoing.exchange) })
            throw error
        }
    }

    private func send(
        confirmed: (UInt64) -> Void, refused: (UInt64, Outgoing) -> Void, unsendable: (UInt64, Outgoing, String) -> Void
    ) throws(BrokerError) {
        var left: [UInt64] = []
        var faults: [(tag: UInt64, outgoing: Outgoing, why: String)] = []
        if waitingHead < waiting.count {
            try publisher.fillingPackets { () throws(BrokerError) in
                while waitingHead < waiting.count, window.count < suspects.window(limit), !publisher.isBlocked {
                    if isToWait(waiting[waitingHead].outgoing) { continue }
                    let next = waiting[waitingHead]
                    let (message, wanted) = (next.outgoing.message, next.outgoing.exchange)
                    if let why = publisher.limits.fault(of: message, to: wanted) ?? suspects.verdict(on: message, to: wanted) {
                        faults.append((next.tag, next.outgoing, why))
                    } else if let exchange = try exchange(for: next.outgoing) {
                        let sequence = try publisher.publish(next.outgoing.message, to: exchange)
                        window.add(next, sequence: sequence)
                    } else {
                        left.append(next.tag)
                    }
                    waitingHead += 1
                }
            }
        }
        if publisher.isBlocked != blockIsSaid {
            blockIsSaid = publisher.isBlocked
            log.warning(
                "\(broker) \(blockIsSaid ? "takes nothing at the moment: it is short of memory or disk; waiting" : "takes messages again")"
            )
        }
        if waitingHead == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            waitingHead = 0
        }
        for tag in left { confirmed(tag) }
        for fault in faults { unsendable(fault.tag, fault.outgoing, fault.why) }
        try publisher.poll { confirmation in
            switch confirmation {
            case .taken(let sequence, let multiple):
                window.settle(sequence, multiple: multiple) {
                    suspects.confirmed($0.outgoing.message, to: $0.outgoing.exchange)
                    confirmed($0.tag)
                }
            case .refused(let sequence, let multiple):
                window.settle(sequence, multiple: multiple) {
                    sayFull($0.outgoing.exchange)
                    refused($0.tag, $0.outgoing)
                }
            case .unroutable: break
            }
        }
    }

    /// Puts the next message behind all others when it is a suspect and one of them is none.
    private func isToWait(_ outgoing: Outgoing) -> Bool {
        guard suspects.contains(outgoing.message, to: outgoing.exchange),
            waiting[waitingHead...].contains(where: { !suspects.contains($0.outgoing.message, to: $0.outgoing.exchange) })
        else { return false }
        waiting.append(waiting[waitingHead])
        waitingHead += 1
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
    func wait(seconds: Double) {
        var polled = pollfd(fd: publisher.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&polled, 1, Int32(seconds * 1000))
    }

    /// Where a message is published; `nil`: nowhere.
    private func exchange(for outgoing: Outgoing) throws(BrokerError) -> String? {
        switch outgoing.ifMissing {
        case .isThere: return outgoing.exchange
        case .leaveOut: return try exists(outgoing.exchange, or: "are left out") ? outgoing.exchange : nil
        case .publish(let other):
            if try exists(outgoing.exchange, or: "go to \(other)") { return outgoing.exchange }
            return try exists(other, or: "are left out") ? other : nil
        }
    }

    private func exists(_ exchange: String, or instead: String) throws(BrokerError) -> Bool {
        let now = Monotonic.now()
        if let answer = known[exchange], answer.exists || now - answer.asked < 60 { return answer.exists }
        if known.count > 10_000 { known.removeAll() }
        let exists = try publisher.exchangeExists(exchange)
        known[exchange] = (exists, now)
        if !exists { log.warning("exchange \(exchange) does not exist: messages for it \(instead)") }
        return exists
    }
}
