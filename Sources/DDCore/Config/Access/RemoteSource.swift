/// The rsync-like form of dd_subscribe: `[user[:password]@]host[:port]:path`, `amqp[s]://...host[:port][/vhost]:path`, or `:path`
/// for the broker given by an option.
public struct RemoteSource: Sendable, Equatable {
    /// The broker's URL, with `anonymous` when no user was written; `nil` for `:path`.
    let brokerText: Secret?
    /// The directories of the path; `*` stands for any one.
    public let path: [String]

    /// What is bound: the path and all below it. The words are those that posts make of their directories: a dot parts words, and
    /// letters that bind are encoded.
    public var subtopic: String {
        let words = path.flatMap { $0.split(separator: ".") }.map { $0 == "*" ? "*" : RemoteSource.encoded($0) }
        return (words + ["#"]).joined(separator: ".")
    }

    /// Reads the form; every error is one of usage. `plain`: without TLS where no scheme is written.
    public init(_ text: String, plain: Bool) throws(ConfigError) {
        if text.hasPrefix(":") {
            brokerText = nil
            path = try RemoteSource.words(text.dropFirst())
            return
        }
        var rest = text[...]
        var scheme = plain ? "amqp" : "amqps"
        let written = ["amqp://", "amqps://"].first { text.hasPrefix($0) }
        if let written {
            guard !plain || written == "amqp://" else { throw ConfigError(.usage, "--plain contradicts amqps://") }
            scheme = String(written.dropLast(3))
            rest = rest.dropFirst(written.count)
        }
        // A password may contain '@': the first one with an address behind it ends the account. Where there is one, there has to
        // be an address: user:password@host with the path forgotten must not become a path with the password in it.
        let ats: [Substring.Index?] = rest.prefix { $0 != "/" }.indices.filter { rest[$0] == "@" }
        for cut in ats.isEmpty ? [nil] : ats {
            let behind = cut.map { rest[rest.index(after: $0)...] } ?? rest
            guard cut != rest.startIndex, let (address, path) = RemoteSource.split(behind, vhost: written != nil) else {
                continue
            }
            let account = cut.map { String(rest[..<$0]) } ?? "anonymous:anonymous"
            brokerText = Secret("\(scheme)://\(account)@\(address)")
            self.path = try RemoteSource.words(path)
            return
        }
        throw ConfigError(.usage, "'\(Redaction.masked(text))' is not [user[:password]@]host[:port]:path")
    }

    /// `host[:port][/vhost]:path` cut at the `:` before the path; `nil` when it is not of this form.
    private static func split(_ text: Substring, vhost: Bool) -> (address: Substring, path: Substring)? {
        let hostEnd: Substring.Index
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            hostEnd = text.index(after: close)
        } else {
            hostEnd = text.firstIndex { $0 == ":" || $0 == "/" } ?? text.endIndex
        }
        var end = hostEnd
        let behind = text[hostEnd...]
        if behind.hasPrefix(":") {
            // Digits are a port only between two colons (or before a vhost): host:2024 is a path.
            let digits = behind.dropFirst().prefix { $0.isASCII && $0.isNumber }
            let next = text[digits.endIndex...]
            if !digits.isEmpty && (next.hasPrefix(":") || (vhost && next.hasPrefix("/") && next.contains(":"))) {
                end = digits.endIndex
            }
        }
        guard let address = URLParts.address(text[..<end]), !address.host.isEmpty else { return nil }
        if vhost && text[end...].hasPrefix("/") { end = text[end...].firstIndex(of: ":") ?? text.endIndex }
        guard text[end...].hasPrefix(":") else { return nil }
        return (text[..<end], text[end...].dropFirst())
    }

    private static func encoded(_ word: Substring) -> String {
        var result = ""
        for letter in word {
            switch letter {
            case " ": result += "%20"
            case "#": result += "%23"
            case "*": result += "%2A"
            default: result.append(letter)
            }
        }
        return result
    }

    private static func words(_ path: Substring) throws(ConfigError) -> [String] {
        let words = path.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !words.contains("..") else { throw ConfigError(.usage, "the path '\(path)' contains '..'") }
        guard words.joined(separator: ".").utf8.count <= 200 else {
            throw ConfigError(.usage, "the path is longer than 200 bytes, which no topic holds: name a directory further up")
        }
        return words
    }
}
