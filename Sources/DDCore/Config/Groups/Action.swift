/// What dd_subscribe, dd_sara and dd_poll are to do with a configuration.
public enum Action: Sendable, Equatable {
    /// Work until stopped.
    case foreground
    /// Work in the background.
    case start
    /// End what works in the background.
    case stop
    /// End it, and work in the background anew.
    case restart
    /// Let what works in the background read its configuration again.
    case reload
    /// Say what works in the background.
    case status
    /// Delete the queue; not of dd_poll, which has none.
    case cleanup
    /// Keep the processes of a configuration running: what `start` starts.
    case keep
    /// Be one of these processes, counted from 1.
    case instance(Int)

    private static let words: [(word: String, action: Action)] = [
        ("foreground", .foreground), ("start", .start), ("stop", .stop), ("restart", .restart), ("reload", .reload),
        ("status", .status), (cleanupWord, .cleanup), (Program.keepWord, .keep),
    ]
    /// The word for `cleanup`.
    public static let cleanupWord = "cleanup"

    /// How the synopsis names those that are for people.
    static func synopsis(hasQueue: Bool = true) -> String { known(hasQueue).dropLast().map(\.word).joined(separator: "|") }

    private static func known(_ hasQueue: Bool) -> [(word: String, action: Action)] {
        words.filter { hasQueue || $0.action != .cleanup }
    }

    /// The action named by the operands behind CONFIG; `foreground` when there are none. Without a queue there is no `cleanup`.
    static func read(_ operands: ArraySlice<String>, hasQueue: Bool = true) throws(ConfigError) -> Action {
        guard let word = operands.first else { return .foreground }
        let rest = operands.dropFirst()
        if word == Program.instanceWord, rest.count == 1, let number = rest.first.flatMap({ Int($0) }), 1...64 ~= number {
            return .instance(number)
        }
        if let extra = rest.first { throw ConfigError(.usage, "too many operands: '\(Redaction.masked(extra))'") }
        if let known = known(hasQueue).first(where: { $0.word == word }) { return known.action }
        throw ConfigError(
            .usage, "unknown action '\(Redaction.masked(word))': one of \(synopsis(hasQueue: hasQueue)) is expected")
    }
}
