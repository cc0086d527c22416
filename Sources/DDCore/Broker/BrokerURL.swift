/// The address of a broker with the account: `amqp[s]://[user[:password]@]host[:port][/vhost]`.
public struct BrokerURL: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `amqps`: TLS, with the certificate verified.
    public let isTLS: Bool
    /// Decoded; `anonymous` when the URL has none.
    public let user: String
    /// Decoded; empty when the URL has a user without a password, `anonymous` when it has no user.
    public let password: Secret
    /// A name or an address, IPv6 without brackets.
    public let host: String
    /// 5672, for `amqps` 5671, when the URL has none.
    public let port: Int
    /// Decoded; `/` when the URL has none.
    public let vhost: String

    /// Reads a URL. Errors never show the password.
    public init(_ text: String) throws(ConfigError) {
        try self.init(URLParts(text))
    }

    /// The broker at a URL that was taken apart.
    public init(_ parts: URLParts) throws(ConfigError) {
        guard parts.scheme == "amqp" || parts.scheme == "amqps" else {
            throw ConfigError(.configuration, "bad broker URL '\(parts)': amqp:// or amqps:// is expected")
        }
        let name = parts.path.dropFirst()
        guard parts.path.isEmpty || parts.path.hasPrefix("/"), !name.contains("?"), !name.contains("#"),
            name == "/" || !name.contains("/"), let vhost = Percent.decodeStrictly(name)
        else {
            throw ConfigError(
                .configuration, "bad broker URL '\(parts)': behind the host only /VHOST is expected, a '/' in it as %2F")
        }
        for (what, name) in [("account", parts.user ?? ""), ("vhost", vhost)] where name.utf8.count > 255 {
            throw ConfigError(
                .configuration, "bad broker URL: its \(what) has \(name.utf8.count) bytes, AMQP carries 255")
        }
        isTLS = parts.scheme == "amqps"
        user = parts.user ?? "anonymous"
        password = parts.password ?? Secret(parts.user == nil ? "anonymous" : "")
        host = parts.host
        port = parts.effectivePort.map(Int.init) ?? 5672
        self.vhost = vhost.isEmpty ? "/" : vhost
    }

    /// The same broker and account with another password.
    func with(password: Secret) -> BrokerURL { BrokerURL(self, password: password) }

    private init(_ other: BrokerURL, password: Secret) {
        (isTLS, user, self.password) = (other.isTLS, other.user, password)
        (host, port, vhost) = (other.host, other.port, other.vhost)
    }

    /// The URL with port and vhost, without the password.
    public var description: String {
        let name = vhost == "/" ? "/" : "/" + Percent.encodeAll(vhost)
        let account = Percent.encodeAll(user)
        return "\(isTLS ? "amqps" : "amqp")://\(account)@\(URLParts.bracketed(host)):\(port)\(name)"
    }

    /// The same as `description`.
    public var debugDescription: String { description }
    /// No children: reflection does not see the password.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
