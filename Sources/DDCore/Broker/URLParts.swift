/// A URL taken apart: `scheme://[user[:password]@]host[:port][/path]`, for brokers and data servers.
public struct URLParts: Sendable, Equatable, CustomStringConvertible {
    /// Lower case.
    public let scheme: String
    /// Decoded; `nil` when there is none.
    public var user: String?
    /// Decoded; `nil` when there is none.
    public var password: Secret?
    /// Lower case; an IPv6 address without its brackets. Empty only for `file:`.
    public let host: String
    /// As written; `nil` when it was left out.
    public let port: UInt16?
    /// From the first `/` behind the host to the end, as written: encoded, with a query if there is one.
    public let path: String

    /// Takes `text` apart. Blanks and control characters are refused; errors never show a password.
    public init(_ text: String) throws(ConfigError) {
        let shown = Redaction.masked(text)
        func fault(_ reason: String) -> ConfigError { ConfigError(.configuration, "bad URL '\(shown)': \(reason)") }

        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw fault("it contains a blank or a control character, which is written %XX")
        }
        let units = text.utf8
        guard let colon = units.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else {
            throw fault("scheme://host is expected")
        }
        let scheme = text[..<colon].lowercased()
        guard URLParts.isScheme(scheme) else { throw fault("scheme://host is expected") }
        let rest = text[units.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var authority = rest[..<end]
        var user: String?
        var password: Secret?
        if let at = authority.lastIndex(of: "@") {
            let account = authority[..<at]
            let words = account.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(words[0]), !name.isEmpty else {
                throw fault("the user before '@' is empty or badly encoded")
            }
            user = name
            if words.count == 2 {
                guard let decoded = PercentCoding.decode(words[1]) else { throw fault("the password is badly encoded") }
                password = Secret(decoded)
            }
            authority = authority[authority.index(after: at)...]
        }
        guard let (host, port) = URLParts.address(authority) else {
            throw fault("the host or the port is not valid ('/', ':' and '@' in a user or password are written %2F, %3A, %40)")
        }
        guard !host.isEmpty || scheme == "file" else { throw fault("the host is missing") }
        self.scheme = scheme
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.path = String(rest[end...])
    }

    /// Parts put together; nothing is checked.
    init(scheme: String, user: String?, password: Secret?, host: String, port: UInt16?, path: String) {
        self.scheme = scheme
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.path = path
    }

    /// The port that is connected to: the one written, or the scheme's own; `nil` for a scheme without one.
    public var effectivePort: UInt16? {
        if let port { return port }
        switch scheme {
        case "amqp": return 5672
        case "amqps": return 5671
        case "http", "webdav": return 80
        case "https", "webdavs": return 443
        case "ftp": return 21
        case "ftps": return 990
        case "sftp": return 22
        default: return nil
        }
    }

    /// The URL without its password.
    public var description: String {
        let account = user.map { PercentCoding.encode($0) + "@" } ?? ""
        return "\(scheme)://\(account)\(URLParts.bracketed(host))\(port.map { ":\($0)" } ?? "")\(path)"
    }

    /// `host`, in brackets when it is an IPv6 address.
    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`; `nil` when it is none of these. An empty text is an empty host.
    static func address(_ text: Substring) -> (host: String, port: UInt16?)? {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[..<close].dropFirst()
            let behind = text[text.index(after: close)...]
            guard host.contains(":"), host.utf8.allSatisfy(isAddressLetter) else { return nil }
            guard behind.isEmpty || behind.hasPrefix(":") else { return nil }
            if !behind.isEmpty { port = behind.dropFirst() }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            if host.isEmpty { return nil }
        }
        if !text.hasPrefix("[") {
            guard host.unicodeScalars.allSatisfy({ !"[]:@/\\%<>\"".unicodeScalars.contains($0) }) else { return nil }
        }
        guard let port else { return (host.lowercased(), nil) }
        guard port.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(port), number > 0 else { return nil }
        return (host.lowercased(), number)
    }

    private static func isAddressLetter(_ unit: UInt8) -> Bool {
        switch unit {
        case 48...57, 65...70, 97...102, UInt8(ascii: ":"), UInt8(ascii: "."): true
        default: false
        }
    }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first) else { return false }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "+-.".utf8.contains($0) }
    }
}
