extension SaraPlan {
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
            reporter: options.logBack ? Reporter(options) : nil,
            sources: SourceTable(
                intake.isFromSources ? intake.exchanges.compactMap(ExchangeName.owner(ofPosts:)) : [],
                allowed: options.allowedURLs, quotas: options.admission.quotas),
            limits: AdmissionLimits(options.admission),
            allowsLocal: !intake.isFromSources && intake.broker.isLoopback)
        // Without the control stream nothing is known of links; then all names but this switch's are somebody else's.
        let routing = options.routing
        if routing.link != nil || options.admission.control {
            routes = RouteTable(
                cluster: outlet.cluster, aliases: aliases, groups: routing.groups, isKnown: false)
        }
        logsRejected = options.common.logReject
        (link, fromClusters) = (routing.link, routing.fromClusters)
        privates = options.admission.privateAccounts.map { PrivateAccess($0, cluster: outlet.cluster, log: options.common.log) }
        self.placement.keepsDailyTrees = routing.link != nil
        self.placement.namesClusters = routing.link != nil && !routing.trustsNames
        flight = FlightLimit(options)
        lock = options.placement.lock
        if usage != nil {
            usage = DiskUsage(
                DailyTrees(root: root), quarantine: Quarantine(options.admission.quarantine), lock: lock, path: options.usageFile)
        }
        blockSizes = intake.blockSizes
    }
}

extension Reporter {
    /// The reporter of a switch: onto its own log, and at once to the source, where it takes in what its own sources post; to the upstream
    /// switch, as that one's consumer, where it takes in what another switch announces.
    public init(_ options: SaraOptions) {
        let user = options.intake.broker.user
        if options.intake.isFromSources {
            self.init(user: user, host: LocalHost.name, .route(ReportRouter(cluster: options.outlet.cluster)))
        } else {
            self.init(user: user, host: LocalHost.name, .tell(exchange: ExchangeName.posts(of: user)))
        }
    }
}

extension PumpSettings {
    /// The pump that dd_sara's options ask for.
    public init(_ options: SaraOptions, _ queues: SaraQueues) {
        self.init(source: BrokerSettings(options.intake.broker, options.common), queues: queues.plans)
        stale = queues.stale
        control = queues.control
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
