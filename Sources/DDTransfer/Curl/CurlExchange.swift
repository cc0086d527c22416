import CCurl

/// An easy handle of libcurl for requests to one server, with body and account, whose answers are small enough for memory. Keeps its
/// connection. Used on the thread that made it.
final class CurlExchange {
    /// What came of a request.
    struct Answer {
        /// Why there was no answer; `nil` when there was one.
        let failure: CurlFailure?
        /// The server's status.
        let status: Int
        /// The body.
        let body: [UInt8]
    }

    private let handle: UnsafeMutableRawPointer
    private let errorBuffer: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?

    /// A handle for http and https (`curl_easy_init`); `nil` when libcurl cannot. `authorities` is a PEM file for https; an answer has
    /// to begin and go on within `patience` seconds each.
    init?(user: String, password: String, authorities: String, patience: Int) {
        guard dd_curl_global_init() == CURLE_OK, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        headers = curl_slist_append(nil, "Content-Type: application/json")
        dd_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer)
        dd_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        dd_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        dd_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        dd_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        dd_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT, patience)
        dd_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
        dd_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, patience)
        dd_curl_set_string(handle, CURLOPT_USERAGENT, "dd")
        dd_curl_set_string(handle, CURLOPT_CAINFO, authorities)
        // Apart, not as one text: a user's name may hold a colon.
        dd_curl_set_string(handle, CURLOPT_USERNAME, user)
        dd_curl_set_string(handle, CURLOPT_PASSWORD, password)
        dd_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
        dd_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION, gather)
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        errorBuffer.deallocate()
    }

    /// Runs one request (`curl_easy_perform`) with `body` as it is. An answer longer than `limit` bytes is a failure.
    func perform(_ method: String, _ url: String, body: String?, limit: Int) -> Answer {
        let gathered = Gathered(limit: limit)
        errorBuffer[0] = 0
        dd_curl_set_string(handle, CURLOPT_URL, url)
        // What was posted before would otherwise make the next request a POST, too.
        dd_curl_set_long(handle, CURLOPT_HTTPGET, 1)
        if let body {
            dd_curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.utf8.count)
            dd_curl_set_string(handle, CURLOPT_COPYPOSTFIELDS, body)
        }
        dd_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, method)
        dd_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(gathered).toOpaque())
        let code = withExtendedLifetime(gathered) { curl_easy_perform(handle) }
        var status = 0
        dd_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        guard code == CURLE_OK else {
            let sentence = errorBuffer[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorBuffer)
            let failure =
                gathered.isTooLong
                ? CurlFailure(.other, "the answer is longer than \(limit) bytes") : CurlFailure(code, sentence)
            return Answer(failure: failure, status: status, body: [])
        }
        return Answer(failure: nil, status: status, body: gathered.bytes)
    }

    /// What the data callback finds through its opaque pointer, for the time of one request.
    fileprivate final class Gathered {
        var bytes: [UInt8] = []
        var isTooLong = false
        let limit: Int

        init(limit: Int) { self.limit = limit }
    }
}

/// `CURLOPT_WRITEFUNCTION`: any other count than the one given ends the transfer.
private let gather: dd_curl_data_callback = { data, size, count, pointer in
    guard let pointer, let data else { return 0 }
    let gathered = Unmanaged<CurlExchange.Gathered>.fromOpaque(pointer).takeUnretainedValue()
    let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
    guard gathered.bytes.count + bytes.count <= gathered.limit else {
        gathered.isTooLong = true
        return 0
    }
    gathered.bytes.append(contentsOf: bytes)
    return bytes.count
}
