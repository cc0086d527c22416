import CLinux
import Glibc

/// Makes the posts of one file, link or folder: reads and sums it in constant memory.
final class PostMaker {
    private let plan: PostPlan
    private let digest: Digest?
    private let nameDigest: Digest
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileReader.bufferSize, alignment: 16)
    private var summer: BlockSummer?
    private var generator = SystemRandomNumberGenerator()
    /// Whose connection is served while a long file is summed.
    weak var owner: (any PostMakerOwner)?

    init(_ plan: PostPlan) throws(DigestError) {
        self.plan = plan
        nameDigest = try Digest(.md5)
        digest = if case .digest(let algorithm) = plan.sum { try Digest(algorithm) } else { nil }
    }

    deinit { buffer.deallocate() }

    /// Calls `each` with the posts of what is at `path` now, several where a file goes in blocks, until it returns false. Throws
    /// `FileError`.
    func posts(ofEntry path: String, _ info: stat, each: (Post) throws -> Bool) throws {
        switch info.st_mode & S_IFMT {
        case S_IFREG: try posts(ofFile: path, each)
        case S_IFLNK: _ = try each(post(path, .link(target: try target(of: path)), nil))
        default: throw FileError(.notAllowed, "\(path) is neither a file nor a link")
        }
    }

    /// The post of a folder.
    func post(ofDirectory path: String, _ info: stat) -> Post { post(path, .directory, info) }

    /// The post of a file that is no more.
    func post(ofRemoved path: String) -> Post { post(path, .removed, nil) }

    /// The post of a folder that is no more.
    func post(ofRemovedDirectory path: String) -> Post { post(path, .directoryRemoved, nil) }

    /// A path as it is announced, below the base of the URL.
    func relpath(of path: String) -> String { String(Substring(path.utf8.dropFirst(plan.documentRoot.utf8.count + 1))) }

    private func posts(ofFile path: String, _ each: (Post) throws -> Bool) throws {
        let file = dd_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0)
        guard file >= 0 else { throw FileError("cannot open \(path)") }
        defer { close(file) }
        var before = stat()
        guard fstat(file, &before) == 0 else { throw FileError("cannot look at \(path)") }
        if case .blocks(let method, let size) = plan.parts {
            if method == .partfile, let name = PartName(lastName(of: path)) {
                return try post(ofPart: name, file, path, before, each)
            }
            let blocks = try BlockPlan(size: Int64(before.st_size), blockSize: size)
            if blocks.count > 1 { return try posts(ofBlocks: blocks, method, path, before, each) }
        }
        guard let sum = try sumWithoutReading(path) ?? self.sum(file, path, before, with: digest) else { return }
        _ = try each(post(path, .file(.whole(size: Int64(before.st_size)), sum), before))
    }

    /// One post per block; all but the block is the same in them, so that they are known as one version of the file.
    private func posts(
        ofBlocks blocks: BlockPlan, _ method: Parts.Method, _ path: String, _ before: stat, _ each: (Post) throws -> Bool
    ) throws {
        let order = plan.randomize ? BlockOrder(count: blocks.count, shuffledBy: &generator) : BlockOrder(count: blocks.count)
        var post = self.post(path, .file(nil, .none("0")), before)
        if let sum = try sumWithoutReading(path) {
            for position in 0..<blocks.count {
                post.event = .file(try blocks.parts(order.block(at: position), method: method), sum)
                guard try each(post) else { return }
            }
        } else {
            let run = BlockRun(path: path, state: FileState(before), blockSize: blocks.blockSize, count: blocks.count) {
                position in
                try blocks.parts(order.block(at: position), method: method)
            }
            try sum(run, for: post, each)
        }
    }

    /// The first complete blocks of a file that is being written: `post`, made by `post(ofGrowing:)`, for each of `numbers`.
    func posts(
        ofBlocks numbers: Range<Int64>, count: Int64, size: Int64, _ path: String, _ state: FileState, as post: Post,
        each: (Post) throws -> Bool
    ) throws {
        // A remainder that is the block size says that the length of the file is not known.
        func parts(_ position: Int64) throws -> Parts {
            try Parts(
                method: .inplace, blockSize: size, count: count, remainder: size, number: numbers.lowerBound + position)
        }
        let run = BlockRun(
            path: path, state: state, mayGrow: true, blockSize: size, count: Int64(numbers.count), block: parts)
        if let sum = try sumWithoutReading(path) {
            var post = post
            for position in 0..<run.count {
                post.event = .file(try parts(position), sum)
                guard try each(post) else { return }
            }
        } else {
            try sum(run, for: post, each)
        }
    }

    /// What all blocks of an unfinished file have in common that are posted from now on.
    func post(ofGrowing path: String, _ info: stat) -> Post { post(path, .file(nil, .none("0")), info) }

    private func sum(_ run: BlockRun, for post: Post, _ each: (Post) throws -> Bool) throws {
        guard let digest else { return }
        let summer = try self.summer ?? BlockSummer(digest.algorithm)
        self.summer = summer
        var post = post
        try summer.sum(run) {
            try owner?.serve($0) ?? true
        } each: { parts, sum in
            post.event = .file(parts, sum)
            return try each(post)
        }
    }

    /// The post of a part file that lies there as such. What all parts of a set have in common must be known without the others:
    /// the time is that of the run, and there are no times of the file.
    private func post(
        ofPart name: PartName, _ file: Int32, _ path: String, _ before: stat, _ each: (Post) throws -> Bool
    ) throws {
        guard Int64(before.st_size) == name.parts.length else {
            throw FileError(
                .notAllowed, "\(path) has \(before.st_size) bytes, and by its name it would have \(name.parts.length): not posted"
            )
        }
        let sum: Sum?
        switch name.sumMethod {
        case "n": sum = try sumOfName(path)
        case "0": sum = .none("0")
        default:
            guard let algorithm = Digest.Algorithm(rawValue: name.sumMethod) else {
                throw FileError(.notAllowed, "\(path): the checksum '\(name.sumMethod)' in its name is not known: not posted")
            }
            sum = try self.sum(file, path, before, with: Digest(algorithm))
        }
        guard let sum else { return }
        var post = self.post(path, .file(name.parts, sum), before)
        (post.time, post.mtime, post.atime) = (plan.began, nil, nil)
        _ = try each(post)
    }

    /// What is said of a file whose bytes need not be read; `nil` when they are to be summed.
    private func sumWithoutReading(_ path: String) throws -> Sum? {
        switch plan.sum {
        case .digest: nil
        case .computeLater(let algorithm): .compute(algorithm)
        case .name: try sumOfName(path)
        case .none: Sum.none("0")
        }
    }

    private func sumOfName(_ path: String) throws -> Sum {
        try nameDigest.restart()
        var name = lastName(of: path)
        name.withUTF8 { nameDigest.update(UnsafeRawBufferPointer($0)) }
        return .name(nameDigest.finish().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())
    }

    /// The sum of all bytes of a file, or `nil` when it was told to stop.
    private func sum(_ file: Int32, _ path: String, _ before: stat, with digest: Digest?) throws -> Sum? {
        guard let digest else { return nil }
        try digest.restart()
        var total: Int64 = 0
        while true {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError("cannot read \(path)")
            }
            digest.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            total += Int64(count)
            if total % (16 << 20) == 0, let owner, try !owner.serve(nil) { return nil }
        }
        guard total == Int64(before.st_size), try FileState(of: file, at: path) == FileState(before) else {
            throw FileState.changed(path)
        }
        return .digest(digest.algorithm, digest.finish())
    }

    private func lastName(of path: String) -> String {
        String(path.utf8.split(separator: UInt8(ascii: "/")).last.map { Substring($0) } ?? "")
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
        // By bytes: a slash with a combining mark behind it is another character to Swift.
        let location = Location(base: plan.base, relpath: String(Substring(path.utf8.dropFirst(plan.documentRoot.utf8.count))))
        var post = Post(time: .now(), location: location, event: event, subtopic: plan.subtopic)
        post.source = plan.source
        post.toClusters = plan.toClusters
        post.toUsers = plan.toUsers
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
