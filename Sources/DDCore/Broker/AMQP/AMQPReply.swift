import CRabbitMQ

/// Reads `amqp_rpc_reply_t` and status codes: the one place where what librabbitmq returns becomes a `BrokerError`.
enum AMQPReply {
    /// Throws unless the last call that waited for the broker's answer succeeded. `attempt` is the line's beginning:
    /// what was tried and on what.
    static func check(_ reply: amqp_rpc_reply_t, _ attempt: @autoclosure () -> String) throws(BrokerError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            throw closed(by: reply.reply, attempt())
        default:
            throw failure(reply.library_error, attempt())
        }
    }

    /// Throws when `status` is negative (`amqp_status_enum`).
    static func check(_ status: Int32, _ attempt: @autoclosure () -> String) throws(BrokerError) {
        guard status < 0 else { return }
        throw failure(status, attempt())
    }

    /// The error of a library status.
    static func failure(_ status: Int32, _ attempt: String) -> BrokerError {
        let why = amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
        switch status {
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue:
            return BrokerError(
                .untrusted, "\(attempt): the certificate is not trusted or is another host's (\(why)); see option cafile")
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED.rawValue, AMQP_STATUS_SOCKET_ERROR.rawValue,
            AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue, AMQP_STATUS_TIMEOUT.rawValue:
            return BrokerError(.unreachable, "\(attempt): \(why)")
        default:
            return BrokerError(.lost, "\(attempt): \(why)")
        }
    }

    /// The error of a `channel.close` or `connection.close` method.
    static func closed(by method: amqp_method_t, _ attempt: String) -> BrokerError {
        switch method.id {
        case AMQP_CHANNEL_CLOSE_METHOD:
            guard let close = method.decoded?.assumingMemoryBound(to: amqp_channel_close_t.self) else { break }
            return closed(code: close.pointee.reply_code, text: close.pointee.reply_text, attempt)
        case AMQP_CONNECTION_CLOSE_METHOD:
            guard let close = method.decoded?.assumingMemoryBound(to: amqp_connection_close_t.self) else { break }
            return closed(code: close.pointee.reply_code, text: close.pointee.reply_text, attempt)
        default:
            break
        }
        return BrokerError(.lost, "\(attempt): the broker ended the conversation (method \(method.id))")
    }

    private static func closed(code: UInt16, text: amqp_bytes_t, _ attempt: String) -> BrokerError {
        let reason = String(repairing: text)
        let line = "\(attempt): the broker says \(code) \(reason)"
        return switch code {
        // In a cluster: a classic queue whose node is away comes back with it. In the words of RabbitMQ 3, and of 4.
        case 404 where ["is down or inaccessible", "process is stopped by supervisor"].contains { reason.hasSuffix($0) }:
            BrokerError(.lost, line)
        // In the words of RabbitMQ 3 and 4 for connections of a vhost, of a user and of a node, and for channels of a user. A user that
        // may have no connection is stopped.
        case 530 where reason.hasSuffix("(0) is reached"):
            BrokerError(.limited, "\(line); the account is stopped by the administrator")
        case 530 where reason.hasSuffix(") is reached") || reason.contains("has reached the maximum allowed"):
            BrokerError(.limited, line)
        case 403, 530: BrokerError(.refused, line)
        case 404: BrokerError(.noSuchObject, line)
        // One message is longer than the broker's `max_message_size`: nothing is wrong with what exists there.
        case 406 where reason.contains("message size"): BrokerError(.other, line)
        // Of another connection alone, or with other properties.
        case 405, 406: BrokerError(.mismatch, line)
        case 320: BrokerError(.lost, line)
        default: BrokerError(.other, line)
        }
    }
}

extension String {
    /// A copy of text that librabbitmq owns; bytes that are not UTF-8 are replaced.
    init(repairing bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }

    /// A copy of text that librabbitmq owns; `nil` when it is not UTF-8.
    init?(validating bytes: amqp_bytes_t) {
        self.init(validating: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}
