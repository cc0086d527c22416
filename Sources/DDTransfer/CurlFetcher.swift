public import DDCore

/// Fetches over http and https with libcurl. One per worker thread.
public final class CurlFetcher: Fetcher {
    /// `nil` when libcurl could not start, which each fetch then says.
    private let handle: CurlHandle?
    private let maxRedirects = 5

    /// A fetcher that gives a transfer up after `stallLimit` seconds without a byte.
    public init(stallLimit: Int = 60) {
        handle = CurlHandle(protocols: "http,https", stallLimit: stallLimit)
    }

    /// See `Fetcher`. Redirects are followed five times at most, never from https to http, each checked like the first URL.
    public func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        var url = request.url
        for _ in 0...maxRedirects {
            try check(url, request.policy)
            switch try attempt(url, request, sink) {
            case .done(let count): return count
            case .redirected(let next):
                guard !(url.lowercased().hasPrefix("https:") && next.lowercased().hasPrefix("http:")) else {
                    throw TransferError(.notAllowed, "\(request.url) redirects from https to http")
                }
                url = next
            }
        }
        throw TransferError(.refused, "\(request.url) redirects more than \(maxRedirects) times")
    }

    private enum Attempt {
        case done(Int64)
        case redirected(String)
    }

    private func check(_ url: String, _ policy: FetchPolicy) throws(TransferError) {
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw TransferError(.unsupported, "cannot fetch \(url): protocol '\(scheme)' is not spoken here")
        }
        guard policy.allows(url) else { throw TransferError(.notAllowed, "\(url) is not under an allow_url") }
    }

    private func attempt(
        _ url: String, _ request: FetchRequest, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Attempt {
        guard let handle else { throw TransferError(.temporary, "cannot start libcurl") }
        var count: Int64 = 0
        var sinkError: (any Error)?
        var isTooLong = false
        let answer = withoutActuallyEscaping(sink) { sink in
            handle.perform(url: url, allowsLocal: request.policy.allowsLocalAddress(url)) { bytes, status in
                // The page that comes with an error or a redirect is not the file: it is read to its end, so that the connection
                // can be kept, unless it is long.
                guard status == 200 else { return bytes.count < 65_536 }
                count += Int64(bytes.count)
                if let limit = request.expectedSize, count > limit {
                    isTooLong = true
                    return false
                }
                do {
                    try sink(bytes)
                    return true
                } catch {
                    sinkError = error
                    return false
                }
            }
        }
        if let sinkError { throw sinkError }
        if isTooLong {
            throw TransferError(.wrongLength, "\(url) sends more than the \(request.expectedSize ?? 0) bytes announced")
        }
        if answer.refusedAddress { throw TransferError(.notAllowed, "\(url) leads to an address of this machine or link") }
        if let redirect = answer.redirect, 300..<400 ~= answer.status { return .redirected(redirect) }
        try judge(answer, url)
        if let expected = request.expectedSize, count < expected {
            throw TransferError(.wrongLength, "got \(count) bytes of \(url), expected \(expected)")
        }
        return .done(count)
    }

    private func judge(_ answer: CurlHandle.Answer, _ url: String) throws(TransferError) {
        switch answer.status {
        case 404, 410: throw TransferError(.gone, "\(url) is not there (\(answer.status))")
        case 408, 425, 429: throw TransferError(.temporary, "the server of \(url) says \(answer.status)")
        case 400..<500: throw TransferError(.refused, "the server of \(url) says \(answer.status)")
        case 500..<600: throw TransferError(.temporary, "the server of \(url) says \(answer.status)")
        default: break
        }
        guard answer.code == 0 else {
            throw TransferError(answer.status == 0 ? .unreachable : .temporary, "cannot fetch \(url): \(answer.text)")
        }
        guard answer.status == 200 else {
            throw TransferError(.refused, "the server of \(url) says \(answer.status), expected 200")
        }
    }
}
