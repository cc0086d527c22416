/// A connection of its own for a few messages, each confirmed before the next one.
struct ConfirmedSender {
    private let lane: Lane
    private let settings: BrokerSettings

    /// Connects.
    init(on settings: BrokerSettings, _ log: Log) throws(BrokerError) {
        self.settings = settings
        lane = try Lane(settings, limit: 100, log: log)
    }

    /// Publishes a message and waits until the broker has confirmed it.
    func send(_ message: Outgoing) throws(BrokerError) {
        lane.publish(message, for: 0)
        let end = Monotonic.now() + 30
        while true {
            var fault: String?
            var waiting: [Outgoing] = []
            try lane.work(confirmed: { _ in }, again: { waiting.append($1) }, unsendable: { fault = $2 })
            if let fault { throw BrokerError(.unsendable, "the message cannot be sent to \(settings.url): \(fault)") }
            if lane.isIdle, waiting.isEmpty { return }
            guard Monotonic.now() < end else {
                throw BrokerError(.lost, "\(settings.url) does not confirm the message; try again later")
            }
            lane.wait(seconds: 1)
            for outgoing in waiting { lane.publish(outgoing, for: 0) }
        }
    }

    /// Says goodbye.
    func close() { lane.close() }
}
