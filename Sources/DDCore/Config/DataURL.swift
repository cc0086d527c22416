/// URLs that posts carry to everyone.
enum DataURL {
    /// `text`, when it is a URL without a password.
    static func checked(_ text: String) throws(ConfigError) -> String {
        let url = try URLParts(text)
        guard url.password == nil else {
            throw ConfigError(
                .configuration, "url \(url) has a password, which every reader of the posts would see: leave it out")
        }
        return text
    }
}
