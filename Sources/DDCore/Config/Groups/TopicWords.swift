/// The words of a topic behind its prefix, as options give them.
enum TopicWords {
    /// First words that the field's tools give their topics.
    private static let prefixes = ["v02.post", "v03.post", "v01.post", "v00.dd.notify", "v02.log", "v02.report"]

    /// The words of the setting `name` behind `prefix`. Who writes the prefix as well means the topic once: it is taken off, and `warnings`
    /// says so. Throws where the words begin with another form's prefix, which would be bound behind `prefix` and match nothing.
    static func read(
        _ setting: Setting, prefix: String, warnings: inout [String]
    ) throws(ConfigError) -> String {
        let words = setting.value
        if let rest = rest(of: words, behind: prefix) {
            warnings.append(
                "\(setting.origin): \(setting.name) '\(words)' has the words of topic_prefix in front, and is taken as '\(rest)'")
            return rest
        }
        for other in prefixes {
            guard let rest = self.rest(of: words, behind: other) else { continue }
            throw ConfigError(
                at: setting.origin,
                "\(setting.name) '\(words)' would mean the topic \(prefix).\(words): write topic_prefix \(other) and \(setting.name) \(rest)"
            )
        }
        return words
    }

    private static func rest(of words: String, behind prefix: String) -> String? {
        if words == prefix { return "#" }
        guard words.utf8.starts(with: (prefix + ".").utf8), words.utf8.count > prefix.utf8.count + 1 else { return nil }
        return String(words.utf8.dropFirst(prefix.utf8.count + 1))
    }
}
