/// Posts of the form v01: `v01.post.[<day>.<user>.]<words>`, all fields on one line of the body. Read only.
///
///     [time] blocksize count remainder number flags sum flow base relpath
enum V01Post {
    /// The first words of its topics.
    static let topic = "v01.post"

    /// Reads one. Where it says no time, the time is that of reading.
    static func decode(_ message: WireMessage, _ words: Substring) throws(MessageError) -> Post {
        try Topic.check(words)
        var fields = try BodyFields(
            message.body, form: "[time,] blocksize, count, remainder, number, flags, sum, flow, base and relpath")
        var size = try fields.next()
        var time = Timestamp.now()
        // A size has no dot and rarely 14 digits; a time of this form has both.
        if size.utf8.contains(UInt8(ascii: ".")) {
            time = try Timestamp(wire: size)
            size = try fields.next()
        }
        let (count, remainder, number) = (try fields.next(), try fields.next(), try fields.next())
        let flags = try fields.next().utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
        let (sum, flow, wireBase) = (try fields.next(), try fields.next(), try fields.next())
        let relpath = try Percent.decode(fields.rest())
        let base = try BodyLine.base(wireBase)
        // A base without a final slash is the complete URL, whatever the path says.
        let isPrefix = base.utf8.last == UInt8(ascii: "/")
        let location = Location(base: base, relpath: isPrefix ? relpath : "")
        var post = try PostHeaders(message.headers).post(String(words), BodyLine(time: time, location: location))
        if !isPrefix { post.rename = relpath }
        let method = count.utf8.elementsEqual("1".utf8) ? "1" : flags.contains("i") ? "i" : "p"
        post.event = .file(try Parts(wire: "\(method),\(size),\(count),\(remainder),\(number)"), try self.sum(sum, flags))
        post.flow = post.flow ?? String(flow)
        post.source = post.source ?? user(words)
        return post
    }

    /// The flags say what the sum is over; one that a program of the poster's made (`c=`) says nothing to others.
    private static func sum(_ value: Substring, _ flags: [String]) throws(MessageError) -> Sum {
        if flags.contains("n") { return .name(String(value)) }
        if flags.contains("0") { return .none(String(value)) }
        if flags.contains(where: { $0.utf8.starts(with: "c=".utf8) }) { return .arbitrary(String(value)) }
        return try Sum(wire: "d,\(value)")
    }

    /// The user whose name follows the day in the topic.
    private static func user(_ words: Substring) -> String? {
        let words = words.utf8.split(separator: UInt8(ascii: "."), maxSplits: 2)
        guard words.count == 3, words[0].count == 8, words[0].allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        return String(Substring(words[1]))
    }
}
