import DDCore

/// One transfer, as libcurl is told.
struct CurlRequest {
    /// In libcurl's reading of URLs, without an account.
    var url: String
    /// The bytes to ask for; `nil`: all.
    var part: FetchRange?
    /// What is wanted of it.
    var want = FetchRequest.Want.bytes
    /// Who signs in, and how.
    var login = CurlLogin()
    /// An ftp connection is changed to TLS, commands and data, or is a failure.
    var startsTLS = false
    /// The connection is closed afterwards.
    var isLast = false
    /// `nil`: none, whatever the environment says.
    var proxy: URLParts?
    /// Addresses of this machine and link may be connected to.
    var allowsLocal: Bool
}

/// Who signs in at a server, and with what.
struct CurlLogin {
    /// `nil`: nobody.
    var user: String?
    /// Also the passphrase of the key file.
    var password: Secret?
    /// A private key for ssh, instead of a password.
    var keyFile: String?
    /// For http, instead of user and password.
    var bearerToken: Secret?
}
