/// What the topic of a binding costs the broker. Each `#` may stand for any number of words: with several of them it tries all ways to
/// share the words of each message's topic among them, and takes seconds and gigabytes for one message.
enum BindingTopic {
    /// The most `#` that a user's binding may have: words at both ends, and some in the middle that are looked for.
    static let most = 2

    /// The topics with which users may bind, as a pattern of the broker (`topic permissions`, read).
    static let permitted = "^[^#]*(#[^#]*)?(#[^#]*)?$"

    /// Whether a topic costs the broker too much.
    static func isCostly(_ topic: String) -> Bool { topic.utf8.count { $0 == UInt8(ascii: "#") } > most }
}
