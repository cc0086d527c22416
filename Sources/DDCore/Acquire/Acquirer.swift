import Glibc

/// What `Acquirer` needs to know.
public struct AcquireSettings: Sendable {
    /// The suffix of lock names; see `IncomingFile`.
    public var lock = IncomingFile.defaultLock
    /// Replace a file that is there with other content.
    public var overwrites = true
    /// Carry out announced removals.
    public var removes = false
    /// Give files the mode announced (never setuid, setgid, sticky).
    public var preservesMode = false
    /// Give files the announced time of modification.
    public var preservesTime = true
    /// Make symbolic links whose target is absolute or leads out of the tree.
    public var allowsOutsideLinks = false
    /// Directories at the front of each place that are its source's own tree, which no link may lead out of; 0: the document root.
    public var ownTreeDepth = 0
    /// Compute a checksum of the content where the one announced says nothing about it.
    public var recomputesSum = false
    /// Fetch and verify, store nothing.
    public var discards = false
    /// Put blocks into their file; if not, each is kept as a part file.
    public var assembles = true
    /// Files in blocks that one worker keeps open.
    public var openFiles = 8
    /// Directories below each document root that one worker keeps open.
    public var openDirectories = 64
    /// Make a file's bytes safe on disk before it gets its name.
    public var syncsBeforeRename = false

    /// The defaults.
    public init() {}
}

/// Brings what one post announces to its place: file, link, directory, removal. One per worker thread.
final class Acquirer {
    /// What was done.
    struct Result {
        /// As the source is told.
        var status: Status
        /// The place was changed.
        var changed = false
        /// The directory whose file system has to be synced for it.
        var written: HeldDirectory?
        /// What is announced is there now, whether it was changed or not.
        var isThere = true
        /// Bytes fetched.
        var bytes: Int64 = 0
        /// The checksum of the bytes where it was computed here and is not the one announced.
        var sum: Sum?
        /// For a block: what became of its file, when that is settled by this block.
        var file: Status?
        /// For a block that is kept by itself: the name of its part file.
        var partName: String?
        /// For a block: the name of the unfinished file that it is in.
        var unfinishedName: String?
        /// For a whole file whose blocks were announced: they have come, and all was said and done for it by them.
        var cameInBlocks = false
        /// For a block: with it all are there.
        var isLast = false
        /// For a block: its file has its name by this block.
        var isComplete = false

        /// The directory whose file system is to be synced before the job is acknowledged; `nil`: none. What is there at a repeated try may
        /// have been put there by one that ended before it was safe.
        func touchedRoot(_ job: Job) -> HeldDirectory? { changed || isThere && job.isRepeated ? written : nil }

        /// What is announced is not wanted by the configuration: its source is told so, and nothing has failed here.
        var isUnwanted = false

        /// Nothing was done.
        static func refused(_ status: Status) -> Result { Result(status: status, isThere: false) }
    }

    private let settings: AcquireSettings
    private let fetcher: any Fetcher
    private let policy: @Sendable (Post) -> FetchPolicy
    private var roots: [String: OpenRoot] = [:]
    private static let maxRoots = 8
    private var madeBefore: Int64 = 0
    /// Directories that were made here so far.
    var foldersMade: Int64 { roots.values.reduce(madeBefore) { $0 + $1.root.made } }
    private let digests = DigestCache()
    private let blocks: BlockReceiver

    /// `policy` says from where a post's data may be fetched.
    init(_ settings: AcquireSettings, fetcher: any Fetcher, policy: @escaping @Sendable (Post) -> FetchPolicy) {
        self.settings = settings
        self.fetcher = fetcher
        self.policy = policy
        blocks = BlockReceiver(settings, fetcher: fetcher, digests: digests)
    }

    /// Does what the job's post announces. `triggers` are run for blocks and their files here, because only then is it known whether they
    /// count; for all else by the caller. Throws `TransferError`, `FileError`, `DigestError`; then nothing is visible at the place that
    /// was not there before.
    func acquire(_ job: Job, _ triggers: Triggers) throws -> Result {
        let root = try root(job)
        root.beginWork()
        var result: Result
        do { result = try acquire(job, triggers, in: root) } catch {
            // Of a file that has gone by now no empty directories stay, which their removal, announced and carried out before, would not reach.
            root.removeMade(for: job.place)
            throw error
        }
        if result.changed { root.keepMade(for: job.place) }
        result.written = root.written(at: job.place)
        return result
    }

