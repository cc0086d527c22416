/// A value of JSON (RFC 8259), as read from the management API, a v03 message or a user's program.
public enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true`, `false`.
    case bool(Bool)
    /// A number without fraction or exponent that fits.
    case integer(Int64)
    /// Any other number.
    case number(Double)
    /// Text, its escapes resolved.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in the order in which they were written; names may repeat.
    case object([JSONMember])

    /// The first member called `name`; `nil` when there is none or this is no object.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The text, when it is a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The number, when it is an integer.
    public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }

    /// The truth value, when it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The values, when it is an array.
    public var array: [JSONValue]? { if case .array(let values) = self { values } else { nil } }

    /// The members, when it is an object.
    public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }

    /// On one line, as `JSONParser` reads it.
    public var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let number): String(number)
        // JSON has no infinity and no "not a number".
        case .number(let number): number.isFinite ? String(number) : "null"
        case .string(let text): JSONText.quoted(text)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members): JSONText.object(members.map { ($0.name, $0.value.text) })
        }
    }

    /// An object of members written in a row.
    public static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { JSONMember($0.key, $0.value) })
    }
}

/// A name and its value in an object.
public struct JSONMember: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its value.
    public var value: JSONValue

    /// A member.
    public init(_ name: String, _ value: JSONValue) {
        self.name = name
        self.value = value
    }
}
