import DDCore

/// Which account signs in at a data server.
struct Logins {
    /// The names of the account that takes anybody (RFC 1635).
    private static let anonymous: Set<String> = ["anonymous", "ftp"]

    private let credentials: Credentials

    init(_ credentials: Credentials) {
        self.credentials = credentials
    }

    /// The line of credentials.conf for the server of `url`.
    func entry(for url: URLParts) -> Credentials.Entry? { credentials.entry(for: url) }

    /// How to sign in at the server of `url` with that line. ftp without one is anonymous, also when the URL says so, http without
    /// anything; sftp needs one, and so does ftp when the URL names another user.
    func login(_ entry: Credentials.Entry?, for url: URLParts) throws(TransferError) -> CurlLogin {
        guard let entry else {
            if url.scheme == "http" || url.scheme == "https" { return CurlLogin() }
            guard url.scheme != "sftp", url.user.map({ Self.anonymous.contains($0.lowercased()) }) ?? true else {
                throw TransferError(.unsupported, "cannot fetch \(url): there is no account for it in credentials.conf")
            }
            return CurlLogin(user: url.user ?? "anonymous", password: Secret("anonymous@"))
        }
        if let keyFile = entry.options.keyFile, let fault = SSHKeyFile.fault(of: keyFile, libssh2: CurlHandle.sshVersion) {
            throw TransferError(.unsupported, "cannot fetch \(url): \(fault)")
        }
        return CurlLogin(
            user: entry.url.user, password: entry.url.password, keyFile: entry.options.keyFile,
            bearerToken: entry.options.bearerToken)
    }

    /// How the account at a broker signs in at the web server of that switch; `nil` without a password.
    func login(privateOf account: BrokerURL?) -> CurlLogin? {
        guard let account, !account.password.isEmpty,
            let secret = WebSecret.make(user: account.user, password: account.password.reveal())
        else { return nil }
        return CurlLogin(user: account.user, password: Secret(secret))
    }
}
