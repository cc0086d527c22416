/// What is wrong with a message, its topic or one of its fields.
public struct MessageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Which part of the message.
    public let code: Code
    /// One line for the user. Holds no password: bases are never quoted.
    public let text: String

    /// An error about the part `code`; `text` is one line.
    public init(_ code: Code, _ text: String) {
        self.code = code
        self.text = text
    }

    /// Same as `text`.
    public var description: String { text }

    /// The parts of a message that can be wrong.
    public enum Code: Sendable, Equatable, CaseIterable {
        /// The first line of the body has not the fields it should have.
        case body
        /// A time is not `YYYYMMDDHHMMSS[.fraction]`.
        case time
        /// The base is no URL.
        case url
        /// The `parts` header.
        case parts
        /// The `sum` header.
        case sum
        /// Another header, or one of the names in its list.
        case header
        /// The topic.
        case topic
        /// Control characters, or bytes that are not UTF-8.
        case text
        /// A number: mode, status code, seconds.
        case number
    }

    /// The beginning of `text` in quotes, printable, for an error's text: at most so many characters of it.
    static func quote(_ text: some StringProtocol, most: Int = 60) -> String {
        var quoted = "'"
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < most else { return quoted + "...'" }
            quoted.unicodeScalars.append(ControlCharacters.isControl(scalar) ? "?" : scalar)
            count += 1
        }
        return quoted + "'"
    }
}
