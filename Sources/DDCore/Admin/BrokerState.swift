/// What stands on a broker, as its file of definitions tells it.
public struct BrokerState: Sendable {
    private var objects: [String: BrokerObject] = [:]

    /// Reads definitions of the whole broker, or of one vhost; what belongs to other vhosts than `vhost` is passed over.
    public init(definitions: JSONValue, vhost: String) {
        for kind in BrokerObject.Kind.allCases {
            for entry in kind.list.flatMap({ definitions[$0]?.array }) ?? [] {
                if let other = entry["vhost"]?.string, other != vhost { continue }
                add(kind, entry)
            }
        }
    }

    private mutating func add(_ kind: BrokerObject.Kind, _ entry: JSONValue) {
        var entry = entry
        if kind == .operatorPolicy {
            guard entry["component"]?.string == "operator_policy", let name = entry["name"], let value = entry["value"]?.members
            else { return }
            entry = .object([JSONMember("name", name)] + value)
        }
        guard let object = BrokerObject(kind, entry) else { return }
        objects[object.identity] = object
        guard kind == .user, let limits = entry["limits"]?.members, !limits.isEmpty else { return }
        guard let object = BrokerObject(.limits, .object([JSONMember("user", .string(object.key[0]))] + limits)) else { return }
        objects[object.identity] = object
    }

    /// The object of the same kind and name as `wanted`.
    public func find(_ wanted: BrokerObject) -> BrokerObject? { objects[wanted.identity] }

    /// All objects of a kind, in the order of their names.
    public func all(_ kind: BrokerObject.Kind) -> [BrokerObject] {
        objects.values.filter { $0.kind == kind }.sorted { $0.identity < $1.identity }
    }

    /// The records of users that are not removed.
    public var users: [UserRecord] { all(.record).compactMap(\.userRecord).filter { $0.removed == nil } }

    /// Definitions for RabbitMQ and for `restore`, in an order in which they can be made.
    public static func definitions(_ objects: [BrokerObject], vhost: String) -> JSONValue {
        var lists: [(name: String, entries: [JSONValue])] = []
        var limits: [String: [JSONMember]] = [:]
        for object in objects where object.kind == .limits { limits[object.key[0]] = object.facts.filter { $0.value != .null } }
        for kind in BrokerObject.Kind.allCases {
            guard let name = kind.list else { continue }
            let entries = objects.filter { $0.kind == kind }.map { object -> JSONValue in
                let entry = object.definition(vhost: vhost)
                guard kind == .user, let limits = limits[object.key[0]], let members = entry.members else { return entry }
                return .object(members + [JSONMember("limits", .object(limits))])
            }
            lists.append((name, entries))
        }
        let vhosts = JSONMember("vhosts", .array([.object(["name": .string(vhost)])]))
        return .object([vhosts] + lists.map { JSONMember($0.name, .array($0.entries)) })
    }
}
