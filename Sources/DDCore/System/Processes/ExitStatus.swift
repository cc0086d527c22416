/// What the programs exit with; the same in every manual page.
public enum ExitStatus {
    /// All done.
    public static let done: Int32 = 0
    /// Something failed and the rest was done.
    public static let failed: Int32 = 1
    /// `status`: the program does not run.
    public static let notRunning: Int32 = 3
    /// The command line is wrong.
    public static let usage: Int32 = 64
    /// The broker or a server cannot be reached, and waiting was limited.
    public static let unavailable: Int32 = 69
    /// The system refused something to this program: no space for its own files, no descriptors, no threads.
    public static let system: Int32 = 71
    /// Refused: credentials, permissions.
    public static let refused: Int32 = 77
    /// The configuration is wrong, or contradicts what stands on the broker.
    public static let configuration: Int32 = 78

    /// Ended by a signal: 128 and its number, 130 for SIGINT, 143 for SIGTERM.
    public static func signal(_ number: Int32) -> Int32 { 128 + number }
}

/// An error that says what a program exits with when it ends over it. Any other error stands for `ExitStatus.failed`.
public protocol ProgramEnding: Error {
    /// One of `ExitStatus`.
    var exitStatus: Int32 { get }
}
