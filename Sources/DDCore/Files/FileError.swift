import Glibc

/// What went wrong with a file or a path below the document root.
public struct FileError: ProgramEnding, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of kinds.
    public enum Code: Sendable, Equatable {
        /// The path leads out of the root or through something that is not a directory of its own, or a directory stands in the way; or
        /// the file system does not take such a name.
        case notAllowed
        /// No such file or directory.
        case missing
        /// No space, no inodes, quota exceeded.
        case noSpace
        /// Another process writes the same file just now.
        case busy
        /// The file would be larger than the file system or `ulimit -f` allows.
        case tooLarge
        /// Anything else the system said.
        case system
    }

    /// The kind.
    public let code: Code
    /// The system's error number; 0 when it was not the system that refused.
    public let errno: Int32
    /// One line: what was tried, on what, why.
    public let description: String

    /// `ExitStatus.system`.
    public var exitStatus: Int32 { ExitStatus.system }

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
            case EINVAL, ENAMETOOLONG, EILSEQ: .notAllowed
            case EFBIG: .tooLarge
            default: .system
            }
        let hint =
            switch errno {
            case EINVAL, EILSEQ: " (this file system does not take such a name)"
            case EFBIG: " (for this file system, or for 'ulimit -f' of this program)"
            case EMFILE: " (see 'ulimit -n')"
            case ENOLCK: " (no locks on this file system at the moment; over NFS: is its lock service there?)"
            default: ""
            }
        self.description = "\(attempt): \(String(cString: strerror(errno)))\(hint)"
    }
}
