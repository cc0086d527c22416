import CRabbitMQ
import Glibc

/// Consumes one or more queues on a connection of its own.
final class AMQPConsumer {
    let connection: AMQPConnection
    let scratch = AMQPScratch()
    /// Each queue's consumer has its name as its tag, by which deliveries are told apart.
    private var consumed: [String] = []
    /// A delivery of which some frames are still to come.
    private var incoming = IncomingDelivery()
    private var cancelled: [String] = []
    /// Whether deliveries may be here that the socket does not show: while the broker was asked something, or one was read, what came has left
    /// it.
    private(set) var mayHoldDeliveries = true

    /// Connects and limits the deliveries that may be out unacknowledged to `prefetch` (`basic.qos`), for each queue.
    init(_ settings: BrokerSettings, prefetch: Int) throws(BrokerError) {
        connection = try AMQPConnection(settings)
        try connection.readLargeFrames()
        amqp_basic_qos(connection.handle, 1, 0, UInt16(clamping: prefetch), 0)
        try AMQPReply.check(amqp_get_rpc_reply(connection.handle), connection.attempt("cannot set the prefetch"))
    }

    /// The socket, for `poll`.
    var descriptor: Int32 { connection.descriptor }

    /// See `AMQPConnection`.
    var touchInterval: Int32 { connection.touchInterval }

    /// Takes a binding away (`queue.unbind`); one that is not there, or whose exchange may not be read, is no error.
    func unbind(_ queue: String, _ binding: Binding) throws(BrokerError) {
        do {
            try aside { (channel) throws(BrokerError) in
                scratch.reset()
                amqp_queue_unbind(
                    connection.handle, channel, scratch.bytes(queue), scratch.bytes(binding.exchange),
                    scratch.bytes(binding.topic), amqp_table_t())
                try check("cannot unbind queue \(queue) from \(binding.exchange) with \(binding.topic)")
            }
        } catch  where error.code == .refused || error.code == .noSuchObject {
            // Binding to what may not be read failed, or the account was narrowed since: then it is the administrator's to unbind.
        }
    }

    /// Deletes a queue with what waits in it (`queue.delete`), on a channel of its own; one that is not there is no error. With `ifUnused`
    /// one that somebody consumes is refused with 406.
    func delete(_ queue: String, ifUnused: Bool = false) throws(BrokerError) {
        try aside { (channel) throws(BrokerError) in
            scratch.reset()
            amqp_queue_delete(connection.handle, channel, scratch.bytes(queue), ifUnused ? 1 : 0, 0)
            try check("cannot delete queue \(queue)")
        }
    }

    /// Starts deliveries from the queue (`basic.consume`). With `prefetch`, that many may be out unacknowledged of this queue and of those
    /// consumed after it (`basic.qos`).
    func consume(_ plan: QueuePlan, prefetch: Int? = nil) throws(BrokerError) {
        if let prefetch {
            amqp_basic_qos(connection.handle, 1, 0, UInt16(clamping: prefetch), 0)
            try check("cannot set the prefetch")
        }
        guard !consumed.contains(plan.name) else { return }
        if let fault = FrameLimits.fault(ofName: plan.name) {
            throw BrokerError(.mismatch, connection.attempt("cannot consume a queue: \(fault)"))
        }
        scratch.reset()
        switch plan.streamOffset {
        case .first?: _ = scratch.put("x-stream-offset", "first")
        case .last?: _ = scratch.put("x-stream-offset", "last")
        case .since(let seconds)?: _ = scratch.put("x-stream-offset", timestamp: UInt64(clamping: seconds))
        case nil: break
        }
        amqp_basic_consume(
            connection.handle, 1, scratch.bytes(plan.name), scratch.bytes(plan.name), 0, 0, 0, scratch.table)
        try check("cannot consume queue \(plan.name)")
        consumed.append(plan.name)
    }

    /// Ends deliveries of one queue (`basic.cancel`); what is out stays out, and what is on its way still comes.
    func cancel(_ queue: String) throws(BrokerError) {
        scratch.reset()
        amqp_basic_cancel(connection.handle, 1, scratch.bytes(queue))
        try check("cannot stop consuming queue \(queue)")
        consumed.removeAll { $0 == queue }
    }

