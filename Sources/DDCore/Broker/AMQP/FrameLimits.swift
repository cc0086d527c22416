/// What fits into AMQP: a message that does not is refused by itself, before a byte of it is sent. Found out in the middle of a message, the
/// connection is of no more use.
struct FrameLimits: Sendable {
    /// The largest frame, in bytes, as agreed with the broker (`frame_max`).
    let frameMax: Int
    /// The account that is written into each message (`user_id`).
    let user: String

    /// The most bytes of a short string: names of exchanges, queues and headers, topics.
    static let nameBytes = 255
    /// The most headers that are sent.
    static let headers = 128
    /// The smallest `frame_max` that a broker may ask for: what is known to be shorter fits everywhere.
    static let smallestFrame = 4096

    /// Why a message cannot be sent to `exchange`, or `nil`. `slack`: bytes that may still be added to its headers.
    func fault(of message: WireMessage, to exchange: String, slack: Int = 0, maxHeaders: Int = headers) -> String? {
        if let fault = Self.fault(ofName: exchange) ?? Self.fault(ofTopic: message.topic) { return fault }
        let fields = message.headers.fields
        guard fields.count <= maxHeaders else { return "it has \(fields.count) headers, \(maxHeaders) are the most" }
        for field in fields where !(1...Self.nameBytes).contains(field.name.utf8.count) {
            return field.name.isEmpty
                ? "the name of a header is empty"
                : "the name of header \(MessageError.quote(field.name)) has \(field.name.utf8.count) bytes, \(Self.nameBytes) are the most"
        }
        let bytes = headerFrameBytes(message) + slack
        guard bytes <= frameMax else {
            let longest = fields.max { $0.value.utf8.count < $1.value.utf8.count }
            return "its headers take \(bytes) bytes, the broker takes at most \(frameMax) (frame_max)"
                + (longest.map { "; the longest is \(MessageError.quote($0.name)) with \($0.value.utf8.count)" } ?? "")
        }
        return nil
    }

    /// The size of the frame in which the properties are sent.
    private func headerFrameBytes(_ message: WireMessage) -> Int {
        // Frame 8, class 2, weight 2, body size 8, flags 2, content type and encoding, delivery mode 1, user, length of the table 4.
        let fixed = 8 + 2 + 2 + 8 + 2 + 1 + "text/plain".utf8.count + 1 + "utf-8".utf8.count + 1 + 1 + user.utf8.count + 4
        // Each: length 1, name, type 1, length 4, value.
        return message.headers.fields.reduce(fixed) { $0 + 6 + $1.name.utf8.count + $1.value.utf8.count }
    }

    /// Why `name` cannot be that of an exchange or a queue, or `nil`.
    static func fault(ofName name: String) -> String? {
        guard name.utf8.count > nameBytes else { return nil }
        return "the name \(MessageError.quote(name)) has \(name.utf8.count) bytes, AMQP carries \(nameBytes)"
    }

    /// Why a queue cannot be declared and bound as planned, or `nil`.
    static func fault(of plan: QueuePlan) -> String? {
        if let fault = fault(ofName: plan.name) { return "cannot declare a queue: \(fault)" }
        for binding in plan.bindings {
            if let fault = fault(ofName: binding.exchange) ?? fault(ofTopic: binding.topic) {
                return "cannot bind queue \(plan.name): \(fault)"
            }
        }
        return nil
    }

    private static func fault(ofTopic topic: String) -> String? {
        guard topic.utf8.count > nameBytes else { return nil }
        return "the topic \(MessageError.quote(topic)) has \(topic.utf8.count) bytes, AMQP carries \(nameBytes)"
    }
}
