import CCurl
import DDCore
import Glibc

/// What libcurl's callbacks find through their opaque pointer, for the time of one transfer.
final class CurlTransfer {
    private let handle: UnsafeMutableRawPointer
    private let allowsLocal: Bool
    private let watch: SpeedWatch
    private let hasBody: Bool
    private let receive: (UnsafeRawBufferPointer, AnswerHead) -> Bool
    /// Why a callback of ours ended the transfer.
    private(set) var refusal: CurlFailure?

    init(
        handle: UnsafeMutableRawPointer, allowsLocal: Bool, hasBody: Bool, watch: SpeedWatch,
        receive: @escaping (UnsafeRawBufferPointer, AnswerHead) -> Bool
    ) {
        self.handle = handle
        self.allowsLocal = allowsLocal
        self.hasBody = hasBody
        self.watch = watch
        self.receive = receive
    }

    /// Known as soon as a byte of the body, or the end, is there; read once.
    private(set) lazy var head: AnswerHead = {
        var status = 0
        var length: curl_off_t = -1
        dd_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        dd_curl_get_off(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
        var time: curl_off_t = -1
        dd_curl_get_off(handle, CURLINFO_FILETIME_T, &time)
        let encoding = header("Content-Encoding").flatMap { $0.lowercased() == "identity" || $0.isEmpty ? nil : $0 }
        return AnswerHead(
            status: status, length: length < 0 ? nil : Int64(length), contentRange: header("Content-Range"), encoding: encoding,
            modified: time < 0 ? nil : Timestamp(seconds: Int64(time)))
    }()

    /// The last header of that name in the last http answer (`curl_easy_header`).
    private func header(_ name: String) -> String? {
        var found: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(handle, name, 0, UInt32(CURLH_HEADER), -1, &found) == CURLHE_OK else { return nil }
        return found.map { String(cString: $0.pointee.value) }
    }

    /// `CURLOPT_WRITEFUNCTION`: any other count than the one given ends the transfer.
    static let data: dd_curl_data_callback = { data, size, count, pointer in
        guard let pointer, let data else { return 0 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
        let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
        // Of a file on an ftp server libcurl writes the facts as if they were lines of it, and before they are all known.
        guard transfer.hasBody else { return bytes.count }
        return transfer.watch.outside { transfer.receive(bytes, transfer.head) } ? bytes.count : 0
    }

    /// `CURLOPT_XFERINFOFUNCTION`: called about once a second in all states of a transfer, also while nothing comes. libcurl's own limit
    /// does not watch every state of every protocol, and counts the time that we take to write.
    static let progress: dd_curl_progress_callback = { pointer, _, received, _, sent in
        guard let pointer else { return 1 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
        guard let reason = transfer.watch.fault(after: Int64(received) + Int64(sent), at: Monotonic.now()) else { return 0 }
        transfer.refusal = CurlFailure(.silent, reason)
        return 1
    }

    /// `CURLOPT_OPENSOCKETFUNCTION`: sees the address that is really connected to, whatever the URL's name resolved to; for ftp also that
    /// of each data connection.
    static let openSocket: dd_curl_opensocket_callback = { pointer, _, address in
        guard let pointer, let address else { return dd_curl_socket_bad() }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
        let bytes = withUnsafeBytes(of: &address.pointee.addr) { Array($0) }
        if !transfer.allowsLocal, SocketAddress.isLocal(bytes, family: address.pointee.family) {
            transfer.refusal = CurlFailure(.localAddress, "it leads to an address of this machine or link")
            return dd_curl_socket_bad()
        }
        return socket(address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }

    /// `CURLOPT_SSH_KEYFUNCTION`: only a key that stands in the file of known hosts is taken.
    static let hostKey: dd_curl_host_key_callback = { _, _, _, match, pointer in
        guard let pointer, match != CURLKHMATCH_OK else { return Int32(CURLKHSTAT_FINE.rawValue) }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(pointer).takeUnretainedValue()
        transfer.refusal = CurlFailure(match == CURLKHMATCH_MISSING ? .unknownHostKey : .otherHostKey, "")
        return Int32(CURLKHSTAT_REJECT.rawValue)
    }
}
