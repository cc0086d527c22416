import CCurl
import DDCore

/// The options of libcurl that are used: those of all transfers, and those of one.
extension CurlHandle {
    /// All protocols that may be spoken, also behind a redirect or by a proxy's word.
    static let protocols = "http,https,ftp,ftps,sftp"

    func setUp(_ options: TransferOptions) {
        set(CURLOPT_NOSIGNAL, 1)
        // Loopback and fast networks gain a factor of two over the default of 16 KiB.
        set(CURLOPT_BUFFERSIZE, 256 * 1024)
        set(CURLOPT_PROTOCOLS_STR, Self.protocols)
        // Redirects are followed by our own hand, each checked like the first URL.
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_CONNECTTIMEOUT, 30)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_USERAGENT, "dd")
        // Only the file counts: otherwise libcurl would add the system's folder of authorities to it.
        set(CURLOPT_CAINFO, options.caFile)
        set(CURLOPT_CAPATH, nil)
        set(CURLOPT_PROXY_CAINFO, options.caFile)
        set(CURLOPT_PROXY_CAPATH, nil)
        set(CURLOPT_SSH_KNOWNHOSTS, options.knownHosts)
        // The address in an answer to PASV is not believed: data comes from the host that was asked.
        set(CURLOPT_FTP_SKIP_PASV_IP, 1)
        // A connection that waited longer is likelier dead than useful.
        set(CURLOPT_MAXAGE_CONN, 60)
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_NOPROGRESS, 0)
        dd_curl_set_progress(handle, CurlTransfer.progress)
        dd_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION, CurlTransfer.data)
        dd_curl_set_opensocket(handle, CurlTransfer.openSocket)
        dd_curl_set_host_key(handle, CurlTransfer.hostKey)
    }

    func set(_ request: CurlRequest) {
        let login = request.login
        set(CURLOPT_URL, request.url)
        set(CURLOPT_RANGE, request.part.map { "\($0.offset)-\($0.last ?? $0.offset)" })
        setWant(request.want, isHTTP: request.url.hasPrefix("http"))
        set(CURLOPT_USE_SSL, request.startsTLS ? Int(CURLUSESSL_ALL.rawValue) : Int(CURLUSESSL_NONE.rawValue))
        set(CURLOPT_FORBID_REUSE, request.isLast ? 1 : 0)
        set(CURLOPT_USERNAME, login.user)
        set(CURLOPT_PASSWORD, login.keyFile == nil ? login.password?.reveal() : nil)
        set(CURLOPT_SSH_PRIVATE_KEYFILE, login.keyFile)
        set(CURLOPT_KEYPASSWD, login.keyFile == nil ? nil : login.password?.reveal())
        let byPassword = Int(CURLSSH_AUTH_PASSWORD) | Int(CURLSSH_AUTH_KEYBOARD)
        set(CURLOPT_SSH_AUTH_TYPES, login.keyFile == nil ? byPassword : Int(CURLSSH_AUTH_PUBLICKEY))
        set(CURLOPT_HTTPAUTH, login.bearerToken == nil ? dd_curl_auth_basic : dd_curl_auth_bearer)
        set(CURLOPT_XOAUTH2_BEARER, login.bearerToken?.reveal())
        set(CURLOPT_PROXY, request.proxy.map { "\($0.withoutAccount)" } ?? "")
        set(CURLOPT_PROXYUSERNAME, request.proxy?.user)
        set(CURLOPT_PROXYPASSWORD, request.proxy?.password?.reveal())
    }

    private func setWant(_ want: FetchRequest.Want, isHTTP: Bool) {
        let isFolder = want == .listing || want == .machineListing
        // An argument of LIST is read by some servers as options, patterns or a shell's words; a folder that is changed into is a name.
        let way = isFolder ? CURLFTPMETHOD_SINGLECWD : CURLFTPMETHOD_NOCWD
        set(CURLOPT_FTP_FILEMETHOD, Int(way.rawValue))
        set(CURLOPT_HTTPGET, 1)
        set(CURLOPT_NOBODY, want == .facts ? 1 : 0)
        set(CURLOPT_CUSTOMREQUEST, want == .machineListing ? "MLSD" : nil)
        // Over http the answer says it anyway; over ftp it is another command.
        set(CURLOPT_FILETIME, isHTTP || want == .facts ? 1 : 0)
    }

    private func set(_ option: CURLoption, _ value: Int) { dd_curl_set_long(handle, option, value) }

    private func set(_ option: CURLoption, _ value: String?) { dd_curl_set_string(handle, option, value) }
}
