/// The fields of the first line of a body of an older form, parted by single spaces.
struct BodyFields {
    private var line: Substring
    private let form: String

    /// The first line of `body`; `form` names its fields in errors. Throws `text` when it holds control characters.
    init(_ body: String, form: String) throws(MessageError) {
        line = body[..<(body.utf8.firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex)]
        self.form = form
        guard line.utf8.count <= BodyLine.maxBytes else { throw BodyLine.tooLong(line.utf8.count) }
        try ControlCharacters.refuse(in: line, "the body")
    }

    /// The next field, which must have one behind it. Throws `body`.
    mutating func next() throws(MessageError) -> Substring {
        guard let space = line.utf8.firstIndex(of: UInt8(ascii: " ")) else { throw malformed }
        defer { line = line[line.utf8.index(after: space)...] }
        return line[..<space]
    }

    /// The last field: all that is left, spaces at its end excepted. Throws `body` when nothing is.
    func rest() throws(MessageError) -> Substring {
        guard let end = line.utf8.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { throw malformed }
        return line[...end]
    }

    private var malformed: MessageError {
        MessageError(.body, "cannot read the body: its first line must be \(form), with single spaces between")
    }
}
