/// Brings the bytes of one URL. Made and used on one thread; keeps connections for the next call.
///
/// Any call may be repeated, also after it threw.
public protocol Fetcher: AnyObject {
    /// Hands the bytes of `request` to `sink` in order, as they arrive, and returns how many there were.
    ///
    /// Throws `TransferError`, or what `sink` threw; `sink` may have had a part of the bytes then. `sink` gets nothing of an answer that
    /// is not the file (an error page, a redirect).
    func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64
}

/// What is to be fetched, and within which limits.
public struct FetchRequest: Sendable {
    /// The URL, properly encoded.
    public var url: String
    /// Bytes expected; a server that sends more is stopped, one that sends fewer is an error. `nil`: unknown.
    public var expectedSize: Int64?

    /// A request for all of `url`.
    public init(url: String, expectedSize: Int64?) {
        self.url = url
        self.expectedSize = expectedSize
    }
}

/// Which addresses may be fetched from.
public struct FetchPolicy: Sendable {
    /// Prefixes that are allowed: scheme, host and port exactly, path by segment. Empty: everything that the other rules allow.
    public var allowed: [URLPrefix]
    /// Whether addresses of this machine and link-local ones may be connected to though no prefix names them.
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
}

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
