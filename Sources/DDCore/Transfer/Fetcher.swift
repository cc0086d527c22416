/// Brings the bytes of one URL. Made and used on one thread; keeps connections for the next call.
///
/// Any call may be repeated, also after it threw.
public protocol Fetcher: AnyObject {
    /// Hands the bytes of `request` to `sink` in order, as they arrive, and returns how many there were.
    ///
    /// Throws `TransferError`, or what `sink` threw; `sink` may have had a part of the bytes then. `sink` gets nothing of an answer that
    /// is not the file (an error page, a redirect).
    func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64
}

/// What is to be fetched, and within which limits.
public struct FetchRequest: Sendable {
    /// The URL, properly encoded.
    public var url: String
    /// Bytes expected; a server that sends more is stopped, one that sends fewer is an error. `nil`: unknown.
    public var expectedSize: Int64?
    /// Where it may be fetched from, also when the server redirects.
    public var policy: FetchPolicy

    /// A request for all of `url`.
    public init(url: String, expectedSize: Int64?, policy: FetchPolicy) {
        self.url = url
        self.expectedSize = expectedSize
        self.policy = policy
    }
}
