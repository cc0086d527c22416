/// Reads JSON (RFC 8259) from bytes that may come from anybody: nesting is bounded, and nothing is read beyond what the standard allows.
public struct JSONParser {
    /// What is wrong with a text.
    public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// One line: what was expected, and at which byte, counted from 0.
        public let description: String
    }

    private let bytes: [UInt8]
    private let allowsLineBreaks: Bool
    private var position = 0
    private var depth = 0
    private static let maxDepth = 64

    /// The value in `text`, which must hold nothing else. Throws `Failure`. `allowsLineBreaksInStrings` reads what some writers wrongly do.
    public static func parse(_ text: String, allowsLineBreaksInStrings: Bool = false) throws(Failure) -> JSONValue {
        try parse(Array(text.utf8), allowsLineBreaksInStrings: allowsLineBreaksInStrings)
    }

    /// The value in `bytes` (UTF-8), which must hold nothing else. Throws `Failure`.
    public static func parse(_ bytes: [UInt8], allowsLineBreaksInStrings: Bool = false) throws(Failure) -> JSONValue {
        var parser = JSONParser(bytes: bytes, allowsLineBreaks: allowsLineBreaksInStrings)
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.failure("the end") }
        return value
    }

    private init(bytes: [UInt8], allowsLineBreaks: Bool) {
        self.bytes = bytes
        self.allowsLineBreaks = allowsLineBreaks
    }

    private func failure(_ expected: String) -> Failure {
        Failure(description: "not JSON: expected \(expected) at byte \(position)")
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    /// Passes over `byte`, with space before it; `false` when something else stands there.
    private mutating func take(_ byte: Character) -> Bool {
        skipSpace()
        guard let next, next == byte.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(Failure) -> JSONValue {
        skipSpace()
        guard depth < Self.maxDepth else { throw failure("at most \(Self.maxDepth) levels") }
        depth += 1
        defer { depth -= 1 }
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(Failure) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else { throw failure("a value") }
        position += text.utf8.count
        return value
    }

    private mutating func object() throws(Failure) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw failure("a name in quotes") }
            let name = try string()
            guard take(":") else { throw failure("':'") }
            members.append(JSONMember(name, try value()))
        } while take(",")
        guard take("}") else { throw failure("',' or '}'") }
        return .object(members)
    }

    private mutating func array() throws(Failure) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        if take("]") { return .array(values) }
        repeat { values.append(try value()) } while take(",")
        guard take("]") else { throw failure("',' or ']'") }
        return .array(values)
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        let digits = try self.digits()
        guard digits == 1 || bytes[position - digits] != UInt8(ascii: "0") else { throw failure("no zero before a number") }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            _ = try self.digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            _ = try self.digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw failure("a number that fits") }
        return .number(number)
    }

    private mutating func digits() throws(Failure) -> Int {
        let start = position
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        guard position > start else { throw failure("a value") }
        return position - start
    }

    private mutating func string() throws(Failure) -> String {
        position += 1
        var result: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: result, as: UTF8.self) else { throw failure("UTF-8") }
                return text
            case UInt8(ascii: "\\"): try escape(into: &result)
            case 0x0a where allowsLineBreaks: result.append(byte)
            case 0..<0x20: throw failure("no control character")
            default: result.append(byte)
            }
        }
        throw failure("'\"'")
    }

    private mutating func escape(into result: inout [UInt8]) throws(Failure) {
        guard let byte = next else { throw failure("an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): result.append(contentsOf: String(Character(try scalar())).utf8)
        default: throw failure("an escape")
        }
    }

    /// The scalar of one `\u`, or of two that are a surrogate pair.
    private mutating func scalar() throws(Failure) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, next == UInt8(ascii: "\\") else { throw failure("the other half of a pair") }
        position += 1
        guard next == UInt8(ascii: "u") else { throw failure("the other half of a pair") }
        position += 1
        let second = try unit()
        guard 0xdc00..<0xe000 ~= second, let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)) else {
            throw failure("the other half of a pair")
        }
        return scalar
    }

    private mutating func unit() throws(Failure) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure("four hex digits") }
        var unit: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw failure("four hex digits") }
            unit = unit << 4 | UInt32(digit)
        }
        position += 4
        return unit
    }
}
