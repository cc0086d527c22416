import Glibc

/// Which blocks and names are taken in, whoever posts them.
public struct AdmissionLimits: Sendable {
    /// The bytes that a block may have; a whole file above it must be segmented.
    public var blockSizes: ClosedRange<Int64> = 0...Int64.max
    /// Patterns of names of files and directories, as fnmatch(3) reads them.
    public var bannedNames: [String] = []

    /// No limits.
    public init() {}

    /// What dd_sara's options ask for.
    public init(_ options: AdmissionOptions) {
        blockSizes = options.blockSizes
        bannedNames = options.bannedNames
    }

    /// Why a post is refused, or `nil`.
    func refusal(of post: Post) -> Status? {
        if case .file(let parts?, _) = post.event {
            if parts.method == .whole || parts.count == 1 {
                guard parts.size <= blockSizes.upperBound else {
                    return Status(
                        413, "a file of \(parts.size) bytes must be posted in blocks of at most \(blockSizes.upperBound)")
                }
            } else if !blockSizes.contains(parts.blockSize) {
                let (least, most) = (blockSizes.lowerBound, blockSizes.upperBound)
                return Status(413, "blocks of \(parts.blockSize) bytes are not taken here, but of \(least) to \(most)")
            }
        }
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
}
