import DequeModule
import Glibc

/// Publishes posts one after the other with a window of unconfirmed ones, over lost connections, and says of each whether the broker has it.
/// The publishing half of dd_post, dd_poll and dd_watch, each of which is the owner of one.
final class Announcer {
    private let settings: BrokerSettings
    private let exchange: String
    private let mandatory: Bool
    private let limit: Int
    private let patience: Double?
    private let stop: StopSignal
    private let log: Log
    private unowned let owner: any AnnouncerOwner
    private var publisher: AMQPPublisher?
    private var window = ConfirmWindow<Item>()
    /// Refused by a full queue or left unconfirmed by a lost connection: sent again before anything new.
    private var again = Deque<Item>()
    private let suspects = Suspects()
    /// When the broker was lost first since it last took something, on `Monotonic`, and how long the next wait is: a broker that lets in and
    /// takes nothing is as good as away.
    private var lostSince: Double?
    private var returned: [String: String] = [:]
    /// A full queue has refused one of `again` in this round.
    private var isRefused = false
    /// Seconds that were spent waiting since the broker last confirmed something or was connected to. Time in which this process was
    /// stopped (Ctrl-Z) is nobody's silence.
    private var silence = 0.0
    /// It was said why nothing moves; once until it moves again.
    private var stallIsSaid = false
    /// The broker has confirmed something: an exchange that is missing was deleted, and may be made again.
    private var hasConfirmed = false
    /// Since when it is missing, on `Monotonic`.
    private var missingSince: Double?
    private var backoff = Backoff(first: 0.1)
    /// What was said last of a broker that takes nothing, and when, on `Monotonic`.
    private var said: (text: String, at: Double, times: Int) = ("", -.infinity, 0)

    init(
        _ settings: BrokerSettings, exchange: String, mandatory: Bool, window limit: Int, patience: Double?, stop: StopSignal,
        log: Log, owner: any AnnouncerOwner
    ) {
        self.settings = settings
        self.exchange = exchange
        self.mandatory = mandatory
        self.limit = limit
        self.patience = patience
        self.stop = stop
        self.log = log
        self.owner = owner
    }

    /// Posts that are not confirmed yet.
    var open: Int { window.count + again.count }

    /// The socket, for `poll`; -1 when not connected.
    var descriptor: Int32 { publisher?.descriptor ?? -1 }

    /// See `AMQPConnection`.
    var touchInterval: Int32 { publisher?.touchInterval ?? -1 }

    /// Connects, waiting while the broker is away, unless a signal says to stop. Throws as `announce`.
    func connect() throws {
        try attempt { _ = try connected() }
    }

    /// Publishes, waiting while the window is full or the broker is away, unless a signal says to stop. Throws `BrokerError` when it
    /// refuses for good or stays away.
    func announce(_ item: Item) throws {
        again.append(item)
        try work { again.isEmpty || stop.isRequested }
    }

    /// Reads what the broker said meanwhile and serves heartbeats, without waiting.
    func touch() throws {
        guard publisher != nil else { return }
        try attempt { try readConfirmations() }
    }

    /// Waits until every post is settled, or a signal says to stop.
    func finish() throws {
        try work { open == 0 || stop.isRequested }
    }

    func close() {
        publisher?.close()
        publisher = nil
    }

    private func work(until isDone: () -> Bool) throws {
        if open <= 1 { silence = 0 }
        while !isDone() {
            try checkStall()
            try attempt {
                let publisher = try connected()
                while !again.isEmpty, window.count < suspects.window(limit), !publisher.isBlocked {
                    if let index = again.firstIndex(where: { !suspects.contains($0.message, to: exchange) }), index > 0 {
                        again.swapAt(0, index)
                    }
                    let item = again[0]
                    let fault = publisher.limits.fault(of: item.message, to: exchange)
                    if let fault = fault ?? suspects.verdict(on: item.message, to: exchange) {
                        again.removeFirst()
                        owner.settle(item, .unsendable(fault))
                        continue
                    }
                    window.add(item, sequence: try publisher.publish(item.message, to: exchange, mandatory: mandatory))
                    again.removeFirst()
                }
                isRefused = false
                try readConfirmations()
                // Room that the confirmations have made is used at once.
                let hasRoom = !again.isEmpty && window.count < limit && !publisher.isBlocked && !isRefused
                if !isDone() && !hasRoom { wait(publisher) }
            }
        }
    }

