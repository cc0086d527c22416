/// What stands behind a URL of `credentials.conf`: how to sign in at that server, and how to speak with it.
public struct AccountOptions: Sendable, Equatable {
    /// `ssh_keyfile=FILE`: the private key to sign in with; the URL's password is the key's passphrase then. sftp only.
    public private(set) var keyFile: String?
    /// `bearer_token=TOKEN`: sent instead of user and password. http and https only.
    public private(set) var bearerToken: Secret?
    /// `tls`, `prot_p`: the connection is made in clear and changed to TLS, commands and data (`AUTH TLS`, `PROT P`). ftp and ftps only.
    public private(set) var startsTLS = false

    /// None.
    public init() {}

    /// Reads words separated by blanks or commas, for a server of `scheme`. Errors never show a value.
    init(_ text: some StringProtocol, scheme: String) throws(ConfigError) {
        let known = AccountOptions.known[scheme] ?? []
        var names: [String] = []
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "," }) {
            let bytes = word.utf8
            let equals = bytes.firstIndex(of: UInt8(ascii: "="))
            let name = String(word[..<(equals ?? word.endIndex)])
            let value = equals.map { String(word[bytes.index(after: $0)...]) }
            names.append(name)
            guard known.contains(name) else {
                let choice = known.isEmpty ? "there are none" : "known are \(known.joined(separator: ", "))"
                throw ConfigError(.configuration, "unknown option '\(Redaction.masked(name))' for \(scheme): \(choice)")
            }
            try set(name, value)
        }
        if names.contains("implicit_ftps") && startsTLS {
            throw ConfigError(.configuration, "implicit_ftps contradicts tls and prot_p, which begin without TLS")
        }
    }

    // What can be written for the servers of a scheme. Passive transfers and binary ones are the only ones there are, and TLS from the
    // first byte is what ftps means: the words are taken because files for other tools have them.
    private static let known = [
        "sftp": ["ssh_keyfile"], "http": ["bearer_token"], "https": ["bearer_token"],
        "ftp": ["passive", "binary", "tls", "prot_p"], "ftps": ["passive", "binary", "tls", "prot_p", "implicit_ftps"],
    ]

    private mutating func set(_ name: String, _ value: String?) throws(ConfigError) {
        guard name == "ssh_keyfile" || name == "bearer_token" else {
            guard value == nil else { throw ConfigError(.configuration, "option '\(name)' takes no value") }
            if name == "tls" || name == "prot_p" { startsTLS = true }
            return
        }
        guard let value, !value.isEmpty else { throw ConfigError(.configuration, "option '\(name)' needs a value: \(name)=...") }
        if name == "ssh_keyfile" { keyFile = value } else { bearerToken = Secret(value) }
    }
}
