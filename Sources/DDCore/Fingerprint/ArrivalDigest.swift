/// Sums the bytes of one transfer as they arrive: of a small one at once, of a large one on a second thread.
final class ArrivalDigest {
    private let digest: Digest
    private var thread: DigestThread?

    /// A transfer of at most so many bytes is summed where it arrives: a second thread would cost more than it gains.
    static let smallSize: Int64 = 4 << 20

    /// Sums with `digest`, which is restarted; `size` is the bytes expected, `nil` when unknown.
    init(_ digest: Digest, size: Int64?) throws(DigestError) {
        self.digest = digest
        try digest.restart()
        // Without a second thread it only takes longer.
        if (size ?? 0) > Self.smallSize { thread = DigestThread(digest.algorithm) }
    }

    /// What is computed.
    var algorithm: Digest.Algorithm { digest.algorithm }

    /// Takes in the next bytes.
    func update(_ bytes: UnsafeRawBufferPointer) {
        if let thread { thread.update(bytes) } else { digest.update(bytes) }
    }

    /// The digest of all that passed.
    func finish() -> [UInt8] { thread?.finish() ?? digest.finish() }
}
