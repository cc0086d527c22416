/// Turns posts into wire messages of the form v02, and back. The older and newer forms v00, v01 and v03 are read, never written.
///
/// Reads what the tools of the field write, in all their variants. `decode(encode(post))` is `post`, but for what cannot be
/// carried: a password in the base, a topic above 255 bytes, empty texts (an empty header is an absent one).
public struct PostCodec {
    /// Reads a post of any form. The error's code says which part is wrong; nothing is left out silently.
    public static func decode(_ message: WireMessage) throws(MessageError) -> Post {
        // The body tells v02 from v03: the newer tools can be told to write either under either topic.
        if message.body.utf8.first == UInt8(ascii: "{") { return try V03Post.decode(message) }
        if let words = Topic.words(of: message.topic, after: "v02.post") { return try decode(message, words) }
        if let words = Topic.words(of: message.topic, after: Topic.ofBlocks) { return try decode(message, words) }
        if let words = Topic.words(of: message.topic, after: V00Post.topic) { return try V00Post.decode(message, words) }
        if let words = Topic.words(of: message.topic, after: V01Post.topic) { return try V01Post.decode(message, words) }
        if let words = Topic.words(of: message.topic, after: "v03") { return try decode(message, words) }
        throw MessageError(
            .topic,
            "cannot read a message with the topic \(MessageError.quote(message.topic)): expected v02.post, v03, v01.post or v00.dd.notify"
        )
    }

    private static func decode(_ message: WireMessage, _ words: Substring) throws(MessageError) -> Post {
        try Topic.check(words)
        let line = try BodyLine(message.body)
        return try PostHeaders(message.headers).post(String(words), line)
    }

    /// Writes a post. Throws when a field could not be read again: control characters, numbers out of range, commas in a list.
    public static func encode(_ post: Post, topicPrefix: String = "v02.post") throws(MessageError) -> WireMessage {
        try ControlCharacters.refuse(in: post.subtopic, "the topic")
        return WireMessage(
            topic: Topic.make(prefix: topicPrefix, subtopic: post.subtopic),
            headers: try PostHeaders.write(post),
            body: try BodyLine.write(post.time, post.location))
    }
}
