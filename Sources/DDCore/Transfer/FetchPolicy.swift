/// Which addresses may be fetched from.
public struct FetchPolicy: Sendable {
    /// Prefixes that are allowed: scheme, host and port exactly, path by segment. Empty: everything that the other rules allow.
    public var allowed: [AllowedURL]
    /// Whether addresses of this machine and link-local ones may be connected to whatever the prefixes say.
    public var allowsLocal: Bool
    /// Bytes at which a transfer is cut that nobody said the size of; `nil`: none.
    public var limit: Int64?
    /// It is private data of the switch that the post came from: that switch's web server knows the account on the broker
    /// (`TransferOptions.webAccount`).
    public var isPrivate = false
    /// Whose posts are fetched, where sources are told apart: what one of them makes of a server says nothing to the others.
    public var source: String?

    /// A policy.
    public init(allowed: [AllowedURL] = [], allowsLocal: Bool) {
        self.allowed = allowed
        self.allowsLocal = allowsLocal
    }

    /// Whether `url` (encoded) may be fetched as far as its text says. Files of this machine only when a prefix names them.
    public func allows(_ url: URLParts) -> Bool {
        allowed.isEmpty ? url.scheme != "file" : covers(url) { _ in true }
    }

    /// The allowed folder that a `file:` URL is in, and the names from there down to the file; `nil` when it is not allowed.
    public func folder(of url: URLParts) -> (folder: String, names: [String])? {
        for prefix in allowed {
            if let names = prefix.names(below: url) { return (prefix.decodedPath + "/", names) }
        }
        return nil
    }

    /// Whether `url`, which is allowed, may be on an address of this machine or link: when a prefix names that very address, not
    /// when it names a host that happens to resolve to it.
    public func allowsLocalAddress(_ url: URLParts) -> Bool {
        allowsLocal || covers(url) { Self.namesAddress($0.url) }
    }

    /// Whether the host is an address or `localhost`, not a name that somebody else's server resolves.
    private static func namesAddress(_ url: URLParts) -> Bool {
        url.host == "localhost" || url.host.contains(":") || url.host.utf8.allSatisfy { $0 == 0x2e || 0x30...0x39 ~= $0 }
    }

    private func covers(_ url: URLParts, _ condition: (AllowedURL) -> Bool) -> Bool {
        allowed.contains { condition($0) && $0.covers(url) }
    }
}
