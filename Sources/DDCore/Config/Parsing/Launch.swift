/// What a command line asks for.
public enum Launch<Options: Sendable>: Sendable {
    /// To work with these options.
    case run(Options)
    /// To write this text to standard output and leave.
    case help(String)
    /// To write the version and leave.
    case version
}
