/// One `allow_url`: below which URLs data may be fetched.
public struct AllowedURL: Sendable, Equatable {
    /// The source for which it holds; `nil` for all.
    public let source: String?
    /// The URL as written; it has no account.
    public let url: URLParts
    private let segments: [[UInt8]]

    /// Reads `URL`, or `SOURCE URL` where `withSource` is set.
    public init(_ text: String, withSource: Bool) throws(ConfigError) {
        let words = text.split { $0 == " " || $0 == "\t" }
        guard let last = words.last, words.count == 1 || (words.count == 2 && withSource) else {
            throw ConfigError(.configuration, "\(withSource ? "[SOURCE] URL" : "one URL") is expected")
        }
        url = try URLParts(String(last))
        source = words.count == 2 ? String(words[0]) : nil
        guard url.user == nil else { throw ConfigError(.configuration, "allow_url \(url) names a user: write it without") }
        guard let segments = AllowedURL.segments(url.path) else {
            throw ConfigError(.configuration, "the path of allow_url \(url) is badly encoded or contains '..'")
        }
        self.segments = segments
    }

    /// Whether `other` is at or below this URL: scheme, host and port are equal, the path begins with the same segments.
    public func covers(_ other: URLParts) -> Bool { names(below: other) != nil }

    /// The names that lead from this URL's path down to that of `other`, decoded; `nil` when it does not cover it.
    func names(below other: URLParts) -> [String]? {
        guard other.scheme == url.scheme, other.host == url.host, other.effectivePort == url.effectivePort else { return nil }
        guard let others = AllowedURL.segments(other.path), others.starts(with: segments) else { return nil }
        // Where one slash begins a path below the login's directory and two an absolute one, the same names are two places.
        guard
            segments.isEmpty || !url.isLoginRelative
                || url.path.utf8.starts(with: "//".utf8) == other.path.utf8.starts(with: "//".utf8)
        else {
            return nil
        }
        return others.dropFirst(segments.count).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The path, decoded, without a final `/`; empty for the root.
    var decodedPath: String { segments.map { "/" + String(decoding: $0, as: UTF8.self) }.joined() }

    // Decoded, so that %2e%2e and the like do not lead out; an encoded `/` would make two segments of one and is refused. Bytes,
    // because strings are equal to Swift when they only look equal, and a slash with a combining mark behind it is another character.
    private static func segments(_ path: String) -> [[UInt8]]? {
        var segments: [[UInt8]] = []
        let slash = UInt8(ascii: "/")
        let names = path.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }.split(separator: slash)
        for part in names where !part.elementsEqual(".".utf8) {
            guard let name = Percent.decodeStrictly(Substring(part)), name != "..", name != ".", !name.utf8.contains(slash) else {
                return nil
            }
            segments.append(Array(name.utf8))
        }
        return segments
    }
}
