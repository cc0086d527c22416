/// One thing that is not as it should be.
public struct Difference: Sendable, Equatable {
    /// As it is; `nil`: it is not there.
    public let found: BrokerObject?
    /// As it should be, with the facts about which nothing was said as they are.
    public let wanted: BrokerObject

    /// The difference between what is wanted and what was found; `nil` when there is none.
    public init?(_ wanted: BrokerObject, _ found: BrokerObject?) {
        self.found = found
        self.wanted = found?.merged(with: wanted) ?? wanted
        if let found, Self.facts(found) == Self.facts(self.wanted) { return nil }
        // Nothing to be made of an object that says nothing.
        if found == nil, wanted.kind == .limits, wanted.facts.allSatisfy({ $0.value == .null }) { return nil }
    }

    /// What is wanted and not as `find` says it is, in the order of `wanted`.
    public static func all(
        _ wanted: [BrokerObject], _ find: (BrokerObject) throws -> BrokerObject?
    ) rethrows -> [Difference] {
        try wanted.compactMap { Difference($0, try find($0)) }
    }

    /// Whether nothing has to be taken away for it.
    public var isAddition: Bool { found == nil }

    /// Whether it could only be changed by deleting it first, and what it holds with it.
    public var isConflict: Bool { found != nil && wanted.kind.isFixed }

    /// One line: `+ exchange xs_bob`, `~ permissions bob: write '^a$' -> '^b$'`. No secrets.
    public var text: String {
        guard let found else { return "+ \(wanted.name)" }
        let changes = wanted.facts.compactMap { fact -> String? in
            let before = found[fact.name]
            guard (before ?? .null).canonical != fact.value.canonical else { return nil }
            if fact.name == "hashing_algorithm" { return nil }
            if fact.name == "password_hash" { return "another password" }
            return Self.changes(fact.name, before ?? .null, fact.value)
        }
        return "~ \(wanted.name): \(changes.joined(separator: ", "))"
    }

    /// Of two objects the members that differ, of other values both.
    private static func changes(_ name: String, _ before: JSONValue, _ after: JSONValue) -> String {
        guard let old = before.members, let new = after.members else { return "\(name) \(shown(before)) -> \(shown(after))" }
        var names = old.map(\.name)
        names += new.map(\.name).filter { !names.contains($0) }
        return names.filter { (before[$0] ?? .null).canonical != (after[$0] ?? .null).canonical }
            .map { $0 == "web" ? "another web secret" : "\($0) \(shown(before[$0])) -> \(shown(after[$0]))" }.joined(
                separator: ", ")
    }

    private static func shown(_ value: JSONValue?) -> String {
        switch value ?? .null {
        case .null: "none"
        case .string(let text): "'\(LogLine.plain(text))'"
        case let value: LogLine.plain(value.text)
        }
    }

    private static func facts(_ object: BrokerObject) -> JSONValue { JSONValue.object(object.facts).canonical }
}
