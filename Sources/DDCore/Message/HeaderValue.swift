/// The value of a header, or of a member of a v03 body, in whatever type it comes. Headers of ours are strings: what has another type is
/// understood where it can mean one thing only, and refused otherwise. It is never taken for absent.
enum HeaderValue {
    /// A string.
    case text(String)
    /// A whole number.
    case number(String)
    /// Several values, in order.
    case list([HeaderValue])
    /// Said to be nothing: AMQP's void, JSON's null.
    case nothing
    /// Anything else, in words: `a table`.
    case other(String)

    /// The string that the header `name` has for this value: a number's digits, the names of a list with commas between. `nil` when it says
    /// nothing, and when the header is not one of ours and no string. Throws `header` for what cannot be understood.
    func wire(of name: String) throws(MessageError) -> String? {
        if case .text(let text) = self { return text }
        guard PostHeaders.isKnown(name) else { return nil }
        switch self {
        case .text(let text): return text
        case .nothing: return nil
        // Octal digits are meant in a string; a number may be either.
        case .number where name == "mode": throw unreadable(name)
        case .number(let digits): return digits
        case .list(let values):
            guard HeaderList.names.contains(name) else { throw unreadable(name) }
            var names: [String] = []
            for value in values {
                guard case .text(let text) = value else { throw unreadable(name) }
                names.append(text)
            }
            guard !names.isEmpty else { throw HeaderList.namesNobody(name) }
            return try HeaderList.write(names)
        case .other: throw unreadable(name)
        }
    }

    private func unreadable(_ name: String) -> MessageError {
        let lists = HeaderList.names.contains(name) ? " or a list of names" : ""
        return MessageError(.header, "cannot read the header \(name): it is \(kind), a string\(lists) is expected")
    }

    private var kind: String {
        switch self {
        case .text: "a string"
        case .number: "a number"
        case .list: "a list"
        case .nothing: "nothing"
        case .other(let kind): kind
        }
    }
}

extension HeaderValue {
    /// A value of JSON.
    init(_ value: JSONValue) {
        self =
            switch value {
            case .string(let text): .text(text)
            case .integer(let number): .number(String(number))
            case .array(let values): .list(values.map { HeaderValue($0) })
            case .null: .nothing
            case .number: .other("a number with a fraction")
            case .bool: .other("a truth value")
            case .object: .other("an object")
            }
    }
}
