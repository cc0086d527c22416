/// A post on its way through the retry queues: as it came, with five more headers for what that way would change.
///
/// They are believed only when a delivery comes from the exchange of what has waited, into which nobody else can publish.
enum RetryMessage {
    /// What a post has behind it.
    struct Tries: Equatable {
        /// How often it was tried.
        var attempt: Int
        /// When it came first.
        var first: Timestamp
        /// The seconds for which it has been tried when it comes back: no clock that may be set is asked then.
        var age: Double
        /// One of the tries may have put the file at its place.
        var mayBeStored = true
    }

    private static let exchange = RetryQueues.Header.exchange
    private static let attempt = RetryQueues.Header.attempt
    private static let first = RetryQueues.Header.first
    private static let age = RetryQueues.Header.age
    private static let stored = RetryQueues.Header.stored

    /// The headers that a message may have, so that those above can be added.
    private static let headerLimit = 120

    /// The message that waits; `nil` when it has too many headers to be sent again.
    static func wrap(_ delivery: Delivery, _ tries: Tries) -> WireMessage? {
        var headers = Headers()
        for (name, value) in delivery.message.headers.fields where !isActedOn(name) { headers.append(name, value) }
        guard headers.fields.count <= headerLimit else { return nil }
        headers[exchange] = delivery.exchange
        headers[attempt] = String(tries.attempt)
        headers[first] = tries.first.wire
        headers[age] = String(Int64(clamping: Int(max(0, min(tries.age, 1e12)))))
        headers[stored] = tries.mayBeStored ? "1" : "0"
        return WireMessage(topic: delivery.message.topic, headers: headers, body: delivery.message.body)
    }

    /// The delivery as it first came, and the tries made so far.
    static func unwrap(_ delivery: Delivery) -> (delivery: Delivery, tries: Tries) {
        var message = delivery.message
        let time = message.headers[first].flatMap { try? Timestamp(wire: $0) } ?? .now()
        let seconds = message.headers[age].flatMap { UInt32($0) }.map { Double($0) }
        let tries = Tries(
            attempt: max(0, message.headers[attempt].flatMap { Int($0) } ?? 1), first: time,
            age: seconds ?? max(0, Timestamp.now().seconds(since: time)), mayBeStored: message.headers[stored] != "0")
        let origin = message.headers[exchange] ?? delivery.exchange
        for name in [exchange, attempt, first, age, stored] { message.headers[name] = nil }
        var original = Delivery(
            tag: delivery.tag, redelivered: delivery.redelivered, exchange: origin, userID: nil, isDeadLettered: false,
            message: message, defect: delivery.defect)
        original.queue = delivery.queue
        return (original, tries)
    }

    /// Whether the broker would act on a header.
    private static func isActedOn(_ name: String) -> Bool {
        name == "CC" || name == "BCC" || name.utf8.starts(with: "x-".utf8)
    }
}
