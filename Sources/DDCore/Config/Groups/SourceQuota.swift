/// One `quota` line: what a source, or each source, may use.
public struct SourceQuota: Sendable, Equatable {
    /// The source for which it holds; `nil` for each.
    public let source: String?
    /// What it may use.
    public let quota: UserRecord.Quota

    /// Reads `[SOURCE] bytes=10G files=100000 rate=1M messages=100`, at least one of them.
    public init(_ text: String) throws(ConfigError) {
        var words = text.split { $0 == " " || $0 == "\t" }
        var source: String?
        if let first = words.first, !first.contains("=") {
            source = String(first)
            words.removeFirst()
        }
        var quota = UserRecord.Quota()
        for word in words {
            let halves = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard halves.count == 2, let size = Values.size(halves[1]) else { throw Self.bad(String(word)) }
            switch halves[0] {
            case "bytes": quota.bytes = size
            case "files": quota.files = size
            case "rate": quota.rate = size
            case "messages": quota.messages = size
            default: throw Self.bad(String(word))
            }
        }
        guard !quota.isEmpty else { throw Self.bad(text) }
        self.source = source
        self.quota = quota
    }

    private static func bad(_ word: String) -> ConfigError {
        ConfigError(
            .configuration,
            "'\(word)': [SOURCE] bytes=SIZE files=N rate=SIZE messages=N is expected, rate and messages per second")
    }
}
