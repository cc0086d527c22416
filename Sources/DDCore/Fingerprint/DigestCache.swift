/// Digests of one thread, made when they are first wanted.
final class DigestCache {
    private var digests: [Digest.Algorithm: Digest] = [:]

    /// The digest; whoever takes it restarts it.
    subscript(_ algorithm: Digest.Algorithm) -> Digest {
        get throws(DigestError) {
            if let digest = digests[algorithm] { return digest }
            let digest = try Digest(algorithm)
            digests[algorithm] = digest
            return digest
        }
    }
}
