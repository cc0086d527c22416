/// The routing key of a message: words joined by dots, at most 255 bytes of UTF-8.
public enum Topic {
    /// The most that AMQP carries, in bytes.
    public static let maxBytes = 255

    /// What an ingest queue is bound with: the forms that sources post today.
    public static let ofPosts = ["v02.post.#", "v03.#"]

    /// First words of the topics under which a switch announces the blocks of a file as they come, to those that can fetch what is not
    /// complete yet. The file is announced as a whole when it is complete, with `v02.post`, which is what other tools subscribe to.
    public static let ofBlocks = "v02.block"

    /// The first words that are to be bound to get what is announced with `prefix`, and the blocks of files before they are complete.
    static func withBlocks(_ prefix: String) -> [String] { prefix == "v02.post" ? [prefix, ofBlocks] : [prefix] }

    /// The words for a relpath: its directories, not the file's name. `/` and dots part words, empty ones vanish.
    ///
    /// In words space is `%20`, `#` is `%23` and `*` is `%2A`, because the last two bind. Not cut: see `make`.
    public static func subtopic(ofRelpath relpath: String) -> String {
        guard let end = relpath.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        var words: [UInt8] = []
        words.reserveCapacity(relpath.utf8.count + 16)
        for byte in relpath[..<end].utf8 {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "."):
                if let last = words.last, last != UInt8(ascii: ".") { words.append(UInt8(ascii: ".")) }
            case UInt8(ascii: " "): words.append(contentsOf: "%20".utf8)
            case UInt8(ascii: "#"): words.append(contentsOf: "%23".utf8)
            case UInt8(ascii: "*"): words.append(contentsOf: "%2A".utf8)
            default: words.append(byte)
            }
        }
        if words.last == UInt8(ascii: ".") { words.removeLast() }
        return String(decoding: words, as: UTF8.self)
    }

    /// `prefix` and `subtopic` joined by a dot, cut after the last word that fits in 255 bytes.
    public static func make(prefix: String, subtopic: String) -> String {
        let topic = subtopic.isEmpty ? prefix : prefix + "." + subtopic
        guard topic.utf8.count > maxBytes else { return topic }
        let end = topic.utf8.index(topic.startIndex, offsetBy: maxBytes + 1)
        // A first word that is longer leaves nothing.
        let dot = topic[..<end].utf8.lastIndex(of: UInt8(ascii: ".")) ?? topic.startIndex
        return String(topic[..<dot])
    }

    /// Whether a binding with `pattern` gets a message with `topic`: `*` is one word, `#` any number of words, none included.
    public static func matches(pattern: String, topic: String) -> Bool {
        let wanted = words(pattern)
        let found = words(topic)
        var (want, have) = (0, 0)
        // After the last # seen, and where its run of words ends at the moment.
        var (afterHash, runEnd): (Int?, Int) = (nil, 0)
        while have < found.count || want < wanted.count {
            if want < wanted.count, wanted[want].utf8.elementsEqual("#".utf8) {
                want += 1
                (afterHash, runEnd) = (want, have)
            } else if want < wanted.count, have < found.count, isWord(wanted[want], found[have]) {
                want += 1
                have += 1
            } else if let again = afterHash, runEnd < found.count {
                runEnd += 1
                (want, have) = (again, runEnd)
            } else {
                return false
            }
        }
        return true
    }

    /// Whether a topic that begins with the words of `beginning` can match `pattern`.
    public static func matches(pattern: String, beginning: String) -> Bool {
        let (wanted, found) = (words(pattern), words(beginning))
        for (place, word) in found.enumerated() {
            guard place < wanted.count else { return false }
            if wanted[place].utf8.elementsEqual("#".utf8) { return true }
            guard isWord(wanted[place], word) else { return false }
        }
        return true
    }

    /// The words after one of `prefixes`; throws `topic` when it begins with none of them or holds control characters.
    static func subtopic(of topic: String, after prefixes: String...) throws(MessageError) -> String {
        for prefix in prefixes {
            if let words = words(of: topic, after: prefix), !ControlCharacters.occur(in: words) { return String(words) }
        }
        throw MessageError(.topic, "cannot read a message with the topic \(MessageError.quote(topic)): expected \(prefixes[0])")
    }

    /// Throws `topic` when the words of a topic hold control characters.
    static func check(_ words: Substring) throws(MessageError) {
        guard ControlCharacters.occur(in: words) else { return }
        throw MessageError(
            .topic, "cannot read a message with the topic \(MessageError.quote(words)): it holds a control character")
    }

    /// What follows `prefix` and a dot; empty when the topic is the prefix, `nil` when it does not begin with it.
    static func words(of topic: String, after prefix: String) -> Substring? {
        guard topic.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = topic[topic.utf8.index(topic.startIndex, offsetBy: prefix.utf8.count)...]
        guard let dot = rest.utf8.first else { return rest }
        return dot == UInt8(ascii: ".") ? rest[rest.utf8.index(after: rest.startIndex)...] : nil
    }

    /// RabbitMQ's reading: the empty topic has no words; otherwise there is one more than there are dots.
    private static func words(_ topic: String) -> [Substring] {
        guard !topic.isEmpty else { return [] }
        return topic.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Substring.init)
    }

    private static func isWord(_ wanted: Substring, _ found: Substring) -> Bool {
        wanted.utf8.elementsEqual("*".utf8) || wanted.utf8.elementsEqual(found.utf8)
    }
}
