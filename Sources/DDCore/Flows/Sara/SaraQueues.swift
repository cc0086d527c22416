/// The queues that dd_sara consumes.
public struct SaraQueues: Sendable {
    /// Those that are known from the start; none where each source has its own, which come and go with the sources.
    public let plans: [QueuePlan]
    /// Bindings of earlier runs to take away.
    public let stale: StaleBindings?
    /// Where posts of failed transfers wait.
    public let retries: RetryQueues?
    /// What is remembered of the one queue; `nil` where queues are the switch's own.
    public let state: QueueState?
    /// The control stream that is followed.
    public let control: String?
    /// How a source's queue is made; `nil` where sources have none of their own.
    let ingest: IngestQueues?

    /// The queues that dd_sara's options ask for.
    public init(_ options: SaraOptions) throws(FileError) {
        let intake = options.intake
        let topics = intake.topics.map { "\(intake.topicPrefix).\($0)" }
        func retries(_ queue: String) -> RetryQueues? {
            RetryQueues(queue, user: intake.broker.user, options.common, options.queue)
        }
        if options.routing.link != nil {
            // Made by the other switch for this one.
            var plan = QueuePlan(name: options.queue.name ?? QueueName.link(ofAccount: intake.broker.user))
            plan.isProvided = true
            (plans, stale, state, self.retries) = ([plan], nil, nil, retries(plan.name))
            (control, ingest) = (nil, nil)
            return
        }
        guard intake.isFromSources else {
            let state = try QueueState(user: intake.broker.user, common: options.common, chosen: options.queue.name)
            let hop = Topic.withBlocks(intake.topicPrefix).flatMap { prefix in intake.topics.map { "\(prefix).\($0)" } }
            let bindings = intake.exchanges.flatMap { exchange in hop.map { Binding(exchange: exchange, topic: $0) } }
            let (plan, stale) = try QueuePlan.make(options.queue, state, bindings: bindings)
            (self.plans, self.stale, self.state, self.retries) = ([plan], stale, state, retries(plan.name))
            (control, ingest) = (nil, nil)
            return
        }
        (stale, state) = (nil, nil)
        control = options.admission.control ? QueueName.control(feeder: intake.broker.user) : nil
        if let name = options.queue.name {
            var plan = QueuePlan(name: name)
            plan.isProvided = true
            (plans, self.retries, ingest) = ([plan], retries(name), nil)
            return
        }
        // One set for all sources: where a post came from travels with it.
        let (feeder, config) = (intake.broker.user, options.common.configuration ?? "ingest")
        var all = RetryQueues(
            base: QueueName.retries(feeder: feeder, config: config), waits: options.queue.retryWaits, type: options.queue.type)
        all?.formerBase = QueueName.formerRetries(feeder: feeder, config: config)
        self.retries = all
        plans = []
        ingest = IngestQueues(
            feeder: intake.broker.user, config: options.common.configuration ?? "ingest", topics: topics,
            type: options.queue.type,
            configured: intake.exchanges.compactMap(ExchangeName.owner(ofPosts:)))
    }

    /// The names of the queues that this configuration makes.
    public var own: [String] {
        plans.filter { !$0.isProvided }.map(\.name) + (ingest?.configured.compactMap { ingest?.plan(of: $0).name } ?? [])
            + (retries?.names ?? [])
    }
}

/// How the queue is made in which a source's posts wait to be taken in: one for each source, so that one can be held or flooded alone.
struct IngestQueues: Sendable {
    let feeder: String
    let config: String
    let topics: [String]
    let type: QueueType
    /// The sources that the configuration names.
    let configured: [String]

    /// The queue that is there while the posts of `source` are held.
    func hold(of source: String) -> String { QueueName.hold(feeder: feeder, config: config, source: source) }

    /// The queue of `source`.
    func plan(of source: String) -> QueuePlan {
        var plan = QueuePlan(name: QueueName.ingest(feeder: feeder, config: config, source: source))
        plan.type = type
        plan.isBounded = true
        plan.bindings = topics.map { Binding(exchange: ExchangeName.posts(of: source), topic: $0) }
        return plan
    }
}
