/// What a command line asks for.
public enum Launch<Options: Sendable>: Sendable {
    /// To work with these options.
    case run(Options)
    /// To write this text to standard output and leave.
    case help(String)
    /// To write the version and leave.
    case version
}

/// What dd_subscribe and dd_sara are to do with a configuration.
public enum Action: String, Sendable {
    /// Work until stopped.
    case foreground
    /// Delete the queue.
    case cleanup

    /// The action named by the operand behind CONFIG; `foreground` when there is none.
    static func read(_ operands: ArraySlice<String>) throws(ConfigError) -> Action {
        guard let word = operands.first else { return .foreground }
        if let extra = operands.dropFirst().first { throw ConfigError(.usage, "too many operands: '\(Redaction.masked(extra))'") }
        if let action = Action(rawValue: word) { return action }
        throw ConfigError(.usage, "unknown action '\(Redaction.masked(word))': foreground and cleanup are known")
    }
}
