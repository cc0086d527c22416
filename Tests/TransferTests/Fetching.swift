import DDTestSupport
import DDTransfer

@testable import DDCore

/// What came of one fetch: the bytes that were handed on, and how it ended.
struct Fetched: CustomStringConvertible {
    let bytes: [UInt8]
    let count: Int64?
    let error: TransferError?

    /// Fetches `url` with a fetcher of its own, or with `fetcher`, from wherever it is.
    init(
        _ url: String, size: Int64? = nil, range: FetchRange? = nil, policy: FetchPolicy = FetchPolicy(allowsLocal: true),
        by fetcher: any Fetcher = TransportFetcher(TransferOptions())
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

    var description: String { "\(bytes.count) bytes, \(error.map { "\($0.code): \($0)" } ?? "no error")" }

    /// Whether it ended well with these bytes. An expectation that compares arrays shows their differences, which takes minutes.
    func brought(_ expected: [UInt8]) -> Bool { error == nil && bytes == expected }

    /// Whether it ended with one clear line of this kind that says `words`.
    func failed(_ code: TransferError.Code, _ words: String) -> Bool { error.isClear(code, words) }
}

extension TransferError? {
    /// Whether it is one line of this kind that says `words`.
    func isClear(_ code: TransferError.Code, _ words: String) -> Bool {
        guard let self else { return false }
        return self.code == code && self.description.contains(words) && !self.description.contains("\n")
    }
}

/// A post of one file, and a place where another file of that name is: what a transfer leaves there.
struct Acquisition {
    static let name = "file"
    static let old = "what was here before"
    let content: [UInt8]
    let folder: TemporaryFolder

    init(_ content: [UInt8]) throws {
        self.content = content
        folder = try TemporaryFolder()
        try folder.write(Self.old, to: Self.name)
    }

    /// Brings the file from `url` to its place as the programs do; the error that ended it.
    func run(
        _ url: String, policy: FetchPolicy = FetchPolicy(allowsLocal: true), by fetcher: any Fetcher
    ) throws -> TransferError? {
        let digest = try Digest(.md5)
        content.withUnsafeBytes { digest.update($0) }
        let event = Post.Event.file(.whole(size: Int64(content.count)), .digest(.md5, digest.finish()))
        let post = Post(time: Timestamp(seconds: 1), location: Location(base: url, relpath: ""), event: event)
        let delivery = Delivery(
            tag: 1, redelivered: false, exchange: "x", userID: nil, isDeadLettered: false,
            message: WireMessage(topic: "v02.post", body: ""), defect: nil)
        let job = Job(delivery: delivery, post: post, place: try Place(Self.name), root: folder.path)
        do {
            _ = try Acquirer(AcquireSettings(), fetcher: fetcher) { _ in policy }
                .acquire(job, Triggers(TriggerOptions(), config: ""))
            return nil
        } catch let error as TransferError { return error }
    }

    /// Nothing has changed: the old file is there, and nothing beside it.
    var isUntouched: Bool {
        TemporaryFolder.tree(folder.path) == [Self.name] && SmallFile.text(folder.path(Self.name)) == Self.old
    }

    /// The announced bytes are there, and nothing beside them.
    var isThere: Bool { TemporaryFolder.tree(folder.path) == [Self.name] && SmallFile.bytes(folder.path(Self.name)) == content }
}
