import DDCore

/// Lets the bytes of one answer through, and only if they are those asked for: whether they are is decided once, at the first byte, and
/// then they are counted.
final class BodyGate {
    private let request: FetchRequest
    private let judge: (AnswerHead) -> TransferError?
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private var verdict: TransferError??
    private var otherBytes = 0
    /// Bytes handed on.
    private(set) var count: Int64 = 0
    /// What ended the transfer from this side: the sink's error, or too many bytes.
    private(set) var failure: (any Error)?

    /// `judge` says what is wrong with an answer; `nil`: its body is the bytes of `request`.
    init(
        _ request: FetchRequest, judge: @escaping (AnswerHead) -> TransferError?,
        sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) {
        self.request = request
        self.judge = judge
        self.sink = sink
    }

    /// What is wrong with the answer, if a byte of it was there to be judged.
    var refusal: TransferError? { verdict ?? nil }

    /// What is wrong with the answer.
    func fault(_ head: AnswerHead) -> TransferError? {
        if let verdict { return verdict }
        let fault = judge(head) ?? wrongLength(head)
        verdict = .some(fault)
        return fault
    }

    /// Takes some bytes; whether more are wanted.
    func take(_ bytes: UnsafeRawBufferPointer, _ head: AnswerHead) -> Bool {
        guard fault(head) == nil else {
            // The page that comes with an error or a redirect is not the file: it is read to its end, so that the connection can be
            // kept, unless it is long.
            otherBytes += bytes.count
            return otherBytes < 65_536
        }
        if let limit = request.expectedCount, Int64(bytes.count) > limit - count {
            failure = TransferError(.wrongLength, "\(request.url) has more than the \(limit) bytes expected")
            return false
        }
        if let limit = request.limit, Int64(bytes.count) > limit - count {
            failure = TooLarge.error(request.url, nil, limit)
            return false
        }
        count += Int64(bytes.count)
        do {
            try sink(bytes)
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// Throws when fewer bytes came than expected.
    func finish() throws(TransferError) {
        guard let expected = request.expectedCount, count < expected else { return }
        throw TransferError(.wrongLength, "got \(count) bytes of \(request.url), expected \(expected)")
    }

    /// A server that says how much it is going to send need not be listened to when that is wrong.
    private func wrongLength(_ head: AnswerHead) -> TransferError? {
        if let length = head.length, let limit = request.limit, length > limit {
            return TooLarge.error(request.url, length, limit)
        }
        guard let length = head.length, let expected = request.expectedCount, length != expected else { return nil }
        return TransferError(.wrongLength, "the server of \(request.url) sends \(length) bytes, expected \(expected)")
    }
}

extension FetchRequest {
    /// Bytes at which the transfer is cut; `nil`: at those expected, or not at all.
    var limit: Int64? { expectedCount == nil && !isFolder ? policy.limit : nil }
}

/// What is said of a file whose size was not announced.
enum TooLarge {
    /// `size`: as its server says; `nil`: it does not.
    static func error(_ url: String, _ size: Int64?, _ limit: Int64) -> TransferError {
        TransferError(
            .tooLarge,
            "\(url) was announced without its size and has \(size.map { "\($0) bytes" } ?? "more"), \(limit) are taken: post it in blocks"
        )
    }
}
