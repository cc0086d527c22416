extension UserRecord {
    /// Reads the JSON form. Throws `header` when a member is missing or has not the form it should have.
    public init(_ json: JSONValue) throws(MessageError) {
        guard let name = json["name"]?.string, AccountName.isValid(name) else { throw Self.bad("name") }
        guard let role = json["role"]?.string.flatMap(Role.init) else { throw Self.bad("role") }
        self.init(name: name, role: role)
        if let value = json["urls"] {
            guard let urls = value.array?.map(\.string), urls.count <= 1000 else { throw Self.bad("urls") }
            self.urls = urls.compactMap(\.self).filter { !ControlCharacters.occur(in: $0) }
            guard self.urls.count == urls.count else { throw Self.bad("urls") }
        }
        if let value = json["stopped"] {
            guard let stop = value.string.flatMap(Stop.init) else { throw Self.bad("stopped") }
            stopped = stop
        }
        if let value = json["quota"] {
            guard value.members != nil else { throw Self.bad("quota") }
            quota.bytes = try Self.number("bytes", value)
            quota.files = try Self.number("files", value)
            quota.rate = try Self.number("rate", value)
            quota.messages = try Self.number("messages", value)
        }
        if let value = json["limits"] {
            guard value.members != nil else { throw Self.bad("limits") }
            limits.connections = try Self.number("connections", value)
            limits.channels = try Self.number("channels", value)
            limits.queueBytes = try Self.number("queue_bytes", value)
        }
        if let value = json["reaches"] {
            guard let members = value.members, members.count <= 10_000 else { throw Self.bad("reaches") }
            for member in members {
                guard AccountName.isValid(member.name), let distance = member.value.integer, 1...Self.longestWay ~= distance
                else {
                    throw Self.bad("reaches")
                }
                reaches[member.name] = Int(distance)
            }
        }
        if let value = json["web"] {
            guard let hash = value.string, WebSecret.isHash(hash) else { throw Self.bad("web") }
            web = hash
        }
        if let value = json["legacy"] {
            guard let legacy = value.bool else { throw Self.bad("legacy") }
            isLegacy = legacy
        }
        if let value = json["removed"] {
            guard let text = value.string else { throw Self.bad("removed") }
            removed = try Timestamp(wire: text)
        }
    }

    /// The JSON form; what is not set is left out.
    public var json: JSONValue {
        var members = [JSONMember("name", .string(name)), JSONMember("role", .string(role.rawValue))]
        if !urls.isEmpty { members.append(JSONMember("urls", .array(urls.map(JSONValue.string)))) }
        if let stopped { members.append(JSONMember("stopped", .string(stopped.rawValue))) }
        if !quota.isEmpty {
            members.append(
                JSONMember(
                    "quota",
                    Self.object([
                        ("bytes", quota.bytes), ("files", quota.files), ("rate", quota.rate), ("messages", quota.messages),
                    ])))
        }
        if !limits.isEmpty {
            members.append(
                JSONMember(
                    "limits",
                    Self.object([
                        ("connections", limits.connections), ("channels", limits.channels), ("queue_bytes", limits.queueBytes),
                    ])))
        }
        if !reaches.isEmpty {
            let ways = reaches.sorted { $0.key < $1.key }.map { JSONMember($0.key, .integer(Int64($0.value))) }
            members.append(JSONMember("reaches", .object(ways)))
        }
        if let web { members.append(JSONMember("web", .string(web))) }
        if isLegacy { members.append(JSONMember("legacy", .bool(true))) }
        if let removed { members.append(JSONMember("removed", .string(removed.wire))) }
        return .object(members)
    }

    /// Links between a switch and what lies behind it, at most.
    static let longestWay: Int64 = 100

    private static func object(_ numbers: [(String, Int64?)]) -> JSONValue {
        .object(numbers.compactMap { name, number in number.map { JSONMember(name, .integer($0)) } })
    }

    private static func number(_ name: String, _ json: JSONValue) throws(MessageError) -> Int64? {
        guard let value = json[name] else { return nil }
        guard let number = value.integer, number >= 0 else { throw bad(name) }
        return number
    }

    private static func bad(_ member: String) -> MessageError {
        MessageError(.header, "cannot read the record of a user: '\(member)' is missing or has another form")
    }
}
