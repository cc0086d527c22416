/// Where the bytes of a post are, in two parts: a base that stays, and the path that the receiver may mirror.
///
/// Both are decoded. On the wire: second and third fields of the body.
public struct Location: Sendable, Equatable, CustomStringConvertible {
    /// A prefix that the relpath completes (`http://host:port/dir/`), or the complete URL; see `isCompleteURL`.
    public var base: String
    /// The path below the base, also the place below the receiver's document root. Never begins with `/`.
    public var relpath: String

    /// A location; slashes at the beginning of `relpath` are taken away.
    public init(base: String, relpath: String) {
        self.base = base
        self.relpath = String(Self.withoutLeadingSlashes(relpath[...]))
    }

    /// Whether the base alone is the URL of the file.
    ///
    /// It is when it does not end in `/`, and the relpath is empty, ends in `/` (a directory to place the file in), or has the
    /// same last name as the base.
    public var isCompleteURL: Bool {
        let slash = UInt8(ascii: "/")
        guard base.utf8.last != slash else { return false }
        guard let last = relpath.utf8.last, last != slash else { return true }
        guard relpath.utf8.last == base.utf8.last, let parts = BaseURL(base) else { return false }
        let name = Self.lastName(parts.path)
        return !name.isEmpty && name.utf8.elementsEqual(Self.lastName(relpath[...]).utf8)
    }

    /// The whole URL, decoded, without a password: for patterns and for display.
    public var url: String {
        guard let parts = BaseURL(base) else { return isCompleteURL ? base : base + "/" + relpath }
        return parts.scheme + ":" + (parts.authority.map { "//" + $0 } ?? "") + path(parts)
    }

    /// The whole URL for fetching, every name of its path percent-encoded, without a password.
    ///
    /// There is one slash between base and relpath; `sftp://host//dir/` and `ftp://host//dir/` keep the two that make a path
    /// absolute.
    public var encodedURL: String {
        guard let parts = BaseURL(base) else { return Percent.encodePath(url) }
        let user = parts.user.map { Percent.encodeSegment($0) + "@" } ?? ""
        let authority = parts.host.map { "//" + user + Percent.encodeHost($0) } ?? ""
        return parts.scheme + ":" + authority + Percent.encodePath(path(parts))
    }

    /// The name that the file has at the receiver: the last one of the relpath; of the base when the relpath is a directory to
    /// place the file in.
    public var fileName: String {
        if isCompleteURL, relpath.isEmpty || relpath.utf8.last == UInt8(ascii: "/") {
            return BaseURL(base).map { String(Self.lastName($0.path)) } ?? ""
        }
        return String(Self.lastName(relpath[...]))
    }

    /// Same as `url`.
    public var description: String { url }

    /// The path of the whole URL, decoded.
    private func path(_ parts: BaseURL) -> String {
        guard !relpath.isEmpty, !isCompleteURL else { return String(parts.path) }
        let directory = Self.withoutTrailingSlashes(parts.path)
        let isRootOfLogin = directory.isEmpty && parts.path.utf8.count > 1 && parts.isLoginRelative
        return directory + (isRootOfLogin ? "//" : "/") + Self.withoutLeadingSlashes(relpath[...])
    }

    /// The last name of a path, whether or not a slash follows it.
    private static func lastName(_ path: Substring) -> Substring {
        let path = withoutTrailingSlashes(path)
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return path[path.utf8.index(after: slash)...]
    }

    private static func withoutLeadingSlashes(_ path: Substring) -> Substring {
        guard let start = path.utf8.firstIndex(where: { $0 != UInt8(ascii: "/") }) else { return "" }
        return path[start...]
    }

    private static func withoutTrailingSlashes(_ path: Substring) -> Substring {
        guard let end = path.utf8.lastIndex(where: { $0 != UInt8(ascii: "/") }) else { return "" }
        return path[...end]
    }
}

extension Location {
    /// `text`, which follows the URL on its line, with "it" wherever it names the URL again.
    func withoutRepeating(_ text: String) -> String { text.replacing(encodedURL, with: "it").replacing(url, with: "it") }
}
