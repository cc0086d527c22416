/// Posts of the form v00, the oldest: `v00.dd.notify.<words>`, body `<md5> [<size>] <base> <relpath>`. Read only.
enum V00Post {
    /// The first words of its topics.
    static let topic = "v00.dd.notify"

    /// Reads one. It says no time: the time is that of reading.
    static func decode(_ message: WireMessage, _ words: Substring) throws(MessageError) -> Post {
        try Topic.check(words)
        var fields = try BodyFields(message.body, form: "md5, [size,] base and relpath")
        let sum = try fields.next()
        var base = try fields.next()
        var parts: Parts?
        if base.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            parts = try Parts(wire: "1,\(base)")
            base = try fields.next()
        }
        let relpath = try Percent.decode(fields.rest())
        let location = Location(base: try BodyLine.base(base), relpath: relpath)
        var post = try PostHeaders(message.headers).post(String(words), BodyLine(time: .now(), location: location))
        post.event = .file(parts, try Sum(wire: "d,\(sum)"))
        return post
    }
}
