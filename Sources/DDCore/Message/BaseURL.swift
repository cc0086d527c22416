/// A base URL taken apart: `scheme://user:password@host:port/path`. The password is forgotten.
struct BaseURL {
    /// Letters before the first colon.
    let scheme: Substring
    /// The account, `nil` when there is none.
    let user: Substring?
    /// Host and port; `nil` when no `//` follows the scheme.
    let host: Substring?
    /// What follows the host, with its slashes.
    let path: Substring

    /// Takes `base` apart; `nil` when it does not begin with a scheme.
    init?(_ base: String) {
        guard let colon = base.utf8.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(base[..<colon]) else { return nil }
        scheme = base[..<colon]
        let rest = base[base.utf8.index(after: colon)...]
        guard rest.utf8.starts(with: "//".utf8) else {
            (user, host, path) = (nil, nil, rest)
            return
        }
        let start = rest.utf8.index(rest.startIndex, offsetBy: 2)
        let end = rest[start...].utf8.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        path = rest[end...]
        guard let at = rest[start..<end].utf8.lastIndex(of: UInt8(ascii: "@")) else {
            (user, host) = (nil, rest[start..<end])
            return
        }
        user = rest[start..<(rest[start..<at].utf8.firstIndex(of: UInt8(ascii: ":")) ?? at)]
        host = rest[rest.utf8.index(after: at)..<end]
    }

    /// What stands between `//` and the path, without password; `nil` when there is no `//`.
    var authority: String? {
        host.map { host in (user.map { $0 + "@" } ?? "") + host }
    }

    /// Whether one slash begins a path below the login's directory, two an absolute one.
    var isLoginRelative: Bool {
        scheme == "sftp" || scheme == "ftp" || scheme == "ftps"
    }

    /// `base` as it is, without the password; `nil` when it is no URL.
    static func withoutPassword(_ base: some StringProtocol) -> String? {
        let base = String(base)
        guard let parts = BaseURL(base) else { return nil }
        guard parts.user != nil else { return base }
        return parts.scheme + ":" + (parts.authority.map { "//" + $0 } ?? "") + parts.path
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first | 32 >= UInt8(ascii: "a"), first | 32 <= UInt8(ascii: "z") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
    }
}
