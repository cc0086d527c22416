/// What became of a post. On the wire: `v02.log`.
public struct Report: Sendable, Equatable {
    /// The post it is about.
    public var post: Post
    /// Three digits; the table is in dd_log(7).
    public var code: Int
    /// The status in words (`message`), at most 255 bytes.
    public var message: String
    /// The machine that did it, fifth field of the body.
    public var host: String
    /// The account that consumed the post, sixth field of the body.
    public var user: String
    /// How long it took, seventh field of the body, in seconds.
    public var seconds: Double

    /// The header in which a report on `xunrouted` says why it did not go to its source.
    public static let reasonHeader = "unrouted"

    /// Puts a report together; nothing is checked.
    public init(post: Post, code: Int, message: String, host: String, user: String, seconds: Double) {
        self.post = post
        self.code = code
        self.message = message
        self.host = host
        self.user = user
        self.seconds = seconds
    }
}
