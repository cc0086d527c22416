/// Passes on the first of each kind of post, on the pump's thread.
public final class WinnowIntake: Intake {
    private let winnow: Winnow
    private let selection: Selection
    private let logsRejected: Bool
    private let exchange: String
    private let topicPrefix: String
    private let log: Log
    private var counts = (passed: 0, doubles: 0, outdated: 0)
    private var said = Monotonic.now()
    private var saidEvictions = 0

    /// Seconds between two lines about what was counted.
    private static let pause = 600.0

    /// An intake for dd_winnow's options. Throws `ConfigError` for a bad pattern, and what the system says about the file of what was seen.
    public init(_ options: WinnowOptions) throws {
        let log = options.common.log
        try SmallFile.makeFolder(holding: options.memory, mode: 0o700)
        let table = try SeenTable(
            options.memory, capacity: options.rememberCount, window: Int64(options.remember.inSeconds)
        ) { isNew in
            if isNew {
                log.notice(
                    "nothing is remembered yet: \(options.memory) is made, \(SeenTable.bytes(for: options.rememberCount)) bytes")
            }
        }
        winnow = Winnow(table, basis: options.basis, strip: options.strip)
        selection = try Selection(options.rules)
        logsRejected = options.common.logReject
        (exchange, topicPrefix, self.log) = (options.exchange, options.source.topicPrefix, log)
    }

    /// See `Intake`.
    public func consider(_ delivery: Delivery) -> Consideration {
        defer { if Monotonic.now() - said >= Self.pause { tell() } }
        do {
            let post = try PostCodec.decode(delivery)
            guard case .accept = selection.decide(post.location.url, log, aloud: logsRejected) else {
                return .settled(Outcome(.passed))
            }
            let verdict = try winnow.verdict(on: post, isRedelivered: delivery.redelivered)
            switch verdict {
            case .pass: counts.passed += 1
            case .double: counts.doubles += 1
            case .outdated: counts.outdated += 1
            }
            guard verdict == .pass else {
                log.debug("\(post.location.url): \(verdict == .double ? "announced before" : "removed after it was posted")")
                return .settled(Outcome(.passed))
            }
            var outcome = Outcome(.done)
            let message = try PostCodec.encode(post, topicPrefix: post.block == nil ? topicPrefix : Topic.ofBlocks)
            outcome.announcements = [Outgoing(message, to: exchange, lane: .announcements, ifMissing: .wait)]
            return .settled(outcome)
        } catch let error as MessageError {
            log.warning("a message that cannot be read is dropped (\(delivery.which())): \(error)")
            return .settled(Outcome(.failed))
        } catch {
            // What cannot be remembered may be a double; what is dropped would be lost.
            log.error("\(error): the message waits")
            return .wait(5)
        }
    }

    /// Says what was counted since it was said last.
    public func tell() {
        said = Monotonic.now()
        defer { counts = (0, 0, 0) }
        if counts.doubles + counts.outdated > 0 {
            let late = counts.outdated > 0 ? ", \(counts.outdated) of files that were removed since" : ""
            log.notice("\(counts.passed) posts passed on, \(counts.doubles) doubles dropped\(late)")
        }
        if winnow.evictions > saidEvictions {
            log.warning(
                "\(winnow.evictions - saidEvictions) posts were forgotten before their time: doubles of them would pass; raise remember_count"
            )
            saidEvictions = winnow.evictions
        }
    }
}

extension PumpSettings {
    /// The pump that dd_winnow's options ask for.
    public init(_ options: WinnowOptions) throws {
        let state = try QueueState(user: options.source.broker.user, common: options.common, chosen: options.queue.name)
        let prefixes = Topic.withBlocks(options.source.topicPrefix)
        let topics = prefixes.flatMap { prefix in options.source.topics.map { "\(prefix).\($0)" } }
        let bindings = options.source.exchanges.flatMap { exchange in topics.map { Binding(exchange: exchange, topic: $0) } }
        let (plan, stale) = try QueuePlan.make(options.queue, state, bindings: bindings)
        self.init(source: BrokerSettings(options.source.broker, options.common), queues: [plan])
        self.stale = stale
        prefetch = options.queue.prefetch
        announcements = BrokerSettings(options.broker, options.common)
        exitIdle = options.exit.idle?.inSeconds
        exitAfter = options.exit.messages
        patience = options.common.wait?.inSeconds
    }
}
