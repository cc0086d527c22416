/// What an account may do on the broker: three regular expressions over the names of exchanges and queues, anchored at both
/// ends.
///
/// The name in them is escaped. A name that begins with another one followed by `.` or `_` would fall under the other's
/// patterns: `collide` says so, and such a pair must not exist.
public struct Permissions: Sendable, Equatable {
    /// What it may declare and delete.
    public var configure: String
    /// What it may publish to, and bind or dead-letter into.
    public var write: String
    /// What it may consume, and bind from.
    public var read: String

    /// What an account is for.
    public enum Role: Sendable, Equatable, CaseIterable {
        /// The switch's own work. Never writes in a user's name nor to the control exchange.
        case feeder
        /// Owns the broker. Never writes in a user's name.
        case administrator
        /// A user who also sees what the administrator changes.
        case `operator`
        /// Posts and subscribes.
        case user
        /// Another switch, called `link_<cluster>` here: a user who also reads the private posts for that cluster.
        case link
    }

    /// The permissions of the account `name`.
    public init(_ role: Role, name: String) {
        let name = Self.escaped(name)
        let own = "q_\(name)[._].*"
        switch role {
        case .feeder:
            self.init(configure: "^.*$", write: "^(?!xs_|xctl$).*$", read: "^.*$")
        case .administrator:
            // The default exchange is called amq.default when permissions are checked.
            self.init(configure: "^.*$", write: "^(?!xs_|amq\\.default$).*$", read: "^.*$")
        case .user, .operator, .link:
            var readable = [own, "xl_\(name)", "xp_\(name)", "xpublic", "xd_.+"]
            if role == .operator { readable.append("xctl") }
            if role == .link, name.hasPrefix("link_") { readable.append("xq_\(name.dropFirst("link_".count))") }
            self.init(
                configure: "^\(own)$", write: "^(xs_\(name)|\(own))$",
                read: "^(\(readable.joined(separator: "|")))$")
        }
    }

    /// Puts three patterns together as they are.
    public init(configure: String, write: String, read: String) {
        self.configure = configure
        self.write = write
        self.read = read
    }

    /// Whether the patterns of one of two names match what belongs to the other.
    public static func collide(_ one: String, _ other: String) -> Bool {
        let (short, long) = one.utf8.count <= other.utf8.count ? (one, other) : (other, one)
        return short == long || long.hasPrefix(short + ".") || long.hasPrefix(short + "_")
    }

    /// A text as a pattern that matches only this text: every ASCII character but letters, digits and `_` gets a backslash.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let plain = !scalar.isASCII || scalar == "_" || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            if !plain { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
