/// Where posts wait on the broker for another try: under the user's own prefix, one queue for each waiting time, so that nothing waits
/// behind what waits longer; and one for what has waited.
///
///     q_bob.dd_subscribe.radar.1f2e3d4c.retry.5s  --after 5 s-->  q_bob.dd_subscribe.radar.1f2e3d4c.again  -->  any instance
///
/// Each has a fanout exchange of its own name: whoever may declare the queue may declare that, and nobody needs the default exchange.
public struct RetryQueues: Sendable, Equatable {
    /// One waiting time.
    public struct Step: Sendable, Equatable {
        /// How long.
        public let seconds: Int64

        /// As in the name of its queue: `5s`, `10m`, `1h`.
        public var name: String {
            for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] as [(String, Int64)] where seconds % length == 0 {
                return "\(seconds / length)\(unit)"
            }
            return "\(seconds)s"
        }
    }

    /// The headers that a post has beside its own while it waits.
    enum Header {
        /// The exchange that it was first published to.
        static let exchange = "dd-exchange"
        /// The tries made.
        static let attempt = "dd-attempt"
        /// When it first came.
        static let first = "dd-first"
        /// The seconds for which it has been tried.
        static let age = "dd-age"
        /// Whether a try may have put the file at its place.
        static let stored = "dd-stored"

        private static let all: Set<String> = [exchange, attempt, first, age, stored]

        /// How many of `headers` are of these.
        static func count(in headers: Headers) -> Int { headers.fields.count { all.contains($0.name) } }
    }

    /// The shortest waits first.
    public let steps: [Step]
    private let base: String
    private let type: QueueType
    /// What the names began with that an earlier version gave: what it left waiting comes from there; `nil`: there was none.
    var formerBase: String?

    /// Days without any use after which the broker deletes these queues.
    static let daysUnused: Int64 = 28

    /// The queues of the work queue called `base`; `waits` are whole seconds above 0. `nil` when their names would be too long.
    public init?(base: String, waits: [Duration], type: QueueType = .classic) {
        (self.base, self.type) = (base, type)
        steps = Set(waits.map(\.components.seconds)).filter { $0 > 0 }.sorted().map(Step.init)
        guard !steps.isEmpty, plans.allSatisfy({ $0.name.utf8.count <= 255 }) else { return nil }
    }

    /// The exchange and the queue of what has waited.
    public var again: String { base + ".again" }

    /// Whether a delivery has waited: it came by the exchange of what has.
    func hasWaited(_ delivery: Delivery) -> Bool {
        delivery.exchange == again || delivery.exchange == formerAgain && delivery.queue == formerAgain
    }

    /// The exchange and the queue of what has waited under the names of an earlier version.
    var formerAgain: String? { formerBase.map { $0 + ".again" } }

    /// The names of all queues, also of those of an earlier version.
    public var names: [String] {
        plans.map(\.name) + (formerBase.map { base in [base + ".again"] + steps.map { "\(base).retry.\($0.name)" } } ?? [])
    }

    /// The exchange and the queue of a step.
    public func name(of step: Step) -> String { "\(base).retry.\(step.name)" }

    /// All queues, in the order in which they are made.
    public var plans: [QueuePlan] {
        var last = QueuePlan(name: again)
        last.hasExchange = true
        last.type = type
        last.expires = Self.daysUnused * 86_400_000
        return [last]
            + steps.map { step in
                var plan = QueuePlan(name: name(of: step))
                plan.hasExchange = true
                plan.type = type
                plan.expires = Self.daysUnused * 86_400_000
                plan.messageTTL = step.seconds * 1000
                plan.deadLetterExchange = again
                return plan
            }
    }

    /// What to try again after `asked` seconds waits here for at least that long, and the longer it has been tried (`age`, seconds), the
    /// longer: what is fresh comes back first, and nothing comes later than after twice the time that it was kept from.
    public func step(asked: Double, age: Double) -> Step {
        steps.last { Double($0.seconds) <= max(asked, age) } ?? steps[0]
    }
}
