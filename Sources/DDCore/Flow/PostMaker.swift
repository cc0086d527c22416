import CLinux
import Glibc

/// How files become posts.
public struct PostPlan: Sendable {
    /// Where subscribers fetch: a prefix with its final `/`, decoded.
    public var base: String
    /// The folder that `base` stands for, absolute, without a final `/` (`""` is the root of the file system).
    public var documentRoot: String
    /// How blocks are summed.
    public var sum: SumMethod
    /// The account that posts.
    public var source: String?
    /// `to_clusters`.
    public var toClusters: [String] = []
    /// `flow`.
    public var flow: String?
    /// `rename`.
    public var rename: String?
    /// What topics begin with.
    public var topicPrefix = "v02.post"
    /// The words after it; `nil`: made from the directories.
    public var subtopic: String?

    /// How a file's content is identified.
    public enum SumMethod: Sendable, Equatable {
        /// By a digest of its bytes.
        case digest(Digest.Algorithm)
        /// Computed by whoever fetches it.
        case computeLater(Digest.Algorithm)
        /// By MD5 of its name.
        case name
        /// Not at all.
        case none
    }

    /// A plan; the rest is set afterwards.
    public init(base: String, documentRoot: String, sum: SumMethod, source: String?) {
        self.base = base
        self.documentRoot = documentRoot
        self.sum = sum
        self.source = source
    }
}

/// Makes the post of one file, link or folder: reads and sums it in constant memory.
final class PostMaker {
    private let plan: PostPlan
    private let digest: Digest?
    private let nameDigest: Digest
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileReader.bufferSize, alignment: 16)
    /// Called between reads of a long file, so that the connection is served.
    var tick: () throws -> Void = {}

    init(_ plan: PostPlan) throws(DigestError) {
        self.plan = plan
        nameDigest = try Digest(.md5)
        digest = if case .digest(let algorithm) = plan.sum { try Digest(algorithm) } else { nil }
    }

    deinit { buffer.deallocate() }

    /// The post of what is at `path` now, or `FileError`.
    func post(ofEntry path: String, _ info: stat) throws -> Post {
        switch info.st_mode & S_IFMT {
        case S_IFREG: try post(ofFile: path)
        case S_IFLNK: post(path, .link(target: try target(of: path)), nil)
        default: throw FileError(.notAllowed, "\(path) is neither a file nor a link")
        }
    }

    /// The post of a folder.
    func post(ofDirectory path: String, _ info: stat) -> Post { post(path, .directory, info) }

    /// The post of a file that is no more.
    func post(ofRemoved path: String) -> Post { post(path, .removed, nil) }

    private func post(ofFile path: String) throws -> Post {
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0)
        guard file >= 0 else { throw FileError("cannot open \(path)") }
        defer { close(file) }
        var before = stat()
        guard fstat(file, &before) == 0 else { throw FileError("cannot look at \(path)") }
        let sum = try self.sum(file, path, before)
        return post(path, .file(.whole(size: Int64(before.st_size)), sum), before)
    }

    private func sum(_ file: Int32, _ path: String, _ before: stat) throws -> Sum {
        switch plan.sum {
        case .digest:
            guard let digest else { return .none("0") }
            try digest.restart()
            let count = try read(file, into: digest)
            var after = stat()
            guard fstat(file, &after) == 0 else { throw FileError("cannot look at \(path)") }
            guard count == Int64(before.st_size), after.st_size == before.st_size, after.st_mtim.tv_sec == before.st_mtim.tv_sec,
                after.st_mtim.tv_nsec == before.st_mtim.tv_nsec
            else { throw FileError(.busy, "\(path) changed while it was being summed: post it again when it is written") }
            return .digest(digest.algorithm, digest.finish())
        case .computeLater(let algorithm):
            return .compute(algorithm)
        case .name:
            try nameDigest.restart()
            var name = String(path.split(separator: "/").last ?? "")
            name.withUTF8 { nameDigest.update(UnsafeRawBufferPointer($0)) }
            return .name(nameDigest.finish().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
        case .none:
            return .none("0")
        }
    }

    private func read(_ file: Int32, into digest: Digest) throws -> Int64 {
        var total: Int64 = 0
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count == 0 { return total }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("cannot read")
            }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
            if total % (64 << 20) == 0 { try tick() }
        }
    }

    private func target(of path: String) throws -> String {
        let bytes = LinkTarget.read(AT_FDCWD, path)
        guard !bytes.isEmpty else { throw FileError("cannot read link \(path)") }
        guard let target = FileWalker.announceable(bytes) else {
            throw FileError(.notAllowed, "link \(path) cannot be announced: its target has control characters or is not UTF-8")
        }
        return target
    }

    private func post(_ path: String, _ event: Post.Event, _ info: stat?) -> Post {
        let relpath = String(path.dropFirst(plan.documentRoot.count).drop { $0 == "/" })
        let location =
            plan.base.hasSuffix("/") ? Location(base: plan.base, relpath: relpath) : Location(base: plan.base, relpath: relpath)
        var post = Post(time: .now(), location: location, event: event, subtopic: plan.subtopic)
        post.source = plan.source
        post.toClusters = plan.toClusters
        post.flow = plan.flow
        post.rename = plan.rename
        if let info {
            post.mtime = Timestamp(seconds: Int64(info.st_mtim.tv_sec), nanoseconds: Int32(info.st_mtim.tv_nsec))
            post.atime = Timestamp(seconds: Int64(info.st_atim.tv_sec), nanoseconds: Int32(info.st_atim.tv_nsec))
            post.mode = UInt16(info.st_mode & 0o7777)
        }
        return post
    }
}
