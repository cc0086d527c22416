/// Which addresses may be fetched from.
public struct FetchPolicy: Sendable {
    /// Prefixes that are allowed: scheme, host and port exactly, path by segment. Empty: everything that the other rules allow.
    public var allowed: [URLPrefix]
    /// Whether addresses of this machine and link-local ones may be connected to whatever the prefixes say.
    public var allowsLocal: Bool
    /// Seconds without a single byte after which a transfer is given up.
    public var stallLimit: Int

    /// A policy.
    public init(allowed: [URLPrefix] = [], allowsLocal: Bool, stallLimit: Int = 60) {
        self.allowed = allowed
        self.allowsLocal = allowsLocal
        self.stallLimit = stallLimit
    }

    /// Whether `url` (encoded) may be fetched as far as its text says.
    public func allows(_ url: String) -> Bool {
        allowed.isEmpty || allowed.contains { $0.contains(url) }
    }

    /// Whether `url`, which is allowed, may be on an address of this machine or link: when a prefix names that very address, not
    /// when it names a host that happens to resolve to it.
    public func allowsLocalAddress(_ url: String) -> Bool {
        allowsLocal || allowed.contains { $0.namesAddress && $0.contains(url) }
    }
}
