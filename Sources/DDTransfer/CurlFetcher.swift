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
        if let range = request.range, range.last == nil {
            throw TransferError(
                .refused, "cannot fetch \(request.url): \(range.length) bytes from \(range.offset) on are no range")
        }
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
        var isTheFile: Bool?
        var otherBytes = 0
        let answer = withoutActuallyEscaping(sink) { sink in
            let allowsLocal = request.policy.allowsLocalAddress(url)
            return handle.perform(url: url, part: request.part, allowsLocal: allowsLocal) { bytes, head in
                let isFile = isTheFile ?? (HTTPAnswer.fault(head, url, request) == nil)
                isTheFile = isFile
                // The page that comes with an error or a redirect is not the file: it is read to its end, so that the connection
                // can be kept, unless it is long.
                guard isFile else {
                    otherBytes += bytes.count
                    return otherBytes < 65_536
                }
                if let limit = request.expectedCount, Int64(bytes.count) > limit - count {
                    isTooLong = true
                    return false
                }
                count += Int64(bytes.count)
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
            throw TransferError(.wrongLength, "\(url) sends more than the \(request.expectedCount ?? 0) bytes expected")
        }
        if answer.refusedAddress { throw TransferError(.notAllowed, "\(url) leads to an address of this machine or link") }
        if let redirect = answer.redirect, 300..<400 ~= answer.head.status { return .redirected(redirect) }
        try judge(answer, url, request)
        if let expected = request.expectedCount, count < expected {
            throw TransferError(.wrongLength, "got \(count) bytes of \(url), expected \(expected)")
        }
        return .done(count)
    }

    private func judge(_ answer: CurlHandle.Answer, _ url: String, _ request: FetchRequest) throws(TransferError) {
        let fault = HTTPAnswer.fault(answer.head, url, request)
        // Without a status there is no answer to judge; a page that was too long to be read has one that counts.
        if let fault, answer.head.status >= 200 { throw fault }
        guard answer.code == 0 else {
            throw TransferError(
                answer.head.status == 0 ? .unreachable : .temporary, "cannot fetch \(url): \(answer.text)")
        }
        if let fault { throw fault }
    }
}
