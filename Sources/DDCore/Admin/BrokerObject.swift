/// One thing that stands on the broker, or is to stand there: what it is called, and what the management API and the file of
/// definitions say about it. The vhost is not part of it.
public struct BrokerObject: Sendable, Equatable {
    /// The kinds, in the order in which they can be made.
    public enum Kind: String, Sendable, CaseIterable {
        case user
        case permissions
        case topicPermissions = "topic permissions"
        case limits
        case exchange
        case queue
        case binding
        case policy
        case operatorPolicy = "operator policy"
        case record

        /// The list in RabbitMQ's file of definitions; `nil` for what stands elsewhere in it.
        var list: String? {
            switch self {
            case .user: "users"
            case .permissions: "permissions"
            case .topicPermissions: "topic_permissions"
            case .exchange: "exchanges"
            case .queue: "queues"
            case .binding: "bindings"
            case .policy: "policies"
            case .operatorPolicy: "parameters"
            case .record: "global_parameters"
            case .limits: nil
            }
        }

        /// The members that make its name.
        var keys: [String] {
            switch self {
            case .permissions, .limits: ["user"]
            case .topicPermissions: ["user", "exchange"]
            case .binding: ["source", "destination_type", "destination", "routing_key"]
            case .user, .exchange, .queue, .policy, .operatorPolicy, .record: ["name"]
            }
        }

        /// The members that say what it is like.
        var facts: [String] {
            switch self {
            case .user: ["tags", "password_hash", "hashing_algorithm"]
            case .permissions: ["configure", "write", "read"]
            case .topicPermissions: ["write", "read"]
            case .limits: ["max-connections", "max-channels"]
            case .exchange: ["type", "durable", "auto_delete", "internal", "arguments"]
            case .queue: ["durable", "auto_delete", "arguments"]
            case .binding: ["arguments"]
            case .policy, .operatorPolicy: ["pattern", "apply-to", "definition", "priority"]
            case .record: ["value"]
            }
        }

        /// Whether it has to be deleted and made anew to become another.
        var isFixed: Bool { self == .exchange || self == .queue || self == .binding }
    }

    /// What kind of thing it is.
    public let kind: Kind
    /// The values of the kind's keys.
    public let key: [String]
    /// The facts that are known or wanted. What is wanted may leave some out: those stay as they are.
    public internal(set) var facts: [JSONMember]

    init(_ kind: Kind, _ key: String..., facts: KeyValuePairs<String, JSONValue>) {
        self.kind = kind
        self.key = key
        self.facts = facts.map { JSONMember($0.key, $0.value) }
    }

    /// Reads what the management API or a file of definitions says; `nil` when a part of the name is missing.
    public init?(_ kind: Kind, _ json: JSONValue) {
        let key = kind.keys.compactMap { json[$0]?.string }
        guard key.count == kind.keys.count else { return nil }
        self.kind = kind
        self.key = key
        facts = kind.facts.compactMap { name in json[name].map { JSONMember(name, $0) } }
        if kind == .queue, let index = facts.firstIndex(where: { $0.name == "arguments" }) {
            // Newer brokers write the default type into the arguments of queues that were declared without one.
            facts[index].value = facts[index].value.without { $0.name == "x-queue-type" && $0.value == .string("classic") }
        }
    }

    /// One of the facts.
    public subscript(_ fact: String) -> JSONValue? { facts.first { $0.name == fact }?.value }

    /// What identifies it among all objects.
    public var identity: String { kind.rawValue + "\0" + key.joined(separator: "\0") }

    /// What people call it: `exchange xs_bob`.
    public var name: String {
        switch kind {
        case .binding: "binding \(key[0]) -> \(key[2]) \(key[3])"
        case .topicPermissions: "topic permissions \(key[0]) on \(key[1])"
        default: "\(kind.rawValue) \(key[0])"
        }
    }

    /// The same with `wanted`'s facts in the place of its own.
    func merged(with wanted: BrokerObject) -> BrokerObject {
        var result = self
        for fact in wanted.facts {
            if let index = result.facts.firstIndex(where: { $0.name == fact.name }) {
                result.facts[index] = fact
            } else {
                result.facts.append(fact)
            }
        }
        return result
    }

    /// As one entry of a file of definitions.
    func definition(vhost: String) -> JSONValue {
        if kind == .operatorPolicy {
            return .object([
                "component": .string("operator_policy"), "name": .string(key[0]), "vhost": .string(vhost),
                "value": .object(facts),
            ])
        }
        var members = zip(kind.keys, key).map { JSONMember($0, .string($1)) }
        if kind != .user && kind != .record { members.append(JSONMember("vhost", .string(vhost))) }
        return .object(members + facts.filter { $0.value != .null })
    }
}

extension JSONValue {
    /// The same value with the members of all objects in the order of their names, without those that are null.
    var canonical: JSONValue {
        switch self {
        case .object(let members):
            let known = members.filter { $0.value != .null }.map { JSONMember($0.name, $0.value.canonical) }
            return .object(known.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
        case .array(let values): return .array(values.map(\.canonical))
        default: return self
        }
    }

    /// An object without some of its members; any other value as it is.
    func without(_ isUnwanted: (JSONMember) -> Bool) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { !isUnwanted($0) })
    }
}
