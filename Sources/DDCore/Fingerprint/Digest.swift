import CCrypto
import CXXHash

/// A digest computed while bytes pass: one of a closed set, because a message may not choose code.
///
/// Owns the C library's state; used on one thread, reused from file to file.
public final class Digest {
    /// What it computes.
    public let algorithm: Algorithm
    private let evp: OpaquePointer?
    private let xxh: OpaquePointer?

    /// A fresh digest. Throws `DigestError` when libcrypto does not offer the algorithm (MD5 under a FIPS policy).
    public init(_ algorithm: Algorithm) throws(DigestError) {
        self.algorithm = algorithm
        switch algorithm {
        case .md5, .sha512:
            evp = EVP_MD_CTX_new()
            xxh = nil
        case .xxh128:
            evp = nil
            xxh = XXH3_createState()
        }
        try restart()
    }

    deinit {
        if let evp { EVP_MD_CTX_free(evp) }
        if let xxh { XXH3_freeState(xxh) }
    }

    /// Forgets what passed (`EVP_DigestInit_ex`, `XXH3_128bits_reset`).
    public func restart() throws(DigestError) {
        let worked =
            switch algorithm {
            case .md5: EVP_DigestInit_ex(evp, EVP_md5(), nil) == 1
            case .sha512: EVP_DigestInit_ex(evp, EVP_sha512(), nil) == 1
            case .xxh128: xxh.map { XXH3_128bits_reset($0) == XXH_OK } ?? false
            }
        guard worked else { throw DigestError(algorithm: algorithm) }
    }

    /// Takes in the next bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        if let evp {
            EVP_DigestUpdate(evp, bytes.baseAddress, bytes.count)
        } else if let xxh {
            XXH3_128bits_update(xxh, bytes.baseAddress, bytes.count)
        }
    }

    /// The digest of all that passed since the last `restart()`; the state is spent until the next one.
    public func finish() -> [UInt8] {
        if let evp {
            return [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
                var length: UInt32 = 0
                EVP_DigestFinal_ex(evp, buffer.baseAddress, &length)
                count = Int(length)
            }
        }
        guard let xxh else { return [] }
        var canonical = XXH128_canonical_t()
        // Big-endian, as the wire has it.
        XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(xxh))
        return withUnsafeBytes(of: &canonical.digest) { Array($0) }
    }
}

/// libcrypto does not offer an algorithm.
public struct DigestError: Error, Sendable, CustomStringConvertible {
    /// The algorithm asked for.
    public let algorithm: Digest.Algorithm

    /// One line for the user.
    public var description: String {
        "this machine's libcrypto does not offer the checksum '\(algorithm.rawValue)' (a FIPS policy?); use another one"
    }
}
