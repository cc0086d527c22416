/// The queues of one connection that come and go while the pump runs, as the intake wants them, and what is done so that all queues stay
/// bound.
final class ConsumedQueues {
    private let settings: PumpSettings
    private let consumer: AMQPConsumer
    private let log: Log
    /// The plans of those that are consumed, by their names.
    private var plans: [String: QueuePlan] = [:]
    /// At which version of the intake's mind they were arranged; -1: not yet, or not any more.
    private var version = -1
    /// Queues that could not be had, by their names, and why; asked for again at `asksAgain`, on `Monotonic`.
    private var missing: [String: String] = [:]
    private var asksAgain = Double.infinity
    /// When it is made sure again that queues are bound, on `Monotonic`, and whose turn it is.
    private var rebinds: Double
    private var rebound = 0
    /// The queues that say whose posts are held (`Intake.holds`).
    private var holds: Set<String> = []
    private var isClosed = false

    /// Seconds after which a queue that could not be had is asked for again.
    private static let pause = 10.0

    init(_ settings: PumpSettings, consumer: AMQPConsumer, log: Log) {
        self.settings = settings
        self.consumer = consumer
        self.log = log
        rebinds = Monotonic.now() + settings.rebinding
    }

    /// When something is to be done here though nothing arrives, on `Monotonic`.
    var next: Double { min(rebinds, asksAgain) }

    /// None is consumed.
    var isEmpty: Bool { plans.isEmpty }

    /// Whether they must be arranged anew, because the intake wants others or some could not be had; from now on that is being done.
    func beginArranging(_ version: Int) -> Bool {
        guard version != self.version || Monotonic.now() >= asksAgain, !isClosed else { return false }
        self.version = version
        asksAgain = .infinity
        return true
    }

    /// They are arranged anew at the next look.
    func arrangeAgain() { version = -1 }

    /// Those that are consumed.
    var names: [String] { Array(plans.keys) }

    /// Those that are consumed and not among `wanted`.
    func others(than wanted: [QueuePlan]) -> [String] { Set(plans.keys).subtracting(wanted.map(\.name)).sorted() }

    /// Whether it is consumed.
    func contains(_ name: String) -> Bool { plans[name] != nil }

    /// Consumes a queue that is made and bound first; what the broker has against that is said once, and returned.
    func open(_ plan: QueuePlan, prefetch: Int) throws(BrokerError) -> BrokerError? {
        if let error = try declare(plan, "it is not consumed, and asked for again every \(Int(Self.pause)) s") {
            asksAgain = Monotonic.now() + Self.pause
            return error
        }
        try consumer.consume(plan, prefetch: prefetch)
        plans[plan.name] = plan
        log.debug("queue \(plan.name) is consumed")
        return nil
    }

    /// Nothing more of a queue is delivered, but for what is on its way.
    func close(_ name: String) throws(BrokerError) {
        try consumer.cancel(name)
        plans[name] = nil
    }

    /// Nothing is consumed, made or bound any more.
    func close() {
        isClosed = true
        (rebinds, asksAgain) = (.infinity, .infinity)
    }

    /// Queues that were deleted under the program: one of those that come and go is made again by itself, any other begins anew with the
    /// connection.
    func reopenCancelled() throws(BrokerError) {
        for queue in consumer.takeCancelled() {
            guard plans.removeValue(forKey: queue) != nil else {
                throw BrokerError(
                    .lost, "queue \(queue) on \(settings.source.url) was deleted or moved: the broker cancelled the consumer")
            }
            log.warning("queue \(queue) was deleted or moved: it is made again")
            arrangeAgain()
        }
    }

    /// Makes sure from time to time that all queues are bound: an exchange that was deleted and made again has lost its bindings, and the
    /// broker tells nobody. A few of those that come and go at a time.
    func rebind() throws(BrokerError) {
        guard Monotonic.now() >= rebinds else { return }
        rebinds = Monotonic.now() + settings.rebinding
        let meaning = "what is published there does not arrive until that is mended"
        for plan in settings.queues where !plan.isProvided && plan.streamOffset == nil { _ = try declare(plan, meaning) }
        let names = plans.keys.sorted()
        for offset in 0..<min(50, names.count) {
            guard let plan = plans[names[(rebound + offset) % names.count]] else { continue }
            _ = try declare(plan, meaning)
        }
        rebound = names.isEmpty ? 0 : (rebound + 50) % names.count
    }

    /// Shows on the broker whose queues are held on purpose, by empty queues that end with this connection: `dd_switch check` tells them
    /// from those that nobody serves. Another instance may have them already.
    func show(holds: Set<String>) throws(BrokerError) {
        for name in self.holds.subtracting(holds) { try consumer.delete(name) }
        for name in holds.subtracting(self.holds) {
            var plan = QueuePlan(name: name)
            plan.isTemporary = true
            do { try consumer.declareAside([plan]) } catch  where !error.isTemporary {
                log.debug("\(error)")
            }
        }
        self.holds = holds
    }

    /// Makes a queue and its bindings. What only somebody else can mend is said, with what it means, and returned.
    private func declare(_ plan: QueuePlan, _ meaning: String) throws(BrokerError) -> BrokerError? {
        do {
            try consumer.declareAside([plan])
        } catch  where !error.isTemporary {
            if missing.updateValue(error.description, forKey: plan.name) != error.description {
                log.error("\(error); \(meaning)")
            }
            return error
        }
        if missing.removeValue(forKey: plan.name) != nil { log.notice("queue \(plan.name) is there and bound again") }
        return nil
    }
}
