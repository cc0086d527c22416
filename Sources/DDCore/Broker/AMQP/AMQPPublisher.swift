import CRabbitMQ
import Glibc

/// What the broker says of publishes made before. `sequence` is what `publish` returned.
enum Confirmation: Equatable {
    /// All up to and including `sequence` when `multiple`, else this one: the broker has it.
    case taken(sequence: UInt64, multiple: Bool)
    /// The broker could not take it, or a queue that it was meant for is full and refuses.
    case refused(sequence: UInt64, multiple: Bool)
    /// A mandatory message that no queue takes. Its `taken` still follows; the text says why.
    case unroutable(reason: String, body: String)
}

/// Publishes on a connection of its own in confirm mode. Nothing counts as published before its `Confirmation`: librabbitmq
/// reports success for publishes on a channel that the broker has closed long ago.
final class AMQPPublisher {
    private let connection: AMQPConnection
    private let scratch = AMQPScratch()
    private var nextSequence: UInt64 = 1
    private let user: String
    /// What can be sent on this connection.
    let limits: FrameLimits

    /// Connects and turns confirms on (`confirm.select`).
    init(_ settings: BrokerSettings) throws(BrokerError) {
        connection = try AMQPConnection(settings)
        user = settings.url.user
        limits = FrameLimits(frameMax: Int(amqp_get_frame_max(connection.handle)), user: user)
        amqp_confirm_select(connection.handle, 1)
        try AMQPReply.check(amqp_get_rpc_reply(connection.handle), connection.attempt("cannot turn on confirms"))
    }

    /// The socket, for `poll`.
    var descriptor: Int32 { connection.descriptor }

    /// See `AMQPConnection`.
    var touchInterval: Int32 { connection.touchInterval }

    /// The broker is short of memory or disk: publishing would stand still until it recovers.
    var isBlocked: Bool { connection.isBlocked }

    /// See `AMQPConnection`.
    func fillingPackets(_ body: () throws(BrokerError) -> Void) throws(BrokerError) { try connection.fillingPackets(body) }

    /// Sends one persistent message (`basic.publish`) and returns its number among those of this connection, from 1.
    /// `user_id` is set to the logged-in user. Throws `unsendable` for a message that does not fit into AMQP: nothing of it was sent, and
    /// the connection is as good as before.
    func publish(_ message: WireMessage, to exchange: String, mandatory: Bool = false) throws(BrokerError) -> UInt64 {
        if let fault = limits.fault(of: message, to: exchange) {
            throw BrokerError(.unsendable, connection.attempt("cannot publish to \(MessageError.quote(exchange))") + ": \(fault)")
        }
        scratch.reset()
        var properties = amqp_basic_properties_t()
        properties._flags =
            UInt32(AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG)
            | UInt32(AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_USER_ID_FLAG)
        properties.content_type = scratch.bytes("text/plain")
        properties.content_encoding = scratch.bytes("utf-8")
        properties.delivery_mode = 2
        properties.user_id = scratch.bytes(user)
        for field in message.headers.fields where !scratch.put(field.name, field.value) {
            throw BrokerError(.unsendable, connection.attempt("cannot publish to \(exchange): too many headers"))
        }
        properties.headers = scratch.table
        let status = amqp_basic_publish(
            connection.handle, 1, scratch.bytes(exchange), scratch.bytes(message.topic), mandatory ? 1 : 0, 0, &properties,
            scratch.bytes(message.body))
        try AMQPReply.check(status, connection.attempt("cannot publish to \(exchange)"))
        defer { nextSequence += 1 }
        return nextSequence
    }

    /// Reads what has arrived without waiting, serves heartbeats, and hands each confirmation to `body`.
    func poll(_ body: (Confirmation) -> Void) throws(BrokerError) {
        while true {
            amqp_maybe_release_buffers(connection.handle)
            var frame = amqp_frame_t()
            var none = timeval()
            let status = amqp_simple_wait_frame_noblock(connection.handle, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return }
            try AMQPReply.check(status, connection.attempt("lost the connection while publishing"))
            guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { continue }
            let method = frame.payload.method
            switch method.id {
            case AMQP_BASIC_ACK_METHOD:
                guard let ack = method.decoded?.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee else { continue }
                body(.taken(sequence: ack.delivery_tag, multiple: ack.multiple != 0))
            case AMQP_BASIC_NACK_METHOD:
                guard let nack = method.decoded?.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee else { continue }
                body(.refused(sequence: nack.delivery_tag, multiple: nack.multiple != 0))
            case AMQP_BASIC_RETURN_METHOD:
                body(try returned(method))
            default:
                try connection.handleUnexpected(method, "cannot publish")
            }
        }
    }

    /// Whether an exchange is there (`exchange.declare`, passive, on a channel of its own: a no closes the channel).
    func exchangeExists(_ name: String) throws(BrokerError) -> Bool {
        do {
            try connection.withSecondChannel { (channel) throws(BrokerError) in
                scratch.reset()
                amqp_exchange_declare(
                    connection.handle, channel, scratch.bytes(name), scratch.bytes("topic"), 1, 1, 0, 0, amqp_table_t())
                try AMQPReply.check(
                    amqp_get_rpc_reply(connection.handle), connection.attempt("cannot ask for exchange \(name)"))
            }
            return true
        } catch  where [.refused, .noSuchObject, .mismatch].contains(error.code) {
            return false
        }
    }

    /// Says goodbye.
    func close() { connection.close() }

    /// A returned message is followed by its own header and body, which must be read before anything else.
    private func returned(_ method: amqp_method_t) throws(BrokerError) -> Confirmation {
        guard let back = method.decoded?.assumingMemoryBound(to: amqp_basic_return_t.self).pointee else {
            throw BrokerError(.lost, connection.attempt("cannot read a returned message"))
        }
        let reason = "\(back.reply_code) \(String(repairing: back.reply_text))"
        var message = amqp_message_t()
        try AMQPReply.check(
            amqp_read_message(connection.handle, 1, &message, 0), connection.attempt("cannot read a returned message"))
        defer { amqp_destroy_message(&message) }
        return .unroutable(reason: reason, body: String(repairing: message.body))
    }
}
