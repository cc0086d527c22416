import CCurl
import DDCore
import Glibc

/// What one request changes at a server.
struct CurlChange {
    /// The file that is put at the URL; `nil`: none.
    var file: Upload?
    /// Another method than http's GET or PUT.
    var method: String?
    /// Header lines of http.
    var headers: [String] = []
    /// Commands of ftp before the file is put, in its folder (`CURLOPT_PREQUOTE`).
    var before: [String] = []
    /// Commands of ftp or sftp after the file was put, or instead (`CURLOPT_POSTQUOTE`, `CURLOPT_QUOTE`).
    var commands: [String] = []
}

extension CurlHandle {
    /// Runs one request that changes something (`curl_easy_perform`). Bodies of answers are not kept.
    func perform(_ request: CurlRequest, _ change: CurlChange, watch: SpeedWatch) -> CurlAnswer {
        var lists: [UnsafeMutablePointer<curl_slist>?] = []
        func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
            var list: UnsafeMutablePointer<curl_slist>?
            for line in lines { list = curl_slist_append(list, line) }
            lists.append(list)
            return list
        }
        let isShell = request.url.hasPrefix("sftp")
        let all: [CURLoption] = [CURLOPT_PREQUOTE, CURLOPT_POSTQUOTE, CURLOPT_QUOTE, CURLOPT_HTTPHEADER]
        defer {
            // The lists are freed: the handle must not remember them.
            for option in all { dd_curl_set_pointer(handle, option, nil) }
            dd_curl_set_long(handle, CURLOPT_UPLOAD, 0)
            dd_curl_set_off(handle, CURLOPT_RESUME_FROM_LARGE, 0)
            for list in lists { curl_slist_free_all(list) }
        }
        let answer = perform(
            request, watch: watch,
            prepare: {
                if let file = change.file {
                    dd_curl_set_long(handle, CURLOPT_UPLOAD, 1)
                    dd_curl_set_off(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(file.size))
                    dd_curl_set_data_callback(handle, CURLOPT_READFUNCTION, readSource)
                    dd_curl_set_pointer(handle, CURLOPT_READDATA, Unmanaged.passUnretained(file).toOpaque())
                    // Without it libcurl over sftp would append the beginning.
                    dd_curl_set_seek(handle, seekSource)
                    dd_curl_set_pointer(handle, CURLOPT_SEEKDATA, Unmanaged.passUnretained(file).toOpaque())
                    // -1: libcurl asks the server how much is there.
                    dd_curl_set_off(handle, CURLOPT_RESUME_FROM_LARGE, file.goesOn ? -1 : 0)
                }
                // With TLS 1.3 libcurl closes an upload's data connection with the server's session tickets unread, which resets it, and the
                // end of the file is lost (curl issue 6149; seen with proftpd 1.3.8 and libcurl 7.88).
                let isFTP = request.url.hasPrefix("ftp")
                dd_curl_set_long(
                    handle, CURLOPT_SSLVERSION,
                    isFTP ? Int(CURL_SSLVERSION_MAX_TLSv1_2) : Int(CURL_SSLVERSION_DEFAULT))
                // A folder that is not there is made (sftp: those above as well).
                dd_curl_set_long(handle, CURLOPT_FTP_CREATE_MISSING_DIRS, change.file == nil ? 0 : 2)
                dd_curl_set_long(handle, CURLOPT_FTP_FILEMETHOD, Int(CURLFTPMETHOD_MULTICWD.rawValue))
                dd_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, change.method)
                if !change.headers.isEmpty { dd_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list(change.headers)) }
                if !change.before.isEmpty { dd_curl_set_pointer(handle, CURLOPT_PREQUOTE, list(change.before)) }
                if !change.commands.isEmpty {
                    let option = isShell && change.file == nil ? CURLOPT_QUOTE : CURLOPT_POSTQUOTE
                    dd_curl_set_pointer(handle, option, list(change.commands))
                }
            }
        ) { _, _ in true }
        return withExtendedLifetime(change.file) { answer }
    }
}

/// A file that is put elsewhere; read by libcurl.
final class Upload {
    let descriptor: Int32
    /// Bytes.
    let size: Int64
    /// It is appended to what is there.
    let goesOn: Bool
    /// Bytes that libcurl has read.
    fileprivate(set) var count: Int64 = 0

    init(_ descriptor: Int32, size: Int64, goesOn: Bool = false) {
        (self.descriptor, self.size, self.goesOn) = (descriptor, size, goesOn)
    }

    /// From the beginning; `nil` when the file cannot be read again.
    func again() -> Upload? { lseek(descriptor, 0, SEEK_SET) == 0 ? Upload(descriptor, size: size) : nil }
}

/// `CURLOPT_READFUNCTION`.
private let readSource: dd_curl_data_callback = { data, size, count, pointer in
    guard let pointer, let data else { return Int(CURL_READFUNC_ABORT) }
    let source = Unmanaged<Upload>.fromOpaque(pointer).takeUnretainedValue()
    let got = read(source.descriptor, data, size * count)
    source.count += Int64(max(0, got))
    return got < 0 ? Int(CURL_READFUNC_ABORT) : got
}

/// `CURLOPT_SEEKFUNCTION`.
private let seekSource: dd_curl_seek_callback = { pointer, offset, origin in
    guard let pointer else { return CURL_SEEKFUNC_FAIL }
    let source = Unmanaged<Upload>.fromOpaque(pointer).takeUnretainedValue()
    return lseek(source.descriptor, off_t(offset), origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK
}