    private func acquire(_ job: Job, _ triggers: Triggers, in root: DocumentRoot) throws -> Result {
        let names = job.place.directories + [job.place.name]
        if let name = names.first(where: { IncomingFile.isReserved($0, lock: settings.lock) }) {
            throw FileError(.notAllowed, "'\(name)' is a name for files on their way in; rename it or set option lock")
        }
        switch job.post.event {
        case .file(let parts, let sum):
            if let block = job.post.block { return try self.block(job, block, sum, root, triggers) }
            let version = try job.post.inBlocks.map { try FileVersion(job.post, $0) }
            if let version, let result = try inBlocks(job, version, root) { return result }
            let size = parts?.size
            let request = FetchRequest(url: job.post.location.encodedURL, expectedSize: size, policy: policy(job.post))
            let result = try file(job, at: job.place, from: request.url, sum, root, expected: size) {
                try fetcher.fetch(request, into: $0)
            }
            if result.changed, let version { try root.replaceBlocks(of: version, at: job.place, lock: settings.lock) }
            // What was begun of it in blocks is older.
            if result.changed { try root.dropBlocks(at: job.place, before: job.post.time, lock: settings.lock) }
            return result
        case .link(let target): return try link(job, target, root)
        case .directory: return try directory(job, root)
        case .removed, .directoryRemoved: return try removal(job, root)
        }
    }

    /// What is left to do of a whole file whose blocks were announced: nothing when they have come. `nil`: it is to be fetched, because blocks
    /// were announced before anybody listened here, or one of them could not be had.
    private func inBlocks(_ job: Job, _ version: FileVersion, _ root: DocumentRoot) throws -> Result? {
        var result = Result(status: Status(304, "Not modified: it came in blocks"), isThere: false)
        result.cameInBlocks = true
        if !settings.assembles { return result }
        switch try root.standing(of: version, at: job.place, lock: settings.lock) {
        case .complete: return result
        // Another instance may have them in hand.
        case .underWay where job.attempt < 2: throw FileError(.busy, "\(job.place.relpath) is still coming in blocks")
        case .underWay, .absent: return nil
        }
    }

    private func block(
        _ job: Job, _ parts: Parts, _ sum: Sum, _ root: DocumentRoot, _ triggers: Triggers
    ) throws -> Result {
        let fetch = BlockFetch(job.post, parts, policy(job.post))
        if settings.assembles && !settings.discards { return try blocks.receive(job, parts, sum, root, triggers, fetch) }
        let name = try PartName(file: job.place.name, parts: parts, sum: sum)
        let place = try job.place.renamed(name.text)
        var result = try file(job, at: place, from: job.post.location.encodedURL, sum, root, expected: parts.length) {
            try fetch.bytes(with: fetcher, $0)
        }
        result.partName = name.text
        guard result.changed || settings.discards else { return result }
        if let refusal = try triggers.afterBlock(job, at: place) {
            if result.changed { _ = try root.remove(place) }
            return .refused(refusal)
        }
        result.status = settings.discards ? Status(206, "Downloaded") : Status(307, "kept as part file \(name.text)")
        return result
    }

    /// Fetches a file that comes in one piece, unless it is there.
    private func file(
        _ job: Job, at place: Place, from url: String, _ sum: Sum, _ root: DocumentRoot, expected: Int64?,
        _ fetch: ((UnsafeRawBufferPointer) throws -> Void) throws -> Int64
    ) throws -> Result {
        let before = settings.discards ? nil : try root.entry(at: place)
        if let there = before {
            guard there.kind == .file || there.kind == .link else {
                throw FileError(.notAllowed, "\(place.relpath) is a directory here and a file in the post")
            }
            if isSuperseded(job, by: there) {
                return Result(status: Status(409, "changed since it was announced; a newer one is here"), isThere: false)
            }
            if !settings.overwrites { return Result(status: Status(304, "a file of that name is here and overwrite is off")) }
            if there.kind == .file, !job.wasLost, try holds(there, expected, sum, place, root, fromDisk: job.isRepeated) {
                return Result(status: Status(304, "Not modified"))
            }
        }
        let algorithm = sum.algorithm ?? (settings.recomputesSum ? .md5 : nil)
        let digest = try algorithm.map { try ArrivalDigest(digests[$0], size: expected) }
        func verify() throws(TransferError) -> Sum? {
            guard let digest else { return nil }
            return try sum.verified(digest.algorithm, digest.finish(), url, recomputes: settings.recomputesSum)
        }
        var result = Result(status: Status(201, "Downloaded"), changed: !settings.discards)
        if settings.discards {
            result.bytes = try fetch { digest?.update($0) }
            result.sum = try verify()
            return result
        }
        if let expected, let free = root.freeBytes, expected > free {
            throw FileError("cannot begin \(job.root)/\(place.relpath) of \(expected) bytes", errno: ENOSPC)
        }
        var count: Int64 = 0
        try root.receive(place, lock: settings.lock) { file in
            guard file.follows(before) else {
                throw FileError(.busy, "another process has just written \(job.root)/\(place.relpath)")
            }
            result.bytes = try fetch { bytes in
                count += Int64(bytes.count)
                try job.room?.ensure(count)
                digest?.update(bytes)
                try file.write(bytes)
            }
            result.sum = try verify()
            try file.commit(
                mtime: settings.preservesTime ? job.post.mtime : nil, mode: settings.preservesMode ? job.post.mode : nil,
                synced: settings.syncsBeforeRename)
        }
        return result
    }

