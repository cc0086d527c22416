/// URLs that posts carry to everyone.
enum DataURL {
    /// `text` as posts have it: without `%XX`, as `Location` does. A blank may be written as it is. Throws for a password, for a query or a
    /// fragment, and for what cannot be one folder's or file's address.
    static func checked(_ text: String) throws(ConfigError) -> String {
        let url = try URLParts(text.replacing(" ", with: "%20"))
        guard url.password == nil else {
            throw ConfigError(
                .configuration, "url \(url) has a password, which every reader of the posts would see: leave it out")
        }
        if let sign = url.path.unicodeScalars.first(where: { $0 == "?" || $0 == "#" }) {
            let code = sign == "?" ? "%3F" : "%23"
            throw ConfigError(
                .configuration,
                "url \(url) has a '\(sign)': posts name files below a folder, not queries or places in a page "
                    + "(in a name it is written \(code))")
        }
        let user = try url.user.map { (name) throws(ConfigError) in try written(user: name, url) + "@" } ?? ""
        let port = url.port.map { ":\($0)" } ?? ""
        return "\(url.scheme)://\(user)\(URLParts.bracketed(url.host))\(port)\(try decoded(url))"
    }

    /// A folder's URL, checked, with its final slash.
    static func folder(_ text: String) throws(ConfigError) -> String {
        let url = try checked(text)
        return url.hasSuffix("/") ? url : url + "/"
    }

    /// A file's URL, checked, as a post has it whose base is the server: all of the path is its relpath.
    static func location(_ text: String) throws(ConfigError) -> Location {
        guard text.contains("://") else {
            throw ConfigError(.usage, "'\(Redaction.masked(text))' is no URL: patterns match the whole, as http://host/dir/file")
        }
        let whole = try checked(text)
        let parts = whole.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, !parts[3].isEmpty else {
            throw ConfigError(.usage, "\(whole) names no file: http://host/dir/file does")
        }
        return Location(base: parts[..<3].joined(separator: "/") + "/", relpath: String(parts[3]))
    }

    /// The path without `%XX`.
    private static func decoded(_ url: URLParts) throws(ConfigError) -> String {
        var path: [String] = []
        for part in url.path.split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = Percent.decodeStrictly(part) else {
                throw ConfigError(
                    .configuration,
                    "url \(url) is badly encoded at '\(part)': a '%' in a name is written %25, and names are UTF-8")
            }
            guard !name.utf8.contains(UInt8(ascii: "/")), !ControlCharacters.occur(in: name), name != ".." else {
                throw ConfigError(
                    .configuration,
                    "url \(url) has the name '\(part)', which no path can have: it holds a slash or a control character, or is '..'"
                )
            }
            path.append(name)
        }
        return path.joined(separator: "/")
    }

    /// The user as `BaseURL` reads it.
    private static func written(user: String, _ url: URLParts) throws(ConfigError) -> String {
        guard !user.utf8.contains(where: { "/:".utf8.contains($0) }), !ControlCharacters.occur(in: user) else {
            throw ConfigError(
                .configuration, "url \(url) names a user that no post can: it holds '/', ':' or a control character")
        }
        return user
    }
}
