import Glibc

/// What went wrong with a file or a path below the document root.
public struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of kinds.
    public enum Code: Sendable, Equatable {
        /// The path leads out of the root or through something that is not a directory of its own, or a directory stands in the way.
        case notAllowed
        /// No such file or directory.
        case missing
        /// No space, no inodes, quota exceeded.
        case noSpace
        /// Another process writes the same file just now.
        case busy
        /// Anything else the system said.
        case system
    }

    /// The kind.
    public let code: Code
    /// The system's error number; 0 when it was not the system that refused.
    public let errno: Int32
    /// One line: what was tried, on what, why.
    public let description: String

    /// An error that is not the system's.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.errno = 0
        self.description = description
    }

    /// The error of a system call that just failed with `errno`; `attempt` is the beginning of the line.
    public init(_ attempt: String) { self.init(attempt, errno: Glibc.errno) }

    /// The error of a system call that failed with `errno`.
    public init(_ attempt: String, errno: Int32) {
        self.errno = errno
        self.code =
            switch errno {
            case ENOENT: .missing
            case ENOSPC, EDQUOT: .noSpace
            case ELOOP, ENOTDIR, EXDEV, EISDIR, ENOTEMPTY: .notAllowed
            default: .system
            }
        self.description = "\(attempt): \(String(cString: strerror(errno)))"
    }
}
