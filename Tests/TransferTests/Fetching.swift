import DDCore
import DDTestSupport
import DDTransfer

/// What came of one fetch: the bytes that were handed on, and how it ended.
struct Fetched {
    let bytes: [UInt8]
    let count: Int64?
    let error: TransferError?

    /// Fetches `url` with a fetcher of its own, or with `fetcher`, from wherever it is.
    init(
        _ url: String, size: Int64? = nil, range: FetchRange? = nil, policy: FetchPolicy = FetchPolicy(allowsLocal: true),
        by fetcher: any Fetcher = CurlFetcher()
    ) throws {
        var bytes: [UInt8] = []
        let request = FetchRequest(url: url, expectedSize: size, range: range, policy: policy)
        do {
            count = try fetcher.fetch(request) { bytes += $0 }
            error = nil
        } catch let failure as TransferError {
            (count, error) = (nil, failure)
        }
        self.bytes = bytes
    }

    /// Whether it ended with one clear line of this kind that names what was wrong.
    func failed(_ code: TransferError.Code, _ words: String) -> Bool {
        guard let error else { return false }
        return error.code == code && error.description.contains(words) && !error.description.contains("\n")
    }
}
