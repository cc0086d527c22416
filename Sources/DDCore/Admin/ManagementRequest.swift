/// One request to RabbitMQ's management API.
public struct ManagementRequest: Sendable, Equatable {
    /// `GET`, `PUT`, `POST` or `DELETE`.
    public let method: String
    /// What follows `/api/`, encoded.
    public let path: String
    /// JSON; `nil`: none.
    public let body: JSONValue?

    init(_ method: String, _ words: [String], query: String = "", body: JSONValue? = nil) {
        self.method = method
        path = words.map(Percent.encodeAll).joined(separator: "/") + query
        self.body = body
    }
}

/// What the management API answered.
public struct ManagementAnswer: Sendable, Equatable {
    /// The status of HTTP.
    public let status: Int
    /// The body; `null` when there is none.
    public let body: JSONValue

    /// An answer.
    public init(status: Int, body: JSONValue) {
        self.status = status
        self.body = body
    }
}

extension BrokerObject {
    /// The address of the object, of the list that has it, or of the pair that a binding connects.
    private func path(_ vhost: String) -> [String] {
        switch kind {
        case .user: ["users", key[0]]
        case .permissions: ["permissions", vhost, key[0]]
        case .topicPermissions: ["topic-permissions", vhost, key[0]]
        case .limits: ["user-limits", key[0]]
        case .exchange: ["exchanges", vhost, key[0]]
        case .queue: ["queues", vhost, key[0]]
        case .binding: ["bindings", vhost, "e", key[0], key[1] == "queue" ? "q" : "e", key[2]]
        case .policy: ["policies", vhost, key[0]]
        case .operatorPolicy: ["operator-policies", vhost, key[0]]
        case .record: ["global-parameters", key[0]]
        }
    }

    /// Asks for it.
    func inquiry(vhost: String) -> ManagementRequest {
        // A queue comes with many figures that nobody asked for.
        ManagementRequest("GET", path(vhost), query: kind == .queue ? "?columns=name,durable,auto_delete,arguments" : "")
    }

    /// The object in the answer to `inquiry`; `nil` when it is not there.
    func found(in answer: JSONValue) -> BrokerObject? {
        if kind == .limits {
            guard let value = answer.array?.first?["value"], let members = value.members, !members.isEmpty else { return nil }
            return BrokerObject(kind, .object([JSONMember("user", .string(key[0]))] + members))
        }
        let candidates = answer.array ?? [answer]
        return candidates.lazy.compactMap { BrokerObject(kind, $0) }.first { $0.identity == identity }
    }

    /// Makes it, or makes it what it is to be; facts that are `null` are taken away.
    func making(vhost: String) -> [ManagementRequest] {
        switch kind {
        case .limits:
            return facts.map { fact in
                fact.value == .null
                    ? ManagementRequest("DELETE", path(vhost) + [fact.name])
                    : ManagementRequest("PUT", path(vhost) + [fact.name], body: .object(["value": fact.value]))
            }
        case .binding:
            return [
                ManagementRequest(
                    "POST", path(vhost),
                    body: .object(["routing_key": .string(key[3]), "arguments": self["arguments"] ?? .object([])]))
            ]
        case .topicPermissions:
            return [ManagementRequest("PUT", path(vhost), body: .object(facts + [JSONMember("exchange", .string(key[1]))]))]
        case .record:
            return [ManagementRequest("PUT", path(vhost), body: .object(facts + [JSONMember("name", .string(key[0]))]))]
        case .user:
            var members = facts.filter { $0.name != "tags" }
            if self["password_hash"] == nil { members.append(JSONMember("password_hash", .string(""))) }
            // Older brokers take the tags as a list with commas only.
            let tags = (self["tags"]?.array ?? []).compactMap(\.string).joined(separator: ",")
            return [ManagementRequest("PUT", path(vhost), body: .object(members + [JSONMember("tags", .string(tags))]))]
        case .operatorPolicy, .policy:
            return [ManagementRequest("PUT", path(vhost), body: JSONValue.object(facts).canonical)]
        case .queue:
            // Said, so that no default of the vhost makes it another; see `BrokerObject.init`.
            let given = self["arguments"]?.members ?? []
            let type = given.contains { $0.name == "x-queue-type" } ? [] : [JSONMember("x-queue-type", .string("classic"))]
            let others = facts.filter { $0.name != "arguments" }
            return [
                ManagementRequest("PUT", path(vhost), body: .object(others + [JSONMember("arguments", .object(given + type))]))
            ]
        case .permissions, .exchange:
            return [ManagementRequest("PUT", path(vhost), body: .object(facts))]
        }
    }

    /// Takes it away. Bindings and limits go with what they belong to.
    func removal(vhost: String) -> ManagementRequest { ManagementRequest("DELETE", path(vhost)) }
}