    /// Puts a delivery back into its queue (`basic.nack` with requeue).
    func requeue(_ tag: UInt64) throws(BrokerError) {
        try AMQPReply.check(amqp_basic_nack(connection.handle, 1, tag, 0, 1), connection.attempt("cannot requeue a delivery"))
    }

    /// Ends deliveries (`basic.cancel`); what is out stays out until acknowledged, given back or the connection ends.
    func cancel() throws(BrokerError) {
        // The program is about to end: a broker that stands still must not hold it.
        connection.limitAnswers(to: 5)
        defer { connection.limitAnswers(to: AMQPConnection.patience) }
        for queue in consumed { try cancel(queue) }
    }

    /// The next delivery that has arrived as a whole, without waiting, or `nil`. Serves heartbeats.
    ///
    /// The frames are read one by one (`amqp_simple_wait_frame_noblock`), not by `amqp_consume_message`: that gives up within a message
    /// that it does not like, an empty header name for instance, and leaves the rest of it in the way of all others. What is wrong
    /// with a message is that message's `defect`.
    func receive() throws(BrokerError) -> Delivery? {
        while true {
            if !incoming.needsBuffers { amqp_maybe_release_buffers(connection.handle) }
            var frame = amqp_frame_t()
            var none = timeval()
            let status = amqp_simple_wait_frame_noblock(connection.handle, &frame, &none)
            if status == AMQP_STATUS_TIMEOUT.rawValue {
                mayHoldDeliveries = false
                return nil
            }
            try AMQPReply.check(status, connection.attempt("lost the connection while consuming"))
            if let delivery = incoming.take(frame) {
                mayHoldDeliveries = true
                return delivery
            }
            if frame.frame_type == UInt8(AMQP_FRAME_METHOD), frame.payload.method.id != AMQP_BASIC_DELIVER_METHOD {
                try handleUnexpected(frame.payload.method)
            }
        }
    }

    /// Tells the broker that each delivery, or all up to it, is dealt with (`basic.ack`).
    func acknowledge(_ deliveries: [(tag: UInt64, multiple: Bool)]) throws(BrokerError) {
        guard !deliveries.isEmpty else { return }
        try connection.fillingPackets { () throws(BrokerError) in
            for (tag, multiple) in deliveries {
                let status = amqp_basic_ack(connection.handle, 1, tag, multiple ? 1 : 0)
                try AMQPReply.check(status, connection.attempt("cannot acknowledge"))
            }
        }
    }

    /// Says goodbye; what was not acknowledged comes again.
    func close() { connection.close() }

    /// The queues that the broker has ended deliveries of since the last call, because they were deleted or moved. Taken out.
    func takeCancelled() -> [String] {
        defer { cancelled.removeAll() }
        return cancelled
    }

    /// A 406 that comes unasked is the broker's limit on how long a delivery may stay unacknowledged: the connection is lost, nothing is
    /// wrong with the queue, and what was out comes again.
    private func handleUnexpected(_ method: amqp_method_t) throws(BrokerError) {
        if method.id == AMQP_BASIC_CANCEL_METHOD,
            let cancel = method.decoded?.assumingMemoryBound(to: amqp_basic_cancel_t.self).pointee
        {
            let queue = String(repairing: cancel.consumer_tag)
            consumed.removeAll { $0 == queue }
            cancelled.append(queue)
            return
        }
        do {
            try connection.handleUnexpected(method, "cannot consume")
        } catch  where error.code == .mismatch {
            throw BrokerError(.lost, error.description)
        }
    }

    /// Asks the broker on a channel of its own, whose refusals leave the consumers as they are.
    func aside<T>(_ body: (UInt16) throws(BrokerError) -> T) throws(BrokerError) -> T {
        mayHoldDeliveries = true
        return try connection.withSecondChannel(body)
    }

    func check(_ doing: @autoclosure () -> String) throws(BrokerError) {
        mayHoldDeliveries = true
        try AMQPReply.check(amqp_get_rpc_reply(connection.handle), connection.attempt(doing()))
    }
}
