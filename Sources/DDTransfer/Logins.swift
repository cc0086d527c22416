import DDCore

/// Which account signs in at a data server.
struct Logins {
    private let credentials: Credentials

    init(_ credentials: Credentials) {
        self.credentials = credentials
    }

    /// The line of credentials.conf for the server of `url`.
    func entry(for url: URLParts) -> Credentials.Entry? { credentials.entry(for: url) }

    /// How to sign in at the server of `url` with that line. ftp without one is anonymous, http without anything; sftp needs one, and so
    /// does ftp when the URL names a user.
    func login(_ entry: Credentials.Entry?, for url: URLParts) throws(TransferError) -> CurlLogin {
        guard let entry else {
            switch url.scheme {
            case "http", "https": return CurlLogin()
            case "ftp",
                "ftps" where url.user == nil:
                return CurlLogin(user: "anonymous", password: Secret("anonymous@"))
            default: throw TransferError(.unsupported, "cannot fetch \(url): there is no account for it in credentials.conf")
            }
        }
        if let keyFile = entry.options.keyFile, let fault = SSHKeyFile.fault(of: keyFile, libssh2: CurlHandle.sshVersion) {
            throw TransferError(.unsupported, "cannot fetch \(url): \(fault)")
        }
        return CurlLogin(
            user: entry.url.user, password: entry.url.password, keyFile: entry.options.keyFile,
            bearerToken: entry.options.bearerToken)
    }
}
