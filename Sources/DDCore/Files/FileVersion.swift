/// Which state of a file a block belongs to. The path is not part of it: it is kept beside the file.
///
/// All blocks of one posting have the same version. The later announcement wins, not the newer file: an older one may be put back on
/// purpose.
public struct FileVersion: Sendable, Hashable {
    /// 16 bytes from `source`, `from_cluster`, block size, count and `mtime`.
    public let identity: [UInt8]
    /// When it was announced; equal on all blocks of one posting, kept by every hop.
    public let announced: Timestamp
    /// Bytes in each block but the last.
    public let blockSize: Int64
    /// Blocks in the file.
    public let count: Int64

    /// The version that `post`, which is about the block `parts`, belongs to.
    public init(_ post: Post, _ parts: Parts) throws(DigestError) {
        let digest = try Digest(.xxh128)
        // NUL cannot be in any of them.
        let text = [
            post.source ?? "", post.fromCluster ?? "", "\(parts.blockSize)", "\(parts.count)", post.mtime?.wire ?? "",
        ].joined(separator: "\0")
        Array(text.utf8).withUnsafeBytes { digest.update($0) }
        identity = digest.finish()
        announced = post.time
        blockSize = parts.blockSize
        count = parts.count
    }

    init(identity: [UInt8], announced: Timestamp, blockSize: Int64, count: Int64) {
        self.identity = identity
        self.announced = announced
        self.blockSize = blockSize
        self.count = count
    }

    /// Whether this version takes the place of `other`: announced later. Of two announced at the same instant one wins everywhere.
    public func supersedes(_ other: FileVersion) -> Bool {
        if announced != other.announced { return announced > other.announced }
        return other.identity.lexicographicallyPrecedes(identity)
    }

    /// The version's own mark in the names of its files: 16 hexadecimal digits. The same for all postings of one state.
    var mark: String { Hexadecimal.text(Array(identity.prefix(8)), after: "") }
}
