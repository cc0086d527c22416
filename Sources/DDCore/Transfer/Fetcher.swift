/// Brings the bytes of one URL. Made and used on one thread; keeps connections for the next call.
///
/// Any call may be repeated, also after it threw.
public protocol Fetcher: AnyObject {
    /// Hands the bytes of `request` to `sink` in order, as they arrive, and returns how many there were.
    ///
    /// Throws `TransferError`, or what `sink` threw; `sink` may have had a part of the bytes then. `sink` gets nothing of an answer that
    /// is not the file (an error page, a redirect), and nothing of an answer that is not the range that was asked for.
    func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64

    /// What the server says of the file at `url` without sending it. Throws `TransferError`; `.gone` when it says that it is not there.
    func facts(of url: String, policy: FetchPolicy) throws -> FileFacts
}

extension Fetcher {
    /// Nothing can be said.
    public func facts(of url: String, policy: FetchPolicy) throws -> FileFacts {
        throw TransferError(.unsupported, "what is at \(url) cannot be asked for")
    }
}

/// What a server says of a file that is there.
public struct FileFacts: Sendable, Equatable {
    /// Bytes; `nil` when it does not say.
    public var size: Int64?
    /// When it was changed last, exact to the second; `nil` when it does not say.
    public var modified: Timestamp?

    /// What is known.
    public init(size: Int64? = nil, modified: Timestamp? = nil) {
        self.size = size
        self.modified = modified
    }
}

/// What is to be fetched, and within which limits.
public struct FetchRequest: Sendable {
    /// The URL, properly encoded.
    public var url: String
    /// Bytes of the whole file, also where only a range of it is wanted. `nil`: unknown. A server that sends more is stopped, one that
    /// sends fewer is an error.
    public var expectedSize: Int64?
    /// The part that is wanted: exactly that many bytes come, or an error. `nil`: all.
    public var range: FetchRange?
    /// What is wanted of it.
    public var want = Want.bytes
    /// Where it may be fetched from, also when the server redirects.
    public var policy: FetchPolicy

    /// A request for all of `url`, or for a range of it.
    public init(url: String, expectedSize: Int64?, range: FetchRange? = nil, policy: FetchPolicy) {
        self.url = url
        self.expectedSize = expectedSize
        self.range = range
        self.policy = policy
    }

    /// What may be wanted of a URL.
    public enum Want: Sendable {
        /// The bytes of a file.
        case bytes
        /// Whether it is there, its size and its time (`FileFacts`); no byte of it.
        case facts
        /// The listing of a folder, whose URL ends in `/`, in the server's form.
        case listing
        /// The same, over ftp, in the form of `MLSD` (RFC 3659). Throws `.unsupported` where the server does not know it.
        case machineListing
    }

    /// A listing is wanted.
    public var isFolder: Bool { want == .listing || want == .machineListing }

    /// The part to ask for; `nil` when it is the whole file, which needs no server that can do ranges.
    public var part: FetchRange? {
        guard let range, range.offset == 0, range.length == expectedSize else { return range }
        return nil
    }

    /// How many bytes have to come; `nil`: unknown.
    public var expectedCount: Int64? { range?.length ?? expectedSize }
}

/// Consecutive bytes of a file.
public struct FetchRange: Sendable, Equatable {
    /// Of the first byte, from the beginning of the file.
    public let offset: Int64
    /// Bytes.
    public let length: Int64

    /// The `length` bytes from `offset` on.
    public init(offset: Int64, length: Int64) {
        self.offset = offset
        self.length = length
    }

    /// The offset of the last byte; `nil` where there is none: a length below 1, a negative offset, an end beyond what can be counted.
    public var last: Int64? {
        guard offset >= 0, length > 0 else { return nil }
        let (end, overflows) = offset.addingReportingOverflow(length - 1)
        return overflows ? nil : end
    }
}
