import CRabbitMQ

/// Queues and their bindings are made.
extension AMQPConsumer {
    /// Makes the queue and its bindings as planned (`queue.declare`, `queue.bind`). Both may be there already.
    func declare(_ plan: QueuePlan) throws(BrokerError) { try declare(plan, channel: 1) }

    /// Makes queues in their order, on a channel of its own: a refusal leaves the consumers as they are.
    func declareAside(_ plans: [QueuePlan]) throws(BrokerError) {
        try aside { (channel) throws(BrokerError) in
            for plan in plans { try declare(plan, channel: channel) }
        }
    }

    /// How many messages are ready in a queue (passive `queue.declare`); `nil` when it is not there or not to be looked at.
    func count(of queue: String) throws(BrokerError) -> Int? {
        do {
            return try aside { (channel) throws(BrokerError) in
                scratch.reset()
                amqp_queue_declare(connection.handle, channel, scratch.bytes(queue), 1, 0, 0, 0, amqp_table_t())
                let reply = amqp_get_rpc_reply(connection.handle)
                try AMQPReply.check(reply, connection.attempt("cannot look at queue \(queue)"))
                let ok = reply.reply.decoded?.assumingMemoryBound(to: amqp_queue_declare_ok_t.self).pointee
                return ok.map { Int($0.message_count) }
            }
        } catch  where error.code == .noSuchObject || error.code == .refused {
            return nil
        }
    }

    private func declare(_ plan: QueuePlan, channel: UInt16) throws(BrokerError) {
        guard !plan.isProvided else { return }
        if let fault = FrameLimits.fault(of: plan) { throw BrokerError(.mismatch, connection.attempt(fault)) }
        if plan.hasExchange {
            scratch.reset()
            amqp_exchange_declare(
                connection.handle, channel, scratch.bytes(plan.name), scratch.bytes("fanout"), 0, 1, 1, 0, amqp_table_t())
            try check("cannot declare exchange \(plan.name)")
        }
        scratch.reset()
        let isQuorum = plan.type == .quorum && plan.isDurable && !plan.isTemporary
        _ = scratch.put("x-queue-type", (isQuorum ? QueueType.quorum : .classic).rawValue)
        if isQuorum { _ = scratch.put("x-delivery-limit", QueueType.deliveries) }
        if let exchange = plan.deadLetterExchange {
            _ = scratch.put("x-dead-letter-exchange", exchange)
            if isQuorum {
                _ = scratch.put("x-dead-letter-strategy", "at-least-once")
                _ = scratch.put("x-overflow", "reject-publish")
            }
        }
        if let expires = plan.expires { _ = scratch.put("x-expires", expires) }
        if let ttl = plan.messageTTL { _ = scratch.put("x-message-ttl", ttl) }
        if plan.isBounded {
            _ = scratch.put("x-max-length", QueuePlan.fullMessages)
            _ = scratch.put("x-max-length-bytes", QueuePlan.fullBytes)
            _ = scratch.put("x-overflow", "reject-publish")
        }
        amqp_queue_declare(
            connection.handle, channel, scratch.bytes(plan.name), 0, plan.isDurable && !plan.isTemporary ? 1 : 0,
            plan.isTemporary ? 1 : 0, plan.isTemporary ? 1 : 0, scratch.table)
        try check("cannot declare queue \(plan.name)")
        let own = plan.hasExchange ? [Binding(exchange: plan.name, topic: "")] : []
        var absent: Set<String> = []
        for binding in own + plan.bindings where !absent.contains(binding.exchange) {
            guard binding.isOptional else {
                try bind(plan.name, binding, channel)
                continue
            }
            do {
                try aside { (channel) throws(BrokerError) in try bind(plan.name, binding, channel) }
            } catch  where error.code == .refused || error.code == .noSuchObject {
                absent.insert(binding.exchange)
            }
        }
    }

    private func bind(_ queue: String, _ binding: Binding, _ channel: UInt16) throws(BrokerError) {
        scratch.reset()
        amqp_queue_bind(
            connection.handle, channel, scratch.bytes(queue), scratch.bytes(binding.exchange), scratch.bytes(binding.topic),
            amqp_table_t())
        try check("cannot bind queue \(queue) to \(binding.exchange) with \(binding.topic)")
    }
}
