import Glibc

@testable import DDCore

/// Hears what is published to an exchange of bob's own, which is made for it and goes with it.
final class Listener {
    private let consumer: AMQPConsumer
    private let name: String
    private var heard: [String] = []

    /// Makes the exchange (fanout) with a queue of the same name, and listens.
    init(_ parties: Parties, exchange: String) throws {
        name = exchange
        consumer = try AMQPConsumer(
            BrokerSettings(url: try BrokerURL(parties.running["DD_BROKER_BOB"]), name: "a test"), prefetch: 1000)
        var plan = QueuePlan(name: exchange)
        plan.hasExchange = true
        try consumer.declare(plan)
        try consumer.consume(plan)
    }

    deinit {
        try? consumer.delete(name)
        consumer.close()
    }

    /// The topics of all that came so far.
    func topics() throws -> [String] {
        while let delivery = try consumer.receive() {
            heard.append(delivery.message.topic)
            try consumer.acknowledge([(delivery.tag, false)])
        }
        return heard
    }
}
