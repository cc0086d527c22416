/// Turns posts into wire messages of the form v02, and back.
///
/// Reads what the tools of the field write, in all their variants. `decode(encode(post))` is `post`, but for what cannot be
/// carried: a password in the base, a topic above 255 bytes, empty texts (an empty header is an absent one).
public struct PostCodec {
    /// Reads a post. The error's code says which part is wrong; nothing is left out silently.
    public static func decode(_ message: WireMessage) throws(MessageError) -> Post {
        let subtopic = try Topic.subtopic(of: message.topic, after: "v02.post")
        let line = try BodyLine(message.body)
        return try PostHeaders(message.headers).post(subtopic, line)
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
