/// Why the management API did not do what was asked.
public struct ManagementError: ProgramEnding, Sendable, Equatable, CustomStringConvertible {
    /// One line: what was tried, where, why.
    public let description: String
    /// What the program exits with.
    public let exitStatus: Int32

    /// `description` is one line, without secrets.
    public init(_ description: String, status: Int32) {
        self.description = description
        exitStatus = status
    }
}
