/// One `allow_url`: a URL that others are compared with, scheme, host and port exactly, path by segment.
public struct URLPrefix: Sendable, Equatable {
    private let origin: String
    private let path: String

    /// Reads `scheme://host[:port][/path]`; `nil` when it has not this form. A default port is the same as none.
    public init?(_ url: String) {
        guard let (origin, path) = Self.split(url) else { return nil }
        self.origin = origin
        self.path = path
    }

    /// Whether `url` is this prefix or lies below it. A path with `..` or an encoded `/` or `.` among its segments never does.
    public func contains(_ url: String) -> Bool {
        guard let (origin, path) = Self.split(url), origin == self.origin else { return false }
        let segments = path.split(separator: "/")
        guard !segments.contains(where: Self.isTricky) else { return false }
        return segments.starts(with: self.path.split(separator: "/"))
    }

    /// Whether the host is an address (or `localhost`), not a name that somebody else's server resolves.
    var namesAddress: Bool {
        let host = origin.drop { $0 != "/" }.dropFirst(2)
        return host.hasPrefix("[") || host.allSatisfy { $0.isNumber || $0 == "." || $0 == ":" }
            || host == "localhost" || host.hasPrefix("localhost:")
    }

    private static func isTricky(_ segment: Substring) -> Bool {
        let lower = segment.lowercased()
        let plain = lower.replacing("%2e", with: ".")
        return plain == ".." || plain == "." || lower.contains("%2f")
    }

    private static func split(_ url: String) -> (origin: String, path: String)? {
        guard let colon = url.range(of: "://") else { return nil }
        let scheme = url[..<colon.lowerBound].lowercased()
        let rest = url[colon.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        var host = rest[..<end].lowercased()
        if let at = host.lastIndex(of: "@") { host = String(host[host.index(after: at)...]) }
        let standard = ["http": ":80", "https": ":443", "ftp": ":21", "ftps": ":990", "sftp": ":22"][scheme] ?? ""
        if !standard.isEmpty, host.hasSuffix(standard) { host.removeLast(standard.count) }
        let tail = rest[end...]
        let path = tail.hasPrefix("/") ? tail.prefix { $0 != "?" && $0 != "#" } : ""
        return ("\(scheme)://\(host)", String(path))
    }
}
