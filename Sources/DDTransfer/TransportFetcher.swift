public import DDCore

/// Fetches over all the transports that there are. One per worker thread.
public final class TransportFetcher: Fetcher {
    private let network: CurlFetcher
    private let files = FileFetcher()

    /// A fetcher with these accounts, authorities, proxies and limits.
    public init(_ options: TransferOptions) {
        network = CurlFetcher(options)
    }

    /// See `Fetcher`.
    public func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        if let range = request.range, range.last == nil {
            throw TransferError(
                .refused, "cannot fetch \(request.url): \(range.length) bytes from \(range.offset) on are no range")
        }
        let scheme = request.url.utf8.prefix { $0 != UInt8(ascii: ":") }
        let name = String(decoding: scheme.prefix(20), as: UTF8.self).lowercased()
        if CurlFetcher.schemes.contains(name) { return try network.fetch(request, into: sink) }
        if name == "file" { return try files.fetch(request, into: sink) }
        throw TransferError(.unsupported, "cannot fetch \(request.url): protocol '\(name)' is not spoken here")
    }

    /// See `Fetcher`. For the protocols of the network.
    public func facts(of url: String, policy: FetchPolicy) throws -> FileFacts {
        try network.facts(of: url, policy: policy)
    }
}
