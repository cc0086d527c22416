extension SaraFlow.Plan {
    /// The plan that dd_sara's options ask for.
    public init(_ options: SaraOptions) {
        let intake = options.intake
        let outlet = options.outlet
        self.init(
            cluster: outlet.cluster, aliases: outlet.aliases + [outlet.broker.host], readsSources: intake.isFromSources,
            root: options.documentRoot,
            placement: Placement(
                mirrors: options.placement.mirror, strip: options.placement.strip, flatten: options.placement.flatten,
                daily: !options.placement.mirror),
            url: outlet.url, exchange: outlet.exchange, rules: options.rules,
            reporter: options.logBack ? Reporter(options) : nil, allowed: options.allowedURLs,
            allowsLocal: !intake.isFromSources && intake.broker.isLoopback)
        blockSizes = intake.blockSizes
    }
}

extension Reporter {
    /// The reporter of a switch: onto its own log, and at once to the source, where it takes in what its own sources post; to the upstream
    /// switch, as that one's consumer, where it takes in what another switch announces.
    public init(_ options: SaraOptions) {
        let user = options.intake.broker.user
        if options.intake.isFromSources {
            self.init(
                user: user, host: LocalHost.name, exchange: ExchangeName.log,
                router: ReportRouter(cluster: options.outlet.cluster))
        } else {
            self.init(user: user, host: LocalHost.name, exchange: ExchangeName.posts(of: user))
        }
    }
}

/// The queues that dd_sara consumes.
public struct SaraQueues: Sendable {
    /// One for each source's exchange, or one for all.
    public let plans: [QueuePlan]
    /// Bindings of earlier runs to take away.
    public let stale: [Binding]
    /// Where posts of failed transfers wait.
    public let retries: RetryQueues?
    /// What is remembered of the one queue; `nil` where queues are the switch's own.
    public let state: QueueState?

    /// Messages that an ingest queue holds before it refuses more from its source.
    public static let ingestLimit: Int64 = 1_000_000

    /// The queues that dd_sara's options ask for.
    public init(_ options: SaraOptions) throws(FileError) {
        let intake = options.intake
        let topics = intake.topics.map { "\(intake.topicPrefix).\($0)" }
        func retries(_ queue: String) -> RetryQueues? {
            RetryQueues(queue, user: intake.broker.user, options.common, options.queue)
        }
        guard intake.isFromSources else {
            let state = try QueueState(user: intake.broker.user, common: options.common, chosen: options.queue.name)
            let bindings = intake.exchanges.flatMap { exchange in topics.map { Binding(exchange: exchange, topic: $0) } }
            let (plan, stale) = try QueuePlan.make(options.queue, state, bindings: bindings)
            (self.plans, self.stale, self.state, self.retries) = ([plan], stale, state, retries(plan.name))
            return
        }
        (stale, state) = ([], nil)
        if let name = options.queue.name {
            var plan = QueuePlan(name: name)
            plan.isProvided = true
            (plans, self.retries) = ([plan], retries(name))
            return
        }
        // One set for all sources: where a post came from travels with it.
        self.retries = retries("")
        plans = intake.exchanges.map { exchange in
            let name = QueueName.ingest(
                feeder: intake.broker.user, config: options.common.configuration ?? "ingest",
                source: ExchangeName.owner(ofPosts: exchange) ?? exchange)
            var plan = QueuePlan(name: name)
            plan.maxLength = Self.ingestLimit
            plan.bindings = topics.map { Binding(exchange: exchange, topic: $0) }
            return plan
        }
    }
}

extension PumpSettings {
    /// The pump that dd_sara's options ask for.
    public init(_ options: SaraOptions, _ queues: SaraQueues) {
        self.init(source: BrokerSettings(options.intake.broker, options.common), queues: queues.plans)
        staleBindings = queues.stale
        retries = queues.retries
        retryTTL = options.queue.retryTTL.inSeconds
        prefetch = options.queue.prefetch
        announcements = BrokerSettings(options.outlet.broker, options.common)
        reports = options.logBack ? BrokerSettings(options.intake.broker, options.common) : nil
        workers = options.parallel
        exitIdle = options.exit.idle?.inSeconds
        exitAfter = options.exit.messages
        patience = options.common.wait?.inSeconds
    }
}
