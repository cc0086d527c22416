import Glibc

/// A system call that failed, with what it was for.
public struct SystemError: Error, CustomStringConvertible, Sendable {
    /// What was tried, on what.
    public let attempt: String
    /// The value of errno.
    public let number: Int32

    /// `attempt` failed with errno `number`.
    public init(_ attempt: String, _ number: Int32) {
        self.attempt = attempt
        self.number = number
    }

    /// One line: what was tried, and the system's words for why it failed.
    public var description: String { "\(attempt): \(String(cString: strerror(number)).lowercased())" }
}
