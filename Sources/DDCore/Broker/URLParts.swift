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
        func fault(_ reason: String) -> ConfigError {
            ConfigError(.configuration, "bad URL '\(Redaction.masked(text))': \(reason)")
        }

        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw fault("it contains a blank or a control character, which is written %XX")
        }
        // Cut by bytes: a letter with a combining mark behind it would hide the signs.
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), let scheme = URLParts.scheme(text[..<colon]) else {
            throw fault("scheme://host is expected")
        }
        let behind = text.utf8[colon...]
        // The field's tools write file: URLs without an authority, and `file:` for all files.
        let isBare =
            scheme == "file" && (behind.count == 1 || (behind.starts(with: ":/".utf8) && !behind.starts(with: "://".utf8)))
        guard isBare || behind.starts(with: "://".utf8) else { throw fault("scheme://host is expected") }
        let rest = text[text.utf8.index(colon, offsetBy: isBare ? 1 : 3)...]
        let end = rest.utf8.firstIndex { "/?#".utf8.contains($0) } ?? rest.endIndex
        var authority = rest[..<end]
        var user: String?
        var password: Secret?
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            let account = authority[..<at]
            let colon = account.utf8.firstIndex(of: UInt8(ascii: ":"))
            guard let name = Percent.decodeStrictly(account[..<(colon ?? at)]), !name.isEmpty else {
                throw fault("the user before '@' is empty or badly encoded")
            }
            user = name
            if let colon {
                guard let decoded = Percent.decodeStrictly(account[account.utf8.index(after: colon)...]) else {
                    throw fault("the password is badly encoded")
                }
                password = Secret(decoded)
            }
            authority = authority[authority.utf8.index(after: at)...]
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
    public init(scheme: String, user: String?, password: Secret?, host: String, port: UInt16?, path: String) {
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

    /// Whether one slash begins a path below the login's directory, two an absolute one.
    public var isLoginRelative: Bool { scheme == "sftp" || scheme == "ftp" || scheme == "ftps" }

    /// The URL without user and password.
    public var withoutAccount: URLParts {
        URLParts(scheme: scheme, user: nil, password: nil, host: host, port: port, path: path)
    }

    /// Whether data of `other` come from the same server: scheme, host and port are equal.
    public func isSameServer(as other: URLParts) -> Bool {
        scheme == other.scheme && host == other.host && effectivePort == other.effectivePort
    }

    /// The URL without its password.
    public var description: String {
        let account = user.map { Percent.encodeAll($0) + "@" } ?? ""
        return "\(scheme)://\(account)\(URLParts.bracketed(host))\(port.map { ":\($0)" } ?? "")\(path)"
    }

    /// `host`, in brackets when it is an IPv6 address.
    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// `host`, `host:port`, `[v6]` or `[v6]:port`; `nil` when it is none of these. An empty text is an empty host.
    /// A name is ASCII: others are written `xn--`.
    static func address(_ text: Substring) -> (host: String, port: UInt16?)? {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let bytes = text.utf8
        var host = text
        var port: Substring?
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = text[bytes.index(after: bytes.startIndex)..<close]
            let behind = text[bytes.index(after: close)...]
            guard host.utf8.contains(UInt8(ascii: ":")), host.utf8.allSatisfy(isAddressLetter) else { return nil }
            guard behind.isEmpty || behind.utf8.first == UInt8(ascii: ":") else { return nil }
            if !behind.isEmpty { port = behind[behind.utf8.index(after: behind.startIndex)...] }
        } else {
            if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
                host = text[..<colon]
                port = text[bytes.index(after: colon)...]
                if host.isEmpty { return nil }
            }
            guard host.utf8.allSatisfy({ !"[]:@/\\%<>\"".utf8.contains($0) }) else { return nil }
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

    private static func scheme(_ text: Substring) -> String? {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let scheme = text.lowercased()
        guard let first = scheme.utf8.first, (97...122).contains(first) else { return nil }
        let isValid = scheme.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "+-.".utf8.contains($0) }
        return isValid ? scheme : nil
    }
}
