extension SubscribePlan {
    /// The plan that dd_subscribe's options ask for.
    public init(_ options: SubscribeOptions, _ reporter: Reporter?) throws(ConfigError) {
        self.init(
            rules: options.rules, directory: options.directory,
            placement: Placement(
                mirrors: options.placement.mirror, strip: options.placement.strip, flatten: options.placement.flatten),
            reporter: reporter)
        signers = try options.signers.map { path throws(ConfigError) in try SealKeys.signers(path) }
        notifiesOnly = options.mode == .notifyOnly
        privateExchange = ExchangeName.privatePosts(of: options.broker.user)
        logsRejected = options.common.logReject
    }
}

extension AcquireSettings {
    /// What dd_subscribe's options ask for.
    public init(_ options: SubscribeOptions) throws(ConfigError) {
        try self.init(options.placement, parallel: options.parallel)
        removes = options.remove
        discards = options.mode == .discard
    }

    /// What dd_sara's options ask for: removals are carried on.
    public init(_ options: SaraOptions) throws(ConfigError) {
        try self.init(options.placement, parallel: options.parallel)
        removes = true
        allowsOutsideLinks = options.placement.outsideLinks
        // Above it are the day and the source; see `Placement`.
        ownTreeDepth = options.placement.mirror ? 0 : 2
        recomputesSum = options.outlet.recomputesSum
    }

    private init(_ placement: PlacementOptions, parallel: Int) throws(ConfigError) {
        self.init()
        lock = placement.lock
        let share = try DescriptorShare(parallel: parallel)
        (openFiles, openDirectories) = (share.files, share.directories)
        syncsBeforeRename = placement.syncBeforeRename
        overwrites = placement.overwrite
        assembles = placement.inplace
        preservesMode = placement.preserveMode
        preservesTime = placement.preserveTime
        allowsOutsideLinks = placement.outsideLinks
    }
}

extension Reporter {
    /// The reporter of an end user: to his own exchange, from where the switch takes it on.
    public init(_ options: SubscribeOptions) {
        self.init(
            user: options.broker.user, host: LocalHost.name, .tell(exchange: ExchangeName.posts(of: options.broker.user)))
    }
}

extension QueueState {
    /// The state of what dd_subscribe's options name.
    public init(_ options: SubscribeOptions) throws(FileError) {
        try self.init(
            user: options.broker.user, common: options.common, chosen: options.queue.name,
            broker: options.isAtFirstBroker ? nil : options.broker)
    }
}

extension PumpSettings {
    /// The pump that dd_subscribe's options ask for. `state` is that of the configuration's queue; `nil`: a look through one of its own.
    public init(_ options: SubscribeOptions, _ state: QueueState?, reports: Bool) throws(FileError) {
        let broker = BrokerSettings(options.broker, options.common)
        // Who stores nothing has no use for blocks.
        let prefixes = options.mode == .fetch ? Topic.withBlocks(options.topicPrefix) : [options.topicPrefix]
        // What is for this user alone comes by an exchange of its own, which only switches with private data have.
        let own = options.exchange == ExchangeName.publicPosts ? [ExchangeName.privatePosts(of: options.broker.user)] : []
        let bindings = ([options.exchange] + own).flatMap { exchange in
            prefixes.flatMap { prefix in
                options.subtopics.map {
                    Binding(exchange: exchange, topic: "\(prefix).\($0)", isOptional: exchange != options.exchange)
                }
            }
        }
        if let state {
            let (plan, stale) = try QueuePlan.make(options.queue, state, bindings: bindings)
            self.init(source: broker, queues: [plan])
            self.stale = stale
        } else {
            let id = options.look ?? QueuePlan.lookWord
            self.init(source: broker, queues: [QueuePlan(lookBy: broker.url.user, options.common, id: id, bindings: bindings)])
        }
        prefetch = options.queue.prefetch
        if options.mode.fetches, state != nil, let plan = queues.first {
            retries = RetryQueues(plan.name, user: options.broker.user, options.common, options.queue)
            retryTTL = options.queue.retryTTL.inSeconds
        }
        self.reports = reports ? broker : nil
        workers = options.parallel
        exitIdle = options.exit.idle?.inSeconds
        exitAfter = options.exit.messages
        patience = options.common.wait?.inSeconds
    }
}
