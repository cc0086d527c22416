extension Delivery {
    /// Which message it is, for a line about one that cannot be read or sent: where it came from, who claims to have sent it, and how its
    /// body begins. Short, on one line, without passwords. A body that may hold a secret in itself is left out.
    func which(showsBody: Bool = true) -> String {
        var parts = ["exchange \(MessageError.quote(exchange))"]
        if let userID { parts.append("user \(MessageError.quote(userID))") }
        return (parts + message.which(showsBody: showsBody)).joined(separator: ", ")
    }
}

extension WireMessage {
    /// Bytes of topic, headers and body.
    var byteCount: Int {
        headers.fields.reduce(topic.utf8.count + body.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    /// The most of a body that is told, in characters.
    private static let toldCharacters = 120
    /// The most of a body that is looked at for a password, in bytes.
    private static let seenBytes = 4096

    /// See `Delivery.which`.
    func which(showsBody: Bool = true) -> [String] {
        var parts = ["topic \(MessageError.quote(topic))"]
        if let source = headers["source"] { parts.append("source \(MessageError.quote(source))") }
        guard showsBody else { return parts }
        let beginning = String(decoding: body.utf8.prefix(Self.seenBytes), as: UTF8.self)
        // Masked before it is cut: the end of a password is what tells where it is.
        parts.append("body \(MessageError.quote(Redaction.masked(beginning), most: Self.toldCharacters))")
        return parts
    }

    /// The most of a body, and of a header, that a line at level debug tells, in characters.
    private static let (wholeBody, wholeHeader) = (1_000, 200)

    /// Topic, headers and body of a post for a line at level debug, without passwords.
    var excerpt: String {
        // Masked before it is cut, as above.
        func beginning(_ text: String, _ most: Int) -> Substring {
            Redaction.masked(String(decoding: text.utf8.prefix(Self.seenBytes), as: UTF8.self)).prefix(most)
        }
        let headers = headers.fields.map { "\($0.name)=\(beginning($0.value, Self.wholeHeader))" }.joined(separator: " ")
        return "\(topic) | \(headers) | \(beginning(body, Self.wholeBody))"
    }
}
