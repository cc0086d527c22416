import CCurl
import DDCore
import Glibc

/// One easy handle of libcurl with the connections it keeps. Used on the thread that made it. This folder is the only importer of libcurl.
final class CurlHandle {
    let handle: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>

    /// Makes a handle (`curl_easy_init`); `nil` when libcurl cannot.
    init?(_ options: TransferOptions) {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        dd_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer)
        setUp(options)
    }

    deinit {
        curl_easy_cleanup(handle)
        errorBuffer.deallocate()
    }

    /// libcurl's global start, once for the process.
    private static let isReady: Bool = dd_curl_global_init() == CURLE_OK

    /// The version of libssh2, as `libssh2/1.10.0`; empty without ssh.
    static let sshVersion: String = dd_curl_ssh_version().map { String(cString: $0) } ?? ""

    /// Runs one transfer (`curl_easy_perform`). `receive` gets the body's bytes and what the server said before; returning `false` ends it.
    /// `prepare` sets what else the transfer needs.
    func perform(
        _ request: CurlRequest, watch: SpeedWatch, prepare: () -> Void = {},
        _ receive: @escaping (UnsafeRawBufferPointer, AnswerHead) -> Bool
    ) -> CurlAnswer {
        let transfer = CurlTransfer(
            handle: handle, allowsLocal: request.allowsLocal, hasBody: request.want != .facts, watch: watch, receive: receive)
        errorBuffer[0] = 0
        set(request)
        prepare()
        let pointer = Unmanaged.passUnretained(transfer).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_XFERINFODATA, CURLOPT_OPENSOCKETDATA, CURLOPT_SSH_KEYDATA] {
            dd_curl_set_pointer(handle, option, pointer)
        }
        let code = withExtendedLifetime(transfer) { curl_easy_perform(handle) }
        var redirect: UnsafeMutablePointer<CChar>?
        dd_curl_get_string(handle, CURLINFO_REDIRECT_URL, &redirect)
        let sentence = errorBuffer[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorBuffer)
        return CurlAnswer(
            failure: code == CURLE_OK ? nil : transfer.refusal ?? CurlFailure(code, sentence), head: transfer.head,
            redirect: redirect.map { String(cString: $0) })
    }
}

/// What came of one transfer.
struct CurlAnswer {
    /// Why it did not go through; `nil` when it did.
    let failure: CurlFailure?
    /// What the server said before the bytes.
    let head: AnswerHead
    /// Where a 3xx points to, absolute.
    let redirect: String?
}
