/// Which addresses may be fetched from.
public struct FetchPolicy: Sendable {
    /// Prefixes that are allowed: scheme, host and port exactly, path by segment. Empty: everything that the other rules allow.
    public var allowed: [AllowedURL]
    /// Whether addresses of this machine and link-local ones may be connected to whatever the prefixes say.
    public var allowsLocal: Bool

    /// A policy.
    public init(allowed: [AllowedURL] = [], allowsLocal: Bool) {
        self.allowed = allowed
        self.allowsLocal = allowsLocal
    }

    /// Whether `url` (encoded) may be fetched as far as its text says.
    public func allows(_ url: String) -> Bool {
        allowed.isEmpty || covers(url) { _ in true }
    }

    /// Whether `url`, which is allowed, may be on an address of this machine or link: when a prefix names that very address, not
    /// when it names a host that happens to resolve to it.
    public func allowsLocalAddress(_ url: String) -> Bool {
        allowsLocal || covers(url) { Self.namesAddress($0.url) }
    }

    /// Whether the host is an address or `localhost`, not a name that somebody else's server resolves.
    private static func namesAddress(_ url: URLParts) -> Bool {
        url.host == "localhost" || url.host.contains(":") || url.host.utf8.allSatisfy { $0 == 0x2e || 0x30...0x39 ~= $0 }
    }

    private func covers(_ url: String, _ condition: (AllowedURL) -> Bool) -> Bool {
        guard let url = try? URLParts(url) else { return false }
        return allowed.contains { condition($0) && $0.covers(url) }
    }
}
