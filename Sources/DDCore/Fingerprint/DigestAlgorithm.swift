extension Digest {
    /// The checksums that can be computed. The raw value is the method in the `sum` header.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// MD5: what the older tools of the field write.
        case md5 = "d"
        /// SHA-512: what its newer tools write.
        case sha512 = "s"
        /// XXH3 with 128 bits, big-endian: fast, no defence against forgery.
        case xxh128 = "xxh128"

        /// The length of its digest in bytes.
        public var byteCount: Int {
            switch self {
            case .md5, .xxh128: 16
            case .sha512: 64
            }
        }
    }
}
