/// What is taken off the front of an announced path (`strip`).
public enum StripChoice: Sendable, Equatable {
    /// So many directories.
    case directories(Int)
    /// What this pattern matches.
    case pattern(String)

    /// The most directories that may be named.
    private static let most = 1000

    /// Reads a number of directories, or a pattern.
    init(_ text: String) throws(ConfigError) {
        if text.utf8.allSatisfy({ 0x30..<0x3a ~= $0 }) || text.hasPrefix("-") {
            guard let number = Int(text), 0...Self.most ~= number else {
                throw ConfigError(.configuration, "a number of directories from 0 to \(Self.most), or a pattern, is expected")
            }
            self = .directories(number)
        } else {
            if let fault = Pattern.fault(in: text) { throw ConfigError(.configuration, fault) }
            self = .pattern(text)
        }
    }

    /// The number of directories; 0 for a pattern.
    public var count: Int { if case .directories(let number) = self { number } else { 0 } }

    static func option(_ standard: String = "0") -> OptionSpec {
        OptionSpec(
            "strip", [], .text, value: "N|PATTERN", default: standard,
            "take N directories, or what the pattern matches, off the front of the path")
    }
}
