extension SaraFlow {
    /// Puts a file that was kept aside back to its place, announces and reports it as it would have been, and forgets it in the quarantine
    /// when the broker has both. What is cut off is done again by the next call.
    public static func release(_ item: Quarantine.Item, from quarantine: Quarantine, _ options: SaraOptions) throws {
        let root = try DocumentRoot(options.documentRoot)
        try quarantine.putBack(item, to: root)
        let announcement = Outgoing(item.announcement, to: item.exchange, lane: .announcements)
        try publish([announcement], on: BrokerSettings(options.outlet.broker, options.common), options.common.log)
        if options.logBack, let post = try? PostCodec.decode(item.announcement) {
            let reports = Reporter(options).report(Status(201, "Published, after it was kept aside"), on: post, seconds: 0)
            try publish(reports, on: BrokerSettings(options.intake.broker, options.common), options.common.log)
        }
        try quarantine.forget(item)
    }

    private static func publish(_ messages: [Outgoing], on settings: BrokerSettings, _ log: Log) throws(BrokerError) {
        let lane = try Lane(settings, limit: 100, log: log)
        for message in messages { lane.publish(message, for: 0) }
        let end = Monotonic.now() + 30
        while true {
            var refused = false
            try lane.work(confirmed: { _ in }, refused: { _, _ in refused = true })
            if refused { throw BrokerError(.lost, "a full queue on \(settings.url) refuses the announcement; try again later") }
            if lane.isIdle { break }
            guard Monotonic.now() < end else { throw BrokerError(.lost, "\(settings.url) does not confirm the announcement") }
            lane.wait(seconds: 1)
        }
        lane.close()
    }
}
