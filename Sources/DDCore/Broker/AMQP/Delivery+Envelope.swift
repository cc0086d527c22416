import CRabbitMQ
import Glibc

extension Delivery {
    /// Copies what librabbitmq owns: its buffers are reused at the next call. Headers of others that are not strings are left behind; one of
    /// ours is understood, or the message has a defect.
    init(copying envelope: amqp_envelope_t) {
        let properties = envelope.message.properties
        var headers = Headers()
        var defect: String?
        var deadLettered = false
        var offset: Int64?
        var size = 0
        if properties._flags & UInt32(AMQP_BASIC_HEADERS_FLAG) != 0 {
            for index in 0..<Int(properties.headers.num_entries) {
                let entry = properties.headers.entries[index]
                let kind = entry.value.kind
                guard let name = String(validating: entry.key) else {
                    defect = "the name of a header is not UTF-8"
                    continue
                }
                if name.isEmpty { defect = "the name of a header is empty" }
                if name == "x-death" { deadLettered = true }
                if name == "x-stream-offset", kind == UInt8(AMQP_FIELD_KIND_I64.rawValue) { offset = entry.value.value.i64 }
                let value: String
                do throws(MessageError) {
                    guard let field = HeaderValue(entry.value) else {
                        defect = "header \(MessageError.quote(name)) is not UTF-8"
                        continue
                    }
                    guard let wire = try field.wire(of: name) else { continue }
                    value = wire
                } catch {
                    defect = error.text
                    continue
                }
                if PostHeaders.isKnown(name), headers[name] != nil { defect = "header \(name) comes twice" }
                headers.append(name, value)
                size += name.utf8.count + value.utf8.count
            }
            let count = headers.fields.count - RetryQueues.Header.count(in: headers)
            if count > Self.maxHeaders { defect = "it has more than \(Self.maxHeaders) headers" }
            if size > Self.maxHeaderBytes { defect = "its headers are longer than \(Self.maxHeaderBytes) bytes" }
        }
        let body = String(validating: envelope.message.body)
        if body == nil { defect = "the body is not UTF-8" }
        let hasUser = properties._flags & UInt32(AMQP_BASIC_USER_ID_FLAG) != 0
        self.init(
            tag: envelope.delivery_tag,
            redelivered: envelope.redelivered != 0,
            exchange: String(repairing: envelope.exchange),
            userID: hasUser ? String(repairing: properties.user_id) : nil,
            isDeadLettered: deadLettered,
            message: WireMessage(topic: String(repairing: envelope.routing_key), headers: headers, body: body ?? ""),
            defect: defect)
        queue = String(repairing: envelope.consumer_tag)
        streamOffset = offset
    }
}
