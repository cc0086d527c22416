/// How booleans, sizes and time spans are written.
public enum Values {
    /// What a time span without a unit counts.
    public enum BareUnit: Sendable, Equatable {
        /// Everywhere but in the two old queue options.
        case seconds
        /// `expire` and `message_ttl`.
        case minutes
    }

    /// `on/off`, `true/false`, `yes/no` in any case; `nil` for anything else.
    public static func bool(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes": true
        case "off", "false", "no": false
        default: nil
        }
    }

    /// Bytes: digits, then `B K M G T` (powers of 2, any case) and an optional `B`. `nil` when malformed or beyond `Int64`.
    public static func size(_ text: String) -> Int64? {
        var unit = text.drop { $0.isASCII && $0.isNumber }.uppercased()
        if unit.count == 2 && unit.hasSuffix("B") && unit != "BB" { unit.removeLast() }
        let shift: Int64
        switch unit {
        case "", "B": shift = 0
        case "K": shift = 10
        case "M": shift = 20
        case "G": shift = 30
        case "T": shift = 40
        default: return nil
        }
        return number(leading: text, times: 1 << shift)
    }

    /// A time span: digits, then `s m h d w`, up to 100 years. `nil` when malformed or longer.
    public static func duration(_ text: String, bareUnit: BareUnit) -> Duration? {
        let factor: Int64
        switch text.drop(while: { $0.isASCII && $0.isNumber }) {
        case "": factor = bareUnit == .minutes ? 60 : 1
        case "s": factor = 1
        case "m": factor = 60
        case "h": factor = 3_600
        case "d": factor = 86_400
        case "w": factor = 604_800
        default: return nil
        }
        guard let seconds = number(leading: text, times: factor), seconds <= longest else { return nil }
        return .seconds(seconds)
    }

    private static let longest: Int64 = 100 * 366 * 86_400

    private static func number(leading text: String, times factor: Int64) -> Int64? {
        guard let count = Int64(text.prefix { $0.isASCII && $0.isNumber }) else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}

extension Duration {
    /// As an option says it, in the largest unit of which it is a whole number: `1w`, `90s`.
    public var inWords: String {
        let seconds = components.seconds
        let units: [(Int64, String)] = [(604_800, "w"), (86_400, "d"), (3600, "h"), (60, "m")]
        guard let (size, name) = units.first(where: { seconds > 0 && seconds % $0.0 == 0 }) else { return "\(seconds)s" }
        return "\(seconds / size)\(name)"
    }
}
