import Glibc

/// Which sizes and names are taken in, whoever posts them.
public struct AdmissionLimits: Sendable {
    /// Patterns of names of files and directories, as fnmatch(3) reads them.
    public var bannedNames: [String] = []

    /// No limits.
    public init() {}

    /// What dd_sara's options ask for.
    public init(_ options: AdmissionOptions) {
        bannedNames = options.bannedNames
    }

    /// Why a post is refused, or `nil`. `blockSizes` are the bytes that blocks may have; a larger file must come in blocks.
    func refusal(of post: Post, blockSizes: ClosedRange<Int64>?) -> Status? {
        if let sizes = blockSizes, let status = refusal(of: post, sizes) { return status }
        guard !bannedNames.isEmpty else { return nil }
        for path in [post.location.relpath, post.rename, post.location.fileName].compactMap({ $0 }) {
            // By bytes, as the system cuts paths.
            for bytes in path.utf8.split(separator: UInt8(ascii: "/")) {
                let name = String(Substring(bytes))
                guard let pattern = bannedNames.first(where: { fnmatch($0, name, 0) == 0 }) else { continue }
                return Status(403, "the name '\(name)' is not taken here (it is like \(pattern))")
            }
        }
        return nil
    }

    private func refusal(of post: Post, _ sizes: ClosedRange<Int64>) -> Status? {
        if let block = post.block {
            guard !sizes.contains(block.blockSize) else { return nil }
            return Status(413, "blocks of \(block.blockSize) bytes; \(sizes.lowerBound) to \(sizes.upperBound) are taken here")
        }
        guard case .file(let parts?, _) = post.event, parts.size > sizes.upperBound else { return nil }
        return Status(413, "a file of \(parts.size) bytes must be posted in blocks of at most \(sizes.upperBound)")
    }
}
