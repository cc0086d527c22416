/// What a source says of a tree that it gives to some users only (`permit`): to its own switch `grant`, `revoke` or `list`, and that switch to the
/// next ones `set`.
///
/// On the wire the action, for `set` the group's name, and the tree, with single spaces; the tree may have spaces of its own.
public struct Permit: Sendable, Equatable {
    /// What is to be done.
    public enum Action: String, Sendable, CaseIterable {
        /// The users in `to_users` may have it, beside those that may already.
        case grant
        /// The users in `to_users` may have it no more.
        case revoke
        /// Who may have which tree is to be told.
        case list
        /// The users in `to_users` may have it, and nobody else behind this link.
        case set
    }

    /// What is to be done.
    public let action: Action
    /// The name of the group that has the tree, of `set` only: 32 hexadecimal digits.
    public let group: String
    /// The tree: a path as the source posts it, without `/` at its ends; empty for `list`.
    public let tree: String

    /// A permit; nothing is checked.
    init(_ action: Action, group: String = "", tree: String = "") { (self.action, self.group, self.tree) = (action, group, tree) }

    /// Reads the header. Throws `header` for another form.
    init(wire: String) throws(MessageError) {
        let words = wire.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let action = Action(rawValue: String(words[0])) else { throw Self.bad(wire) }
        var rest = words.count > 1 ? String(words[1]) : ""
        var group = ""
        if action == .set {
            let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, Hexadecimal.bytes(parts[0], count: 16) != nil else { throw Self.bad(wire) }
            (group, rest) = (String(parts[0]), String(parts[1]))
        }
        guard rest == Self.path(rest), rest.isEmpty == (action == .list) else { throw Self.bad(wire) }
        self.init(action, group: group, tree: rest)
    }

    /// As in the header.
    var wire: String { [action.rawValue, group, tree].filter { !$0.isEmpty }.joined(separator: " ") }

    /// A path without empty words.
    static func path(_ text: String) -> String {
        text.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }.joined(separator: "/")
    }

    private static func bad(_ wire: String) -> MessageError {
        MessageError(.header, "cannot read the header 'permit' (\(MessageError.quote(wire)))")
    }
}
