/// Turns reports into wire messages of the form v02, and back: a post, four more fields in the body, and the header `message`.
public struct ReportCodec {
    /// The most that `message` carries, in bytes of UTF-8: some tools cut there.
    public static let maxMessageBytes = 255

    /// The most that the headers of a report have, in bytes: what is beyond it is left out, and that is said in `message`. Reports of many
    /// posts lie in a stream of bounded size, from which long ones would drive others out.
    public static let maxHeaderBytes = 8_192

    /// Whether messages with this topic are reports: `v02.log.…`, or `v02.report.…` of older tools.
    public static func isReport(topic: String) -> Bool {
        Topic.words(of: topic, after: "v02.log") != nil || Topic.words(of: topic, after: "v02.report") != nil
    }

    /// Reads a report. The error's code says which part is wrong.
    public static func decode(_ message: WireMessage) throws(MessageError) -> Report {
        let subtopic = try Topic.subtopic(of: message.topic, after: "v02.log", "v02.report")
        let line = try BodyLine(message.body, tailCount: 4)
        let headers = try PostHeaders(message.headers)
        guard line.tail[0].utf8.count == 3, let code = Int(line.tail[0]), code >= 100 else {
            throw MessageError(.number, "cannot read the status \(MessageError.quote(line.tail[0])): it must have three digits")
        }
        let host = try Percent.decode(line.tail[1])
        let user = try Percent.decode(line.tail[2])
        guard !host.isEmpty, !user.isEmpty else {
            throw MessageError(.body, "cannot read a report without host or user")
        }
        return Report(
            post: try headers.post(subtopic, line), code: code, message: cut(headers.message ?? ""), host: host, user: user,
            seconds: try seconds(line.tail[3]))
    }

    /// Writes a report. Throws when a field could not be read again; the message's control characters become spaces.
    public static func encode(_ report: Report, topicPrefix: String = "v02.log") throws(MessageError) -> WireMessage {
        guard 100...999 ~= report.code else {
            throw MessageError(.number, "cannot write the status \(report.code): it must have three digits")
        }
        guard report.seconds.isFinite, report.seconds >= 0 else {
            throw MessageError(.number, "cannot write \(report.seconds) seconds: it must be 0 or more")
        }
        guard !report.host.isEmpty, !report.user.isEmpty else {
            throw MessageError(.body, "cannot write a report without host or user")
        }
        try ControlCharacters.refuse(in: report.host, "the host")
        try ControlCharacters.refuse(in: report.user, "the user")
        var message = try PostCodec.encode(report.post, topicPrefix: topicPrefix)
        let leftOut = shorten(&message.headers)
        let text = cut(
            leftOut == 0 ? printable(report.message) : "(\(leftOut) bytes of headers left out) " + printable(report.message))
        if !text.isEmpty { message.headers.append("message", text) }
        let seconds = report.seconds == 0 ? "0.0" : "\(report.seconds)"
        message.body += " \(report.code) \(Percent.encodeBody(report.host)) \(Percent.encodeBody(report.user)) \(seconds)"
        return message
    }

    /// A decimal number of digits, `.`, `e` and signs of the exponent, 0 or more.
    private static func seconds(_ wire: Substring) throws(MessageError) -> Double {
        let allowed = wire.utf8.allSatisfy { (48...57).contains($0) || [43, 45, 46, 101].contains($0) }
        guard allowed, wire.utf8.first != UInt8(ascii: "-"), let seconds = Double(wire), seconds.isFinite else {
            throw MessageError(.number, "cannot read \(MessageError.quote(wire)) seconds: it must be a number, 0 or more")
        }
        return seconds
    }

    /// `text` without the characters that begin after byte 255 or end behind it.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > maxMessageBytes else { return text }
        var end = text.startIndex
        while end < text.endIndex {
            let next = text.unicodeScalars.index(after: end)
            guard text.utf8.distance(from: text.startIndex, to: next) <= maxMessageBytes else { break }
            end = next
        }
        return String(text[..<end])
    }

    /// Leaves out the longest headers until the rest is short enough; returns how many bytes. Those that say whose data it is stay.
    private static func shorten(_ headers: inout Headers) -> Int {
        func bytes(_ field: (name: String, value: String)) -> Int { field.name.utf8.count + field.value.utf8.count }
        var count = headers.fields.reduce(0) { $0 + bytes($1) }
        guard count > maxHeaderBytes else { return 0 }
        let before = count
        let kept = ["source", "from_cluster", "sum", "parts"]
        for field in headers.fields.sorted(by: { bytes($0) > bytes($1) }) where count > maxHeaderBytes {
            guard !kept.contains(field.name) || bytes(field) > maxHeaderBytes else { continue }
            headers[field.name] = nil
            count -= bytes(field)
        }
        return before - count
    }

    private static func printable(_ text: String) -> String {
        guard ControlCharacters.occur(in: text) else { return text }
        var printable = ""
        for scalar in text.unicodeScalars { printable.unicodeScalars.append(ControlCharacters.isControl(scalar) ? " " : scalar) }
        return printable
    }
}
