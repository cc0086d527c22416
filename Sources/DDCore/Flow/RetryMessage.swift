/// A post on its way through the retry queues: as it came, with three more headers for what that way would change.
///
/// They are believed only when a delivery comes from the exchange of what has waited, into which nobody else can publish.
enum RetryMessage {
    private static let exchange = RetryQueues.Header.exchange
    private static let attempt = RetryQueues.Header.attempt
    private static let first = RetryQueues.Header.first

    /// The headers that a message may have, so that three more can be added.
    private static let headerLimit = 120

    /// The message that waits; `nil` when it has too many headers to be sent again. `attempt` counts the tries made.
    static func wrap(_ delivery: Delivery, attempt: Int, first: Timestamp) -> WireMessage? {
        var headers = Headers()
        for (name, value) in delivery.message.headers.fields where !isActedOn(name) { headers.append(name, value) }
        guard headers.fields.count <= headerLimit else { return nil }
        headers[Self.exchange] = delivery.exchange
        headers[Self.attempt] = String(attempt)
        headers[Self.first] = first.wire
        return WireMessage(topic: delivery.message.topic, headers: headers, body: delivery.message.body)
    }

    /// The delivery as it first came, the tries made so far, and when it first came.
    static func unwrap(_ delivery: Delivery) -> (delivery: Delivery, attempt: Int, first: Timestamp) {
        var message = delivery.message
        let attempts = message.headers[attempt].flatMap { Int($0) } ?? 1
        let time = message.headers[first].flatMap { try? Timestamp(wire: $0) } ?? .now()
        let origin = message.headers[exchange] ?? delivery.exchange
        for name in [exchange, attempt, first] { message.headers[name] = nil }
        var original = Delivery(
            tag: delivery.tag, redelivered: delivery.redelivered, exchange: origin, userID: nil, isDeadLettered: false,
            message: message, defect: delivery.defect)
        original.queue = delivery.queue
        return (original, max(0, attempts), time)
    }

    /// Whether the broker would act on a header.
    private static func isActedOn(_ name: String) -> Bool {
        name == "CC" || name == "BCC" || name.utf8.starts(with: "x-".utf8)
    }
}
