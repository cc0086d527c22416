import Glibc

/// Something that the system refused to this process: a descriptor, a thread, another program.
public struct ProcessError: ProgramEnding, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, on what.
    public let attempt: String
    /// The value of `errno`.
    public let number: Int32

    /// `attempt` failed with `number`.
    public init(_ attempt: String, _ number: Int32) {
        self.attempt = attempt
        self.number = number
    }

    /// `ExitStatus.system`.
    public var exitStatus: Int32 { ExitStatus.system }

    /// `attempt: reason`.
    public var description: String { "\(attempt): \(String(cString: strerror(number)).lowercased())" }
}
