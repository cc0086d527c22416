import CRabbitMQ
import DDTestSupport
import Glibc

@testable import DDCore

/// A client without manners: sends what our programs would never send, and hands on what the broker says to it. After a refusal the
/// broker has closed its channel, and it is of no more use.
final class RawClient {
    private let connection: AMQPConnection
    private let scratch = AMQPScratch()
    private var handle: amqp_connection_state_t { connection.handle }
    /// How often the broker has said that it refuses what was published: of several messages at a time, once.
    private(set) var refusals = 0

    /// Connects to a broker's URL with its password and turns confirms on.
    init(_ url: String) throws {
        connection = try AMQPConnection(BrokerSettings(url: try BrokerURL(url), name: "a test"))
        amqp_confirm_select(handle, 1)
        try check("confirm.select")
    }

    deinit { connection.close() }

    /// What the broker says to `body`, done on a connection of its own; `nil`: it let it happen.
    static func refusal(_ url: String, _ body: (RawClient) throws -> Void) throws -> BrokerError.Code? {
        let client = try RawClient(url)
        do { try body(client) } catch let error as BrokerError { return error.code }
        return nil
    }

    /// Publishes and waits for the confirmation. `lists` are headers that are arrays of strings, as `CC` is; `tables` those that are empty
    /// tables.
    func publish(
        _ exchange: String, _ topic: String, _ headers: [String: String] = [:], lists: [String: [String]] = [:],
        numbers: [String: Int64] = [:], tables: [String] = [], body: [UInt8], as user: String? = nil
    ) throws {
        scratch.reset()
        var properties = amqp_basic_properties_t()
        properties._flags = UInt32(AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG)
        properties.delivery_mode = 2
        if let user {
            properties._flags |= UInt32(AMQP_BASIC_USER_ID_FLAG)
            properties.user_id = scratch.bytes(user)
        }
        let entries = UnsafeMutableBufferPointer<amqp_table_entry_t>.allocate(
            capacity: headers.count + lists.count + numbers.count + tables.count + 1)
        defer { entries.deallocate() }
        var count = 0
        func add(_ name: String, _ fill: (inout amqp_field_value_t) -> Void) {
            var entry = amqp_table_entry_t()
            entry.key = scratch.bytes(name)
            fill(&entry.value)
            entries[count] = entry
            count += 1
        }
        func text(_ text: String, _ value: inout amqp_field_value_t) {
            value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            value.value.bytes = scratch.bytes(text)
        }
        for (name, value) in headers { add(name) { text(value, &$0) } }
        for (name, value) in numbers {
            add(name) {
                $0.kind = UInt8(AMQP_FIELD_KIND_I64.rawValue)
                $0.value.i64 = value
            }
        }
        for name in tables { add(name) { $0.kind = UInt8(AMQP_FIELD_KIND_TABLE.rawValue) } }
        var arrays: [UnsafeMutableBufferPointer<amqp_field_value_t>] = []
        defer { for array in arrays { array.deallocate() } }
        for (name, values) in lists {
            let array = UnsafeMutableBufferPointer<amqp_field_value_t>.allocate(capacity: values.count)
            for (index, value) in values.enumerated() {
                var field = amqp_field_value_t()
                text(value, &field)
                array[index] = field
            }
            arrays.append(array)
            add(name) {
                $0.kind = UInt8(AMQP_FIELD_KIND_ARRAY.rawValue)
                $0.value.array = amqp_array_t(num_entries: Int32(values.count), entries: array.baseAddress)
            }
        }
        properties.headers = amqp_table_t(num_entries: Int32(count), entries: entries.baseAddress)
        let status = body.withUnsafeBytes { bytes in
            let content = amqp_bytes_t(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            return amqp_basic_publish(handle, 1, scratch.bytes(exchange), scratch.bytes(topic), 0, 0, &properties, content)
        }
        try AMQPReply.check(status, "publish")
        try waitForConfirmation()
    }

    /// Publishes with a table of headers that is written byte by byte, past librabbitmq, which would not send it; waits for the confirmation.
    /// Not over TLS.
    func publish(_ exchange: String, _ topic: String, table: [UInt8], body: [UInt8], as user: String? = nil) throws {
        func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }
        func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }
        func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
            [type, 0, 1] + bytes(UInt32(payload.count)) + payload + [0xCE]
        }
        let method = bytes(UInt16(60)) + bytes(UInt16(40)) + [0, 0] + short(exchange) + short(topic) + [0]
        // Headers and delivery mode; user_id.
        let flags: UInt16 = 1 << 13 | 1 << 12 | (user == nil ? 0 : 1 << 4)
        let properties = bytes(flags) + bytes(UInt32(table.count)) + table + [2] + (user.map(short) ?? [])
        let header = bytes(UInt16(60)) + bytes(UInt16(0)) + bytes(UInt64(body.count)) + properties
        let all = frame(1, method) + frame(2, header) + (body.isEmpty ? [] : frame(3, body))
        var rest = all[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(connection.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN {
                var polled = pollfd(fd: connection.descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&polled, 1, 1000)
                continue
            }
            guard count > 0 else { throw BrokerError(.lost, "write") }
            rest = rest.dropFirst(count)
        }
        try waitForConfirmation()
    }

    /// A header as it is in a table: a string.
    static func header(_ name: String, _ value: String) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt32(value.utf8.count).bigEndian, Array.init)
        return [UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(ascii: "S")] + length + Array(value.utf8)
    }

    /// A header as it is in a table: `depth` arrays, one in the other.
    static func nested(_ name: String, depth: Int) -> [UInt8] {
        var all = [UInt8(name.utf8.count)] + Array(name.utf8)
        for level in 0..<depth {
            all.append(UInt8(ascii: "A"))
            all += withUnsafeBytes(of: UInt32((depth - 1 - level) * 5).bigEndian, Array.init)
        }
        return all
    }

    /// Publishes without waiting for anything; `settle` waits for all.
    func flood(_ exchange: String, _ topic: String, count: Int, body: (Int) -> String) throws {
        for number in 0..<count {
            scratch.reset()
            try AMQPReply.check(
                amqp_basic_publish(
                    handle, 1, scratch.bytes(exchange), scratch.bytes(topic), 0, 0, nil, scratch.bytes(body(number))), "publish")
            if number % 1000 == 999 { try drain() }
        }
    }

    func declareExchange(_ name: String) throws {
        scratch.reset()
        amqp_exchange_declare(handle, 1, scratch.bytes(name), scratch.bytes("topic"), 0, 1, 0, 0, amqp_table_t())
        try check("exchange.declare")
    }

    func deleteExchange(_ name: String) throws {
        scratch.reset()
        amqp_exchange_delete(handle, 1, scratch.bytes(name), 0)
        try check("exchange.delete")
    }

    func declareQueue(_ name: String, _ arguments: [String: String] = [:], numbers: [String: Int64] = [:]) throws {
        scratch.reset()
        for (name, value) in arguments { _ = scratch.put(name, value) }
        for (name, value) in numbers { _ = scratch.put(name, value) }
        amqp_queue_declare(handle, 1, scratch.bytes(name), 0, 1, 0, 0, scratch.table)
        try check("queue.declare")
    }

    /// Makes a queue that refuses what is too much, as those in which users' posts and reports wait.
    func declareBoundedQueue(_ name: String) throws {
        try declareQueue(
            name, ["x-overflow": "reject-publish"],
            numbers: ["x-max-length": QueuePlan.fullMessages, "x-max-length-bytes": QueuePlan.fullBytes])
    }

    /// Messages that wait in a queue and consumers that it has, as the broker says without looking closely.
    func facts(_ queue: String) throws -> (messages: Int, consumers: Int) {
        scratch.reset()
        let ok = amqp_queue_declare(handle, 1, scratch.bytes(queue), 1, 1, 0, 0, amqp_table_t())
        try check("queue.declare")
        return (Int(ok?.pointee.message_count ?? 0), Int(ok?.pointee.consumer_count ?? 0))
    }

    func deleteQueue(_ name: String) throws {
        scratch.reset()
        amqp_queue_delete(handle, 1, scratch.bytes(name), 0, 0)
        try check("queue.delete")
    }

    func purge(_ name: String) throws {
        scratch.reset()
        amqp_queue_purge(handle, 1, scratch.bytes(name))
        try check("queue.purge")
    }

    func bind(queue: String, to exchange: String, _ topic: String = "#") throws {
        scratch.reset()
        amqp_queue_bind(
            handle, 1, scratch.bytes(queue), scratch.bytes(exchange), scratch.bytes(topic), amqp_table_t())
        try check("queue.bind")
    }

    func bind(exchange destination: String, to source: String, _ topic: String = "#") throws {
        scratch.reset()
        amqp_exchange_bind(
            handle, 1, scratch.bytes(destination), scratch.bytes(source), scratch.bytes(topic), amqp_table_t())
        try check("exchange.bind")
    }

    func unbind(exchange destination: String, from source: String, _ topic: String = "#") throws {
        scratch.reset()
        amqp_exchange_unbind(
            handle, 1, scratch.bytes(destination), scratch.bytes(source), scratch.bytes(topic), amqp_table_t())
        try check("exchange.unbind")
    }

    func consume(_ queue: String) throws {
        scratch.reset()
        amqp_basic_consume(handle, 1, scratch.bytes(queue), amqp_bytes_t(), 0, 0, 0, amqp_table_t())
        try check("basic.consume")
    }

    /// Takes the next message of a queue; `nil` when it is empty.
    func get(_ queue: String) throws -> (topic: String, headers: [String], body: String)? {
        scratch.reset()
        let reply = amqp_basic_get(handle, 1, scratch.bytes(queue), 1)
        try AMQPReply.check(reply, "basic.get")
        guard reply.reply.id == AMQP_BASIC_GET_OK_METHOD,
            let ok = reply.reply.decoded?.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee
        else { return nil }
        let topic = String(repairing: ok.routing_key)
        var message = amqp_message_t()
        try AMQPReply.check(amqp_read_message(handle, 1, &message, 0), "basic.get")
        defer { amqp_destroy_message(&message) }
        var headers: [String] = []
        for index in 0..<Int(message.properties.headers.num_entries) {
            let entry = message.properties.headers.entries[index]
            let isText = entry.value.kind == UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            headers.append("\(String(repairing: entry.key))=\(isText ? String(repairing: entry.value.value.bytes) : "(no text)")")
        }
        return (topic, headers.sorted(), String(repairing: message.body))
    }

    /// All messages of a queue.
    func getAll(_ queue: String) throws -> [(topic: String, headers: [String], body: String)] {
        var all: [(topic: String, headers: [String], body: String)] = []
        while let next = try get(queue) { all.append(next) }
        return all
    }

    private func waitForConfirmation() throws {
        var isSettled = false
        let end = Monotonic.now() + 20
        while !isSettled, Monotonic.now() < end {
            try read { method in
                if method == AMQP_BASIC_ACK_METHOD || method == AMQP_BASIC_NACK_METHOD { isSettled = true }
            }
            var polled = pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)
            if !isSettled { poll(&polled, 1, 1000) }
        }
    }

    /// Reads what the broker has said.
    func drain() throws { try read { _ in } }

    private func read(_ seen: (amqp_method_number_t) -> Void) throws {
        while true {
            amqp_maybe_release_buffers(handle)
            var frame = amqp_frame_t()
            var none = timeval()
            let status = amqp_simple_wait_frame_noblock(handle, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return }
            try AMQPReply.check(status, "read")
            guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { continue }
            if frame.payload.method.id == AMQP_BASIC_NACK_METHOD { refusals += 1 }
            try connection.handleUnexpected(frame.payload.method, "attack")
            seen(frame.payload.method.id)
        }
    }

    private func check(_ doing: String) throws { try AMQPReply.check(amqp_get_rpc_reply(handle), doing) }
}
