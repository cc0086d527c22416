import Glibc

/// For who has subscribed and gets nothing: after a while, once, what the exchange carries instead. A look through a queue of its own, which
/// takes nothing from anybody.
public final class FlowGlance: Sendable {
    private let broker: BrokerSettings
    private let exchange: String
    private let prefix: String
    /// What is bound, without the prefix.
    private let subtopics: [String]
    private let queue: String
    private let log: Log
    private let wake: EventFD

    /// Seconds without a message until it looks, and for which it looks; messages that are enough; topics that are named.
    private static let (patience, span, enough, named) = (20.0, 60.0, 30, 5)

    /// A glance at what dd_subscribe's options ask for.
    public init(_ options: SubscribeOptions) throws(ProcessError) {
        broker = BrokerSettings(options.broker, options.common)
        (exchange, prefix, subtopics) = (options.exchange, options.topicPrefix, options.subtopics)
        let id = "glance-" + String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)
        queue = QueueName.make(
            user: options.broker.user, program: options.common.program, config: options.common.stateName.word, id: id)
        log = options.common.log
        wake = try EventFD()
    }

    /// Begins to wait, on a thread of its own.
    public func start() {
        do throws(ProcessError) { try Thread.start(for: "what the exchange carries", run) } catch { log.warning("\(error)") }
    }

    private func run() {
        guard !isOver(within: Self.patience) else { return }
        do throws(BrokerError) {
            let seen = try look()
            if !isOver(within: 0) { log.notice(Self.text(seen, exchange, prefix, subtopics)) }
        } catch {
            log.debug("cannot look what \(exchange) carries: \(error)")
        }
    }

    /// Something came, or the subscription is over: there is nothing to say.
    public func stop() { wake.signal() }

    private func isOver(within seconds: Double) -> Bool { wake.wait(seconds: seconds) }

    /// The topics that came by, each as often as it did.
    private func look() throws(BrokerError) -> [String] {
        let consumer = try AMQPConsumer(broker, prefetch: Self.enough)
        var plan = QueuePlan(name: queue)
        plan.isTemporary = true
        plan.messageTTL = Int64(Self.span * 1000)
        plan.bindings = [Binding(exchange: exchange, topic: "\(prefix).#")]
        try consumer.declare(plan)
        try consumer.consume(plan)
        var topics: [String] = []
        let end = Monotonic.now() + Self.span
        while topics.count < Self.enough, Monotonic.now() < end, !isOver(within: 0) {
            while topics.count < Self.enough, let delivery = try consumer.receive() { topics.append(delivery.message.topic) }
            Readiness.wait(for: consumer.descriptor, wake.descriptor, seconds: 1)
        }
        consumer.close()
        return topics
    }

    /// What is said: `seen` are the topics that came by while nothing came that matches.
    static func text(_ seen: [String], _ exchange: String, _ prefix: String, _ subtopics: [String]) -> String {
        let bound = subtopics.map { "\(prefix).\($0)" }.joined(separator: ", ")
        let nothing = "nothing has come yet that matches \(bound)"
        guard !seen.isEmpty else { return "\(nothing); \(exchange) carried nothing else either meanwhile" }
        let counts = Dictionary(seen.map { ($0, 1) }, uniquingKeysWith: +).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let some = counts.prefix(named).map { "\($0.key.prefix(120)) (\($0.value))" }.joined(separator: ", ")
        let more = counts.count > named ? " and \(counts.count - named) other topics" : ""
        var hint: String?
        for topic in seen where hint == nil {
            for subtopic in subtopics where hint == nil { hint = advice(subtopic, topic, prefix) }
        }
        return "\(nothing); what \(exchange) carries now: \(some)\(more)" + (hint.map { "; \($0)" } ?? "")
    }

    /// When the words of `subtopic` stand further behind in `topic`: what to subscribe to instead.
    private static func advice(_ subtopic: String, _ topic: String, _ prefix: String) -> String? {
        let wanted = subtopic.split(separator: ".").filter { $0 != "#" }
        guard !wanted.isEmpty, topic.utf8.starts(with: (prefix + ".").utf8) else { return nil }
        let words = topic.dropFirst(prefix.count + 1).split(separator: ".")
        guard words.count > wanted.count else { return nil }
        let place = (1...words.count - wanted.count).first { offset in
            zip(wanted, words[offset...]).allSatisfy { $0 == "*" || $0 == $1 }
        }
        guard let place else { return nil }
        let stars = Array(repeating: "*", count: place) + wanted.map(String.init)
        return
            "with \(place == 1 ? "one word" : "\(place) words") in front it matches: subtopic \(stars.joined(separator: ".")).#, or as a path "
            + "\(stars.joined(separator: "/"))"
    }
}