    /// Whether a newer announcement of the same place was carried out while this one waited for another try. An older file that is put
    /// back on purpose, announced after the newer one was placed, is none of these.
    private func isSuperseded(_ job: Job, by there: Entry) -> Bool {
        guard job.attempt > 0, there.kind == .file, let modified = job.post.mtime else { return false }
        return there.modified > modified && there.placed > job.first
    }

    /// Whether the file that is there has the announced content: the bytes decide, not name and size. `fromDisk`: it may have been put
    /// there by a try that could not make it safe.
    private func holds(
        _ entry: Entry, _ size: Int64?, _ sum: Sum, _ place: Place, _ root: DocumentRoot, fromDisk: Bool
    ) throws -> Bool {
        guard case .digest(let algorithm, let value) = sum, size == nil || size == entry.size else { return false }
        return try root.digest(of: place, with: digests[algorithm], fromDisk: fromDisk) == value
    }

    private func link(_ job: Job, _ target: String?, _ root: DocumentRoot) throws -> Result {
        guard let target, !target.isEmpty, target.utf8.count < 4096, !target.utf8.contains(0) else {
            return Result(status: Status(417, "a symbolic link without a target that can be made"), isThere: false)
        }
        guard settings.allowsOutsideLinks || job.place.contains(linkTarget: target, keeping: settings.ownTreeDepth) else {
            throw FileError(.notAllowed, "link \(job.place.relpath) -> \(target) leads out of the tree")
        }
        if let there = root.linkTarget(at: job.place), there.utf8.elementsEqual(target.utf8) {
            return Result(status: Status(304, "Not modified"))
        }
        if try root.entry(at: job.place) != nil, !settings.overwrites {
            return Result(status: Status(304, "a file of that name is here and overwrite is off"))
        }
        if settings.discards { return Result(status: Status(201, "Linked")) }
        try root.makeLink(job.place, target: target, lock: settings.lock)
        return Result(status: Status(201, "Linked"), changed: true)
    }

    private func directory(_ job: Job, _ root: DocumentRoot) throws -> Result {
        if try root.entry(at: job.place)?.kind == .directory { return Result(status: Status(304, "Not modified")) }
        if settings.discards { return Result(status: Status(201, "Directory made")) }
        try root.make(directory: job.place)
        return Result(status: Status(201, "Directory made"), changed: true)
    }

    private func removal(_ job: Job, _ root: DocumentRoot) throws -> Result {
        guard settings.removes else {
            return Result(status: Status(503, "removal is not wanted here"), isThere: false, isUnwanted: true)
        }
        if settings.discards { return Result(status: Status(201, "Removed")) }
        let removed = try root.remove(job.place)
        try root.dropBlocks(at: job.place, before: job.post.time, lock: settings.lock)
        return Result(status: removed ? Status(201, "Removed") : Status(304, "was not there"), changed: removed)
    }

    /// The document root of a job, opened when it is not open, and again when its path leads elsewhere by now.
    private func root(_ job: Job) throws(FileError) -> DocumentRoot {
        if let known = roots[job.root] {
            switch try known.look(isRepeated: job.isRepeated) {
            case .same: return known.root
            // What is put together in the old one would go on there.
            case .another:
                blocks.forgetAll()
                madeBefore += known.root.made
            }
        }
        // A path with a date in it is another one every day or hour; each keeps descriptors.
        if roots.count >= Self.maxRoots {
            madeBefore = foldersMade
            roots.removeAll()
        }
        let root = try DocumentRoot(job.root, keeping: settings.openDirectories)
        roots[job.root] = OpenRoot(root)
        return root
    }
}
