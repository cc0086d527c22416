/// The first line of a body: `<time> <base> <relpath>`, in log messages followed by `<code> <host> <user> <seconds>`.
///
/// What follows the line is reserved and not looked at.
struct BodyLine {
    let time: Timestamp
    let location: Location
    /// The fields after the relpath, as many as were asked for, not decoded.
    let tail: [Substring]

    /// Bytes that the line may have: a path of 4,095 of them, each one encoded, and a base as long.
    static let maxBytes = 32_768

    /// Reads `body`, whose line ends in `tailCount` fields after the relpath. Throws `body`, `time`, `url` or `text`.
    init(_ body: String, tailCount: Int = 0) throws(MessageError) {
        let space = UInt8(ascii: " ")
        var line = body[..<(body.utf8.firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex)]
        guard line.utf8.count <= Self.maxBytes else { throw Self.tooLong(line.utf8.count) }
        try ControlCharacters.refuse(in: line, "the body")
        if tailCount > 0 { line = Self.trimmed(line) }
        var tail: [Substring] = []
        // From the end, because some tools leave the spaces of a name as they are.
        for _ in 0..<tailCount {
            guard let before = line.utf8.lastIndex(of: space) else { throw Self.malformed(tailCount) }
            tail.append(line[line.utf8.index(after: before)...])
            line = line[..<before]
        }
        guard let first = line.utf8.firstIndex(of: space) else { throw Self.malformed(tailCount) }
        let rest = line[line.utf8.index(after: first)...]
        guard let second = rest.utf8.firstIndex(of: space) else { throw Self.malformed(tailCount) }
        time = try Timestamp(wire: line[..<first])
        // The C tools write a space behind the name. One that belongs to the name is written %20.
        let relpath = try Percent.decode(Self.trimmed(rest[rest.utf8.index(after: second)...]))
        location = Location(base: try Self.base(rest[..<second]), relpath: relpath)
        self.tail = tail.reversed()
    }

    /// The fields of a form that has them elsewhere.
    init(time: Timestamp, location: Location) {
        self.time = time
        self.location = location
        tail = []
    }

    /// `field` without the spaces at its end.
    private static func trimmed(_ field: Substring) -> Substring {
        guard let end = field.utf8.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { return field[..<field.startIndex] }
        return field[...end]
    }

    /// The base as it stands in a message of any form, decoded, without a password. Throws `url` or `text`.
    static func base(_ wire: some StringProtocol) throws(MessageError) -> String {
        // Before decoding: an encoded slash in a password would hide where it ends.
        guard let base = BaseURL.withoutPassword(wire) else {
            throw MessageError(.url, "cannot read the base of the body: it is no URL with a scheme, like http://host/dir/")
        }
        return try Percent.decode(base)
    }

    /// Writes the three fields. Throws `url` or `text` when they could not be read again.
    static func write(_ time: Timestamp, _ location: Location) throws(MessageError) -> String {
        guard let base = BaseURL.withoutPassword(location.base) else {
            throw MessageError(.url, "cannot write a message: its base is no URL with a scheme, like http://host/dir/")
        }
        try ControlCharacters.refuse(in: base, "the base")
        try ControlCharacters.refuse(in: location.relpath, "the name")
        var line = time.wire
        line.reserveCapacity(line.utf8.count + base.utf8.count + location.relpath.utf8.count + 64)
        line += " "
        line += Percent.encodeBody(base)
        line += " "
        // Not left empty: a reader that drops trailing spaces would find two fields.
        line += location.relpath.isEmpty ? "/" : Percent.encodeBody(location.relpath)
        return line
    }

    static func tooLong(_ count: Int) -> MessageError {
        MessageError(.body, "cannot read the body: its first line has \(count) bytes, \(maxBytes) are the most")
    }

    private static func malformed(_ tailCount: Int) -> MessageError {
        let fields = tailCount == 0 ? "time, base and relpath" : "time, base, relpath, code, host, user and seconds"
        return MessageError(.body, "cannot read the body: its first line must be \(fields), with single spaces between")
    }
}
