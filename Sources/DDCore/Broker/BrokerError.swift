/// What went wrong between a program and its broker.
public struct BrokerError: ProgramEnding, Sendable, Equatable, CustomStringConvertible {
    /// The closed set of kinds; `exitStatus` and `isTemporary` follow from it.
    public enum Code: Sendable, Equatable {
        /// Nobody answers, or the TLS handshake failed for want of an answer.
        case unreachable
        /// The connection was there and is gone.
        case lost
        /// The broker refused: credentials, vhost, permission (AMQP 403, 530).
        case refused
        /// The broker has room for no more connections or channels of this account, of its vhost or at all (AMQP 530).
        case limited
        /// The broker's certificate is not trusted or is another host's.
        case untrusted
        /// An exchange or queue does not exist (AMQP 404).
        case noSuchObject
        /// It exists with other properties (AMQP 406).
        case mismatch
        /// Anything else the broker said.
        case other
        /// This one message cannot be sent; nothing is wrong with the connection.
        case unsendable
    }

    /// The kind.
    public let code: Code
    /// One line: what was tried, on what, why.
    public let description: String

    /// Puts an error together.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Whether trying again later may help without anybody changing anything.
    public var isTemporary: Bool { [.unreachable, .lost, .limited, .other].contains(code) }

    /// Whether it may be over when somebody makes an object of the broker again: a program that has been served waits for that. Who is not
    /// let in must not go on knocking with a password that may be an old one.
    var mayBeMended: Bool { code == .noSuchObject || code == .mismatch }

    /// The exit status of a program that ends over this: 69, 77 or 78; 1 where it is one message's.
    public var exitStatus: Int32 {
        switch code {
        case .unreachable, .lost, .other: 69
        case .refused, .limited, .untrusted: 77
        case .noSuchObject, .mismatch: 78
        case .unsendable: 1
        }
    }
}