    /// Says why nothing moves, and throws when it lasts longer than the patience.
    private func checkStall() throws(BrokerError) {
        let seconds = silence
        guard let publisher, open > 0, seconds > 1 else { return }
        let why =
            if publisher.isBlocked {
                "it is short of memory or disk"
            } else if !again.isEmpty && window.count < limit {
                "a queue on \(exchange) is full or away"
            } else {
                "it does not confirm"
            }
        if let patience, seconds > patience {
            throw BrokerError(
                .unreachable, "\(settings.url) took nothing for \(String(seconds: seconds)) s: \(why); see option wait")
        }
        guard !stallIsSaid, publisher.isBlocked || seconds > 10 else { return }
        stallIsSaid = true
        log.warning("\(settings.url) takes nothing at the moment: \(why); waiting")
    }

    private func wait(_ publisher: AMQPPublisher) {
        var polled = [
            pollfd(fd: publisher.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.isRequested ? -1 : stop.endDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        // Posts that a full queue refused have nothing to wake them but time.
        let limit: Int32 = !again.isEmpty && window.count < limit ? 500 : 1_000
        let began = Monotonic.now()
        poll(&polled, 2, limit)
        silence += min(Monotonic.now() - began, Double(limit) / 1000)
    }

    private func readConfirmations() throws(BrokerError) {
        try publisher?.poll { confirmation in
            switch confirmation {
            case .taken(let sequence, let multiple):
                silence = 0
                stallIsSaid = false
                lostSince = nil
                hasConfirmed = true
                missingSince = nil
                backoff.reset()
                window.settle(sequence, multiple: multiple) { item in
                    suspects.confirmed(item.message, to: exchange)
                    let reason = returned.isEmpty ? nil : returned.removeValue(forKey: item.message.body)
                    owner.settle(item, reason.map { .unroutable($0) } ?? .confirmed)
                }
            case .refused(let sequence, let multiple):
                window.settle(sequence, multiple: multiple) { again.append($0) }
                isRefused = true
            case .unroutable(let reason, let body):
                returned[body] = reason
            }
        }
    }

    /// Runs `body`; a temporary failure drops the connection and keeps what was unconfirmed for the next one.
    private func attempt(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as BrokerError where error.isTemporary || hasConfirmed && error.mayBeMended {
            if error.mayBeMended {
                let since = missingSince ?? Monotonic.now()
                missingSince = since
                if let patience, Monotonic.now() - since > patience { throw error }
            }
            publisher = nil
            returned = [:]
            let unconfirmed = window.drain()
            suspects.ended(error, unconfirmed: unconfirmed.map { ($0.message, exchange) })
            again.prepend(contentsOf: unconfirmed)
            try reconnect(after: error)
        }
    }

    private func connected() throws -> AMQPPublisher {
        if let publisher { return publisher }
        let publisher = try stop.whileConnecting(leave: owner.leave(open: open)) { try AMQPPublisher(settings) }
        self.publisher = publisher
        silence = 0
        return publisher
    }

    private func reconnect(after first: BrokerError) throws {
        owner.brokerIsAway()
        let began = lostSince ?? Monotonic.now()
        lostSince = open > 0 ? began : nil
        var error = first
        while true {
            if let patience, Monotonic.now() - began > patience { throw error }
            if stop.isRequested { throw error }
            let pause = min(backoff.next(), patience.map { max(0.05, $0 - (Monotonic.now() - began) + 0.05) } ?? .infinity)
            let times = error.description == said.text ? said.times : 0
            if times < 6 || Monotonic.now() - said.at >= 30 {
                log.warning("\(error); trying again in \(String(seconds: pause)) s")
                said = (error.description, Monotonic.now(), times + 1)
            }
            Readiness.wait(for: stop.endDescriptor, seconds: pause)
            do {
                _ = try connected()
                if missingSince == nil { log.notice("connected again to \(settings.url)") }
                return
            } catch let next as BrokerError where next.isTemporary {
                error = next
            }
        }
    }
}
