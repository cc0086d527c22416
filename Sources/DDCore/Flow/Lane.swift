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
    /// It was said that the broker is short of memory or disk.
    private var blockIsSaid = false

    init(_ settings: BrokerSettings, limit: Int, log: Log) throws(BrokerError) {
        publisher = try AMQPPublisher(settings)
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

    /// Sends what there is room for, reads confirmations, and hands the tag of each confirmed message to `confirmed`. Messages that a
    /// full queue refused are sent again after `refused` was told.
    func work(confirmed: (UInt64) -> Void, refused: (UInt64, Outgoing) -> Void) throws(BrokerError) {
        var left: [UInt64] = []
        while waitingHead < waiting.count, window.count < limit, !publisher.isBlocked {
            let next = waiting[waitingHead]
            if next.outgoing.onlyIfExchangeExists, try !exists(next.outgoing.exchange) {
                left.append(next.tag)
            } else {
                let sequence = try publisher.publish(next.outgoing.message, to: next.outgoing.exchange)
                window.add(next, sequence: sequence)
            }
            waitingHead += 1
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
        try publisher.poll { confirmation in
            switch confirmation {
            case .taken(let sequence, let multiple): window.settle(sequence, multiple: multiple) { confirmed($0.tag) }
            case .refused(let sequence, let multiple):
                window.settle(sequence, multiple: multiple) { refused($0.tag, $0.outgoing) }
            case .unroutable: break
            }
        }
    }

    func close() { publisher.close() }

    private func exists(_ exchange: String) throws(BrokerError) -> Bool {
        let now = Monotonic.now()
        if let answer = known[exchange], answer.exists || now - answer.asked < 60 { return answer.exists }
        if known.count > 10_000 { known.removeAll() }
        let exists = try publisher.exchangeExists(exchange)
        known[exchange] = (exists, now)
        if !exists { log.warning("exchange \(exchange) does not exist: messages for it are left out") }
        return exists
    }
}
