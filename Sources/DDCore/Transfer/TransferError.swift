/// Why the bytes of a post could not be had.
public struct TransferError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of kinds.
    public enum Code: Sendable, Equatable {
        /// The server says it is not there (404, 410).
        case gone
        /// The server refuses for good (401, 403 and other 4xx).
        case refused
        /// The file is another than the one announced: it has another size, or the range asked for is not in it.
        case changed
        /// The address, or the one redirected to, is not among those allowed.
        case notAllowed
        /// The protocol is not spoken here.
        case unsupported
        /// Its size was not announced, and is above what may come.
        case tooLarge
        /// More or fewer bytes than announced.
        case wrongLength
        /// The bytes are not those that were announced.
        case wrongSum
        /// The server, the network or a time limit: another try may succeed.
        case temporary
        /// The same, and the server gave no answer at all.
        case unreachable
    }

    /// The kind.
    public let code: Code
    /// One line: what was tried, on what, why. Without password.
    public let description: String

    /// Puts an error together.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
