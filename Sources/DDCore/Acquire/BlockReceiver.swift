/// Brings one block of a file to its place inside the file, and finishes the file with the last one. One per worker thread.
final class BlockReceiver {
    private let settings: AcquireSettings
    private let fetcher: any Fetcher
    private let digests: DigestCache
    private var assemblies: AssemblyCache
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileReader.bufferSize, alignment: 16)

    init(_ settings: AcquireSettings, fetcher: any Fetcher, digests: DigestCache) {
        self.settings = settings
        self.fetcher = fetcher
        self.digests = digests
        assemblies = AssemblyCache(limit: settings.openFiles)
    }

    deinit { buffer.deallocate() }

    /// Closes every file that is being put together: their document root is another directory now.
    func forgetAll() { assemblies = AssemblyCache(limit: settings.openFiles) }

    /// Receives the block `parts` that the job's post announces. `request` fetches exactly its bytes.
    func receive(
        _ job: Job, _ parts: Parts, _ sum: Sum, _ root: DocumentRoot, _ triggers: Triggers, _ fetch: BlockFetch
    ) throws -> Acquirer.Result {
        guard parts.count <= BlockMap.maxCount else {
            return .refused(Status(413, "a file of \(parts.count) blocks; \(BlockMap.maxCount) are the most"))
        }
        let version = try FileVersion(job.post, parts)
        var job = job
        // A map that another thread or process removed is looked for again.
        for _ in 0..<10 {
            let assembly: AssemblyFile
            switch try assemblies.open(version, job.place, root, settings) {
            case .open(let open): assembly = open
            case .complete(let finisher):
                var result = Acquirer.Result(status: Status(304, "Not modified"))
                // The report of the file may have been lost with the program that finished it.
                if job.isRepeated, finisher == parts.number { result.file = Status(201, Self.complete(version)) }
                return result
            case .superseded:
                return .refused(Status(409, "a later announcement of this file is here or on its way"))
            case .kept: return Acquirer.Result(status: Status(304, "a file of that name is here and overwrite is off"))
            }
            var result = Acquirer.Result(status: Status(304, "Not modified"))
            switch try assembly.begin(parts, sum) {
            case .gone:
                assemblies.forget(job.place, root)
                continue
            case .contradictory:
                return .refused(Status(417, "its parts say another size of the file than those of other blocks"))
            case .stored(let isComplete, let isNew):
                if job.isRepeated, !isNew,
                    try !assembly.confirm(parts.number, mistrusted: job.wasLost, digests, through: buffer)
                {
                    job.wasLost = false
                    continue
                }
                (result.changed, result.isLast) = (isNew, isComplete)
            case .needed:
                guard let stored = try store(job, parts, sum, assembly, triggers, fetch) else {
                    assemblies.forget(job.place, root)
                    continue
                }
                if stored.status.isFailure { return stored }
                result = stored
            }
            result.unfinishedName = assembly.temporaryName
            if result.isLast {
                // After an error all is looked at anew.
                do { try finish(job, parts, assembly, triggers, &result) } catch {
                    assemblies.forget(job.place, root)
                    throw error
                }
            }
            if assembly.isFinished { assemblies.forget(job.place, root) }
            return result
        }
        throw FileError(.busy, "the block map of \(job.place.relpath) is removed by others all the time")
    }

    /// Fetches a claimed block, or takes it from the earlier file. `nil`: the version was superseded meanwhile.
    private func store(
        _ job: Job, _ parts: Parts, _ sum: Sum, _ assembly: AssemblyFile, _ triggers: Triggers, _ fetch: BlockFetch
    ) throws -> Acquirer.Result? {
        var isClaimed = true
        defer { if isClaimed { assembly.abandon(parts.number) } }
        var result = Acquirer.Result(status: Status(304, "Not modified"), changed: true)
        var entry: BlockEntry
        if let taken = try takeFromEarlier(parts, sum, assembly) {
            entry = taken
        } else {
            let algorithm = sum.algorithm ?? (settings.recomputesSum ? .md5 : .xxh128)
            // Not on a thread of its own: several blocks are on their way at once, and each such thread costs memory.
            let digest = try digests[algorithm]
            try digest.restart()
            var done: Int64 = 0
            result.bytes = try fetch.bytes(with: fetcher) { bytes in
                guard Int64(bytes.count) <= parts.length - done else {
                    throw TransferError(.wrongLength, "\(fetch.url) sends more than the \(parts.length) bytes of the block")
                }
                digest.update(bytes)
                try assembly.write(bytes, at: parts.offset + done)
                done += Int64(bytes.count)
            }
            guard done == parts.length else {
                throw TransferError(.wrongLength, "got \(done) bytes of \(fetch.url), expected \(parts.length)")
            }
            let value = digest.finish()
            result.sum = try sum.verified(digest.algorithm, value, fetch.url, recomputes: settings.recomputesSum)
            entry = BlockEntry(digest.algorithm, value)
            result.status = Status(206, "Block \(parts.number) of \(parts.count) stored")
        }
        if let refusal = try triggers.afterBlock(job, at: try job.place.renamed(assembly.temporaryName)) {
            return .refused(refusal)
        }
        isClaimed = false
        guard let isComplete = try assembly.commit(parts.number, entry) else { return nil }
        result.isLast = isComplete
        return result
    }

    /// The block's entry when the earlier file has its bytes at the same place, and they were copied.
    private func takeFromEarlier(_ parts: Parts, _ sum: Sum, _ assembly: AssemblyFile) throws -> BlockEntry? {
        guard let earlier = assembly.earlier, case .digest(let algorithm, let value) = sum,
            try earlier.holds(value, offset: parts.offset, length: parts.length, digests[algorithm], through: buffer),
            try assembly.copy(parts, from: earlier, through: buffer)
        else { return nil }
        var entry = BlockEntry(algorithm, value)
        entry.isUnchanged = true
        return entry
    }

    private func finish(
        _ job: Job, _ parts: Parts, _ assembly: AssemblyFile, _ triggers: Triggers, _ result: inout Acquirer.Result
    ) throws {
        var program: ((Bool, Int64) throws -> Status?)?
        if triggers.hasFileProgram {
            program = { wasStarted, size in try triggers.afterFile(job, ofBlocks: size, isRepeated: wasStarted) }
        }
        let finishing = AssemblyFile.Finishing(
            block: parts.number, mtime: settings.preservesTime ? job.post.mtime : nil,
            mode: settings.preservesMode ? job.post.mode : nil, program: program)
        switch try assembly.finish(finishing) {
        case .notOurs: break
        case .unchanged:
            result.unfinishedName = nil
            result.file = Status(304, "Not modified: all \(parts.count) blocks are as before")
        case .done(let refusal):
            result.changed = true
            result.isComplete = true
            result.unfinishedName = nil
            result.file = refusal ?? Status(201, Self.complete(assembly.version))
        }
    }

    private static func complete(_ version: FileVersion) -> String { "Downloaded, all \(version.count) blocks" }
}
