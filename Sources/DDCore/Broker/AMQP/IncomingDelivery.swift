import CRabbitMQ

/// Puts a delivery together from its frames: the method `basic.deliver`, a header with the properties, then as much of a body as the header
/// says.
///
/// Of a body that is too long only the beginning is kept while the rest passes by: memory does not grow with what somebody sends.
struct IncomingDelivery {
    /// The method, whose texts are still librabbitmq's.
    private var begun: amqp_basic_deliver_t?
    /// The delivery without its body.
    private var delivery: Delivery?
    /// Bytes of the body that are still to come.
    private var left: UInt64 = 0
    private var body: [UInt8] = []
    private var isTooLong = false

    /// Whether librabbitmq's buffers must stay as they are until the next frame.
    var needsBuffers: Bool { begun != nil }

    /// Takes a frame of the channel's into account; returns the delivery that it completes. Frames that belong to no delivery are passed
    /// over.
    mutating func take(_ frame: amqp_frame_t) -> Delivery? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD where frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD:
            self = IncomingDelivery()
            begun = frame.payload.method.decoded?.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            return nil
        case AMQP_FRAME_HEADER: return take(header: frame)
        case AMQP_FRAME_BODY: return take(fragment: frame.payload.body_fragment)
        default: return nil
        }
    }

    private mutating func take(header frame: amqp_frame_t) -> Delivery? {
        guard let method = begun.take() else { return nil }
        var envelope = amqp_envelope_t()
        envelope.channel = frame.channel
        envelope.delivery_tag = method.delivery_tag
        envelope.redelivered = method.redelivered
        envelope.exchange = method.exchange
        envelope.routing_key = method.routing_key
        envelope.consumer_tag = method.consumer_tag
        let properties = frame.payload.properties.decoded?.assumingMemoryBound(to: amqp_basic_properties_t.self)
        if let properties { envelope.message.properties = properties.pointee }
        delivery = Delivery(copying: envelope)
        left = frame.payload.properties.body_size
        if left > UInt64(Delivery.maxBodyBytes) {
            delivery?.defect = "its body of \(left) bytes is longer than \(Delivery.maxBodyBytes)"
            isTooLong = true
        } else {
            body.reserveCapacity(Int(left))
        }
        return left == 0 ? complete() : nil
    }

    private mutating func take(fragment: amqp_bytes_t) -> Delivery? {
        guard delivery != nil else { return nil }
        let bytes = UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len)
        let room = (isTooLong ? Delivery.keptBodyBytes : Delivery.maxBodyBytes) - body.count
        body.append(contentsOf: bytes.prefix(max(0, room)))
        left -= min(left, UInt64(bytes.count))
        return left == 0 ? complete() : nil
    }

    private mutating func complete() -> Delivery? {
        defer { self = IncomingDelivery() }
        guard var delivery else { return nil }
        if let text = String(validating: body, as: UTF8.self) {
            delivery.message.body = text
        } else {
            // What can be read of it tells which message it is.
            delivery.message.body = String(decoding: body, as: UTF8.self)
            if !isTooLong { delivery.defect = "the body is not UTF-8" }
        }
        return delivery
    }
}
