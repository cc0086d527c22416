import CCurl
import DDCore
import Glibc

/// One easy handle of libcurl with the connections it keeps: the only importer of libcurl. Used on the thread that made it.
final class CurlHandle {
    private let handle: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    fileprivate var allowsLocal = false
    fileprivate var refusedAddress = false

    /// What came of one request.
    struct Answer {
        /// libcurl's verdict (`CURLcode`), 0 when the transfer went through.
        let code: UInt32
        /// libcurl's sentence for it.
        let text: String
        /// What the server said before the body.
        let head: HTTPHead
        /// Where a 3xx points to, absolute.
        let redirect: String?
        /// The address connected to was of a kind that is not allowed.
        let refusedAddress: Bool
    }

    /// Makes a handle that speaks `protocols` (comma list) only (`curl_easy_init`); `nil` when libcurl cannot.
    init?(protocols: String, stallLimit: Int) {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        dd_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer)
        dd_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        // Loopback and fast networks gain a factor of two over the default of 16 KiB.
        dd_curl_set_long(handle, CURLOPT_BUFFERSIZE, 256 * 1024)
        dd_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, protocols)
        // Redirects are followed by our own hand, each checked like the first URL.
        dd_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        dd_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        dd_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 30)
        dd_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        dd_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, Int(stallLimit))
        dd_curl_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
        dd_curl_set_string(handle, CURLOPT_USERAGENT, "dd")
        dd_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION, receiveData)
        dd_curl_set_opensocket(handle, openSocket)
        dd_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        curl_easy_cleanup(handle)
        errorBuffer.deallocate()
    }

    /// libcurl's global start, once for the process.
    private static let isReady: Bool = dd_curl_global_init() == CURLE_OK

    /// Runs one transfer (`curl_easy_perform`), of all of `url` or of `part`. `receive` gets the body's bytes and what the server said
    /// before; returning `false` ends it.
    func perform(
        url: String, part: FetchRange?, allowsLocal: Bool, _ receive: @escaping (UnsafeRawBufferPointer, HTTPHead) -> Bool
    ) -> Answer {
        let receiver = Receiver(handle: handle, receive: receive)
        self.allowsLocal = allowsLocal
        refusedAddress = false
        errorBuffer[0] = 0
        dd_curl_set_string(handle, CURLOPT_URL, url)
        let ends: String? = part.map { "\($0.offset)-\($0.last ?? $0.offset)" }
        dd_curl_set_string(handle, CURLOPT_RANGE, ends)
        dd_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(receiver).toOpaque())
        let code = withExtendedLifetime(receiver) { curl_easy_perform(handle) }
        var redirect: UnsafeMutablePointer<CChar>?
        dd_curl_get_string(handle, CURLINFO_REDIRECT_URL, &redirect)
        let sentence = errorBuffer[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorBuffer)
        return Answer(
            code: code.rawValue, text: sentence, head: receiver.head, redirect: redirect.map { String(cString: $0) },
            refusedAddress: refusedAddress)
    }

    /// What the data callback finds through its opaque pointer, for the time of one transfer.
    fileprivate final class Receiver {
        private let handle: UnsafeMutableRawPointer
        let receive: (UnsafeRawBufferPointer, HTTPHead) -> Bool

        init(handle: UnsafeMutableRawPointer, receive: @escaping (UnsafeRawBufferPointer, HTTPHead) -> Bool) {
            self.handle = handle
            self.receive = receive
        }

        /// Known as soon as a byte of the body, or the end, is there; read once.
        private(set) lazy var head = HTTPHead(status: status, contentRange: header("Content-Range"))

        private var status: Int {
            var status = 0
            dd_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
            return status
        }

        /// The last header of that name in the last answer (`curl_easy_header`).
        private func header(_ name: String) -> String? {
            var found: UnsafeMutablePointer<curl_header>?
            guard curl_easy_header(handle, name, 0, UInt32(CURLH_HEADER), -1, &found) == CURLHE_OK else { return nil }
            return found.map { String(cString: $0.pointee.value) }
        }
    }
}

/// `CURLOPT_WRITEFUNCTION`: any other count than the one given ends the transfer.
private let receiveData: dd_curl_data_callback = { data, size, count, pointer in
    guard let pointer, let data else { return 0 }
    let receiver = Unmanaged<CurlHandle.Receiver>.fromOpaque(pointer).takeUnretainedValue()
    let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
    return receiver.receive(bytes, receiver.head) ? bytes.count : 0
}

/// `CURLOPT_OPENSOCKETFUNCTION`: sees the address that is really connected to, whatever the URL's name resolved to.
private let openSocket: dd_curl_opensocket_callback = { pointer, _, address in
    guard let pointer, let address else { return dd_curl_socket_bad() }
    let owner = Unmanaged<CurlHandle>.fromOpaque(pointer).takeUnretainedValue()
    let bytes = withUnsafeBytes(of: &address.pointee.addr) { Array($0) }
    if !owner.allowsLocal, SocketAddress.isLocal(bytes, family: address.pointee.family) {
        owner.refusedAddress = true
        return dd_curl_socket_bad()
    }
    return socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
}
