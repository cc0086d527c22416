/// A user of a switch, as a private post names its readers (`to_users`): `bob@c`.
public struct Recipient: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The account at that switch.
    public let user: String
    /// The switch's name.
    public let cluster: String

    /// Reads `user@cluster`, cut at the last `@`; `nil` when a part is missing or has characters that no name has.
    public init?(_ text: String) {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        user = String(Substring(text.utf8[..<at]))
        cluster = String(Substring(text.utf8[text.utf8.index(after: at)...]))
        for part in [user, cluster] {
            guard !part.isEmpty, part.utf8.count <= 100,
                part.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: ",") })
            else { return nil }
        }
    }

    /// As in `to_users`.
    public var description: String { "\(user)@\(cluster)" }

    /// In the order of clusters, then users.
    public static func < (one: Recipient, other: Recipient) -> Bool {
        (one.cluster, one.user) < (other.cluster, other.user)
    }
}

extension Post {
    /// It is for those in `to_users` only.
    public var isPrivate: Bool { !toUsers.isEmpty }
}
