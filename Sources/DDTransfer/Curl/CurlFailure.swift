import CCurl

/// Why a transfer did not go through: libcurl's verdict (`CURLcode`) and sentence, or our own.
struct CurlFailure {
    /// What matters for what is done about it.
    enum Kind {
        /// No such file.
        case missing
        /// The file, or signing in, is refused.
        case denied
        /// User or password are not taken, or, in ftp, too many are signed in.
        case login
        /// The file does not reach as far as the range asked for.
        case beyondEnd
        /// The server cannot begin in the middle of a file.
        case noRanges
        /// The server's certificate is not trusted, or not its name's.
        case certificate
        /// The server does not change to TLS.
        case noTLS
        /// Not in the file of known hosts.
        case unknownHostKey
        /// Another one is in the file of known hosts.
        case otherHostKey
        /// The address connected to is of a kind that is not allowed.
        case localAddress
        /// A protocol that libcurl was not built with, or that is not allowed.
        case unsupported
        /// The server is not found, does not take the connection, or says nothing.
        case silent
        /// The network, anything else.
        case other
    }

    let kind: Kind
    /// One line; empty when the kind says all.
    let text: String

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    init(_ code: CURLcode, _ text: String) {
        let kind: Kind =
            switch code {
            case CURLE_REMOTE_FILE_NOT_FOUND: .missing
            case CURLE_REMOTE_ACCESS_DENIED, CURLE_FTP_COULDNT_RETR_FILE: .denied
            case CURLE_LOGIN_DENIED: .login
            case CURLE_BAD_DOWNLOAD_RESUME: .beyondEnd
            case CURLE_RANGE_ERROR, CURLE_FTP_COULDNT_USE_REST: .noRanges
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: .certificate
            case CURLE_USE_SSL_FAILED: .noTLS
            case CURLE_UNSUPPORTED_PROTOCOL: .unsupported
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT: .silent
            default: .other
            }
        let line = text.utf8.map { 0x20..<0x7f ~= $0 || $0 >= 0x80 ? $0 : UInt8(ascii: " ") }
        self.init(kind, String(decoding: line, as: UTF8.self))
    }
}
