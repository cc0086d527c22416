/// One option: how it is spelled, what it takes, what `--help` says about it. The command line, the option files and the help
/// text are all read from it.
public struct OptionSpec: Sendable {
    /// What the value must look like.
    public enum Kind: Sendable, Equatable {
        /// `on/off`, `true/false`, `yes/no`.
        case bool
        /// Any text that is not empty.
        case text
        /// Text of at most 255 bytes, which is what AMQP carries as a name or topic.
        case name
        /// Text in which `${%...}` stays until it is used, so that a long-running program follows the date.
        case template
        /// A whole number in the range.
        case integer(ClosedRange<Int>)
        /// Bytes: `10`, `4K`, `1MB`.
        case size
        /// A time span, `30`, `5m`, `1w`; `none` where the default is none.
        case duration(bareUnit: Values.BareUnit)
        /// A time span or `forever`.
        case wait
        /// One of the words.
        case choice([String])
        /// A regular expression of PCRE2.
        case pattern
    }

    /// The spelling in files and after `--`, with `_`.
    public let name: String
    /// Other spellings that mean the same.
    public let aliases: [String]
    /// What may follow a single `-`, several letters included.
    public let shorts: [String]
    /// What the value must look like.
    public let kind: Kind
    /// May be given several times; then it is a list.
    public let repeatable: Bool
    /// One of accept, reject and directory: their order among each other counts, and they are replaced together.
    public let isRule: Bool
    /// What stands for the value in the help text.
    public let valueName: String
    /// One line for the help text.
    public let help: String
    /// The default in the words of the user; the typed getters read it as a value.
    public let defaultText: String?
    /// May stand in an option file.
    public let inFile: Bool

    /// Describes one option.
    public init(
        _ name: String, _ shorts: [String] = [], _ kind: Kind, aliases: [String] = [], repeatable: Bool = false,
        isRule: Bool = false, value valueName: String = "", default defaultText: String? = nil, inFile: Bool = true,
        _ help: String
    ) {
        self.name = name
        self.aliases = aliases
        self.shorts = shorts
        self.kind = kind
        self.repeatable = repeatable || isRule
        self.isRule = isRule
        self.valueName = valueName
        self.help = help
        self.defaultText = defaultText
        self.inFile = inFile
    }

    /// What is wrong with `value`, or `nil`.
    func fault(in value: String) -> String? {
        switch kind {
        case .bool: return Values.bool(value) == nil ? "on or off is expected" : nil
        case .text, .template: return value.isEmpty ? "it is empty" : nil
        case .name:
            guard value.utf8.count > 255 else { return value.isEmpty ? "it is empty" : nil }
            return "it has \(value.utf8.count) bytes; at most 255 are carried by AMQP"
        case .integer(let range):
            guard let number = Int(value), range.contains(number) else {
                if range.upperBound == Int.max { return "a whole number from \(range.lowerBound) is expected" }
                return "a whole number from \(range.lowerBound) to \(range.upperBound) is expected"
            }
            return nil
        case .size: return Values.size(value) == nil ? "a size like 512K, 1M or 2G is expected" : nil
        case .duration(let unit):
            if value == "none" && defaultText == "none" { return nil }
            return Values.duration(value, bareUnit: unit) == nil ? "a time like 30s, 5m, 2h, 2d or 1w is expected" : nil
        case .wait:
            if value == "forever" { return nil }
            return Values.duration(value, bareUnit: .seconds) == nil ? "seconds, a time like 5m, or forever is expected" : nil
        case .choice(let words): return words.contains(value) ? nil : "one of \(words.joined(separator: ", ")) is expected"
        case .pattern: return Pattern.fault(in: value)
        }
    }
}
