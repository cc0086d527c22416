/// The objects of a switch, as they are wanted.
extension BrokerObject {
    /// A durable topic exchange.
    static func exchange(_ name: String) -> BrokerObject {
        BrokerObject(
            .exchange, name,
            facts: [
                "type": .string("topic"), "durable": .bool(true), "auto_delete": .bool(false), "internal": .bool(false),
                "arguments": .object([]),
            ])
    }

    /// A durable queue that refuses what is published to it when it is full.
    static func boundedQueue(_ name: String, _ type: QueueType) -> BrokerObject {
        queue(
            name, type,
            [
                JSONMember("x-max-length", .integer(QueuePlan.fullMessages)),
                JSONMember("x-max-length-bytes", .integer(QueuePlan.fullBytes)),
                JSONMember("x-overflow", .string("reject-publish")),
            ])
    }

    /// A durable queue that keeps the last `messages` messages, of at most 100 MB, for at most 7 days.
    static func lastMessages(_ name: String, _ messages: Int64, _ type: QueueType) -> BrokerObject {
        queue(
            name, type,
            [
                JSONMember("x-max-length", .integer(messages)), JSONMember("x-max-length-bytes", .integer(100_000_000)),
                JSONMember("x-message-ttl", .integer(7 * 86_400_000)),
            ])
    }

    /// A stream of at most so many bytes; `age` as RabbitMQ writes it (`7D`), `nil`: for ever.
    static func stream(_ name: String, bytes: Int64, age: String?) -> BrokerObject {
        var arguments = [
            JSONMember("x-queue-type", .string("stream")), JSONMember("x-max-length-bytes", .integer(bytes)),
            JSONMember("x-stream-max-segment-size-bytes", .integer(50_000_000)),
        ]
        if let age { arguments.append(JSONMember("x-max-age", .string(age))) }
        return queue(name, arguments)
    }

    private static func queue(_ name: String, _ type: QueueType, _ arguments: [JSONMember]) -> BrokerObject {
        guard type == .quorum else { return queue(name, arguments) }
        let more = [
            JSONMember("x-queue-type", .string(type.rawValue)), JSONMember("x-delivery-limit", .integer(QueueType.deliveries)),
        ]
        return queue(name, arguments + more)
    }

    private static func queue(_ name: String, _ arguments: [JSONMember]) -> BrokerObject {
        BrokerObject(
            .queue, name, facts: ["durable": .bool(true), "auto_delete": .bool(false), "arguments": .object(arguments)])
    }

    /// A binding of a queue.
    static func binding(_ exchange: String, queue: String, _ topic: String) -> BrokerObject {
        BrokerObject(.binding, exchange, "queue", queue, topic, facts: ["arguments": .object([])])
    }

    /// A binding of an exchange to another.
    static func binding(_ exchange: String, exchange destination: String, _ topic: String) -> BrokerObject {
        BrokerObject(.binding, exchange, "exchange", destination, topic, facts: ["arguments": .object([])])
    }

    /// An account. Its password is not touched where `passwordHash` is `nil`.
    static func user(_ name: String, tags: [String], passwordHash: String?) -> BrokerObject {
        var result = BrokerObject(.user, name, facts: ["tags": .array(tags.map(JSONValue.string))])
        if let passwordHash {
            result.facts.append(JSONMember("password_hash", .string(passwordHash)))
            result.facts.append(JSONMember("hashing_algorithm", .string("rabbit_password_hashing_sha256")))
        }
        return result
    }

    /// What an account may do.
    static func permissions(_ user: String, _ allowed: Permissions) -> BrokerObject {
        BrokerObject(
            .permissions, user,
            facts: [
                "configure": .string(allowed.configure), "write": .string(allowed.write), "read": .string(allowed.read),
            ])
    }

    /// With which topics an account may publish on an exchange, and bind there.
    static func topicPermissions(_ user: String, on exchange: String, write: String, read: String = ".*") -> BrokerObject {
        BrokerObject(.topicPermissions, user, exchange, facts: ["write": .string(write), "read": .string(read)])
    }

    /// How much an account may open at a time; `nil`: no bound.
    static func limits(_ user: String, connections: Int64?, channels: Int64?) -> BrokerObject {
        BrokerObject(
            .limits, user,
            facts: [
                "max-connections": connections.map(JSONValue.integer) ?? .null,
                "max-channels": channels.map(JSONValue.integer) ?? .null,
            ])
    }

    /// An operator policy for queues, which no argument and no policy of a user can widen.
    static func operatorPolicy(
        _ name: String, _ pattern: String, priority: Int64, _ definition: [JSONMember]
    ) -> BrokerObject {
        BrokerObject(
            .operatorPolicy, name,
            facts: [
                "pattern": .string(pattern), "apply-to": .string("queues"), "definition": .object(definition),
                "priority": .integer(priority),
            ])
    }

    /// What begins the names of the records of users.
    static let recordPrefix = "dd_user_"

    /// The record of a user.
    static func record(_ user: UserRecord) -> BrokerObject {
        BrokerObject(.record, recordPrefix + user.name, facts: ["value": user.json])
    }

    /// What the names of the records of other switches from which data comes begin with; the name follows.
    static let upstreamPrefix = "dd_link_"

    /// The record of another switch from which data comes.
    static func upstream(_ cluster: String) -> BrokerObject {
        BrokerObject(
            .record, upstreamPrefix + cluster, facts: ["value": .object([JSONMember("cluster", .string(cluster))])])
    }

    /// The switch from which data comes, when it is such a record.
    var upstreamCluster: String? {
        guard kind == .record, key[0].hasPrefix(Self.upstreamPrefix) else { return nil }
        return self["value"]?["cluster"]?.string
    }

    /// The record, when it is one that can be read.
    var userRecord: UserRecord? {
        guard kind == .record, key[0].hasPrefix(Self.recordPrefix), let value = self["value"] else { return nil }
        return try? UserRecord(value)
    }
}
