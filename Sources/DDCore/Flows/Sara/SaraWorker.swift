/// Brings what one post announces to the switch and makes its announcement from there, on a thread of its own.
public final class SaraWorker: Worker {
    private let plan: SaraPlan
    private let acquirer: Acquirer
    /// For blocks of files that are too large to be kept.
    private let carrier: Acquirer
    private var root: OpenRoot?
    private let triggers: Triggers
    private let quarantine: Quarantine
    private let end: JobEnd
    private let recomputesSum: Bool
    private let lock: String

    /// A worker that fetches with `fetcher` and gives a post up after `patience` seconds of temporary failures.
    public init(
        _ plan: SaraPlan, _ settings: AcquireSettings, fetcher: any Fetcher, triggers: Triggers, quarantine: Quarantine,
        patience: Double, log: Log
    ) {
        self.plan = plan
        let policy: @Sendable (Post) -> FetchPolicy = { post in
            var policy = FetchPolicy(allowed: plan.sources.allowed(for: post.source), allowsLocal: plan.allowsLocal)
            policy.isPrivate = post.isPrivate && plan.link != nil
            guard plan.readsSources else { return policy }
            policy.source = post.source
            policy.limit = plan.blockSizes.upperBound
            return policy
        }
        acquirer = Acquirer(settings, fetcher: fetcher, policy: policy)
        var kept = settings
        kept.assembles = false
        carrier = Acquirer(kept, fetcher: fetcher, policy: policy)
        self.triggers = triggers
        self.quarantine = quarantine
        end = JobEnd(reporter: plan.reporter, patience: patience, log: log, showsSource: true)
        recomputesSum = settings.recomputesSum
        lock = settings.lock
    }

    /// See `Worker`.
    public func process(_ job: Job) -> Outcome {
        do {
            if let room = job.room, !room.hold() { return .postponed(60) }
            // Who may fetch it is said before there is anything to fetch.
            try plan.open(job.post, at: job.place)
            if let refusal = try triggers.beforeFetch(job) { return end.settled(job, refusal) }
            guard let acquirer = try acquirer(for: job) else { return .postponed(FlightLimit.pause) }
            let result = try counted(job, acquirer) { try acquirer.acquire(job, triggers) }
            // Blocks have been announced as they came: of a file that is refused as a whole nothing more is.
            if let refusal = result.file, refusal.isFailure {
                try counted(job, acquirer) { try keepAside(job, result, refusal) }
                return end.settled(job, result.status, result)
            }
            // A crash between storing and announcing must not end in silence: what may have been handled before is announced
            // again although its bytes are there. Winnowing downstream absorbs the double.
            guard result.isThere, result.changed || job.isRepeated else {
                var outcome = end.settled(job, result.status, result)
                outcome.announcements = try passedOn(job, result)
                return outcome
            }
            let isBlock = job.post.block != nil
            if !isBlock, let refusal = try triggers.afterFile(job, isRepeated: job.isRepeated) {
                try counted(job, acquirer) { try keepAside(job, result, refusal) }
                return end.settled(job, Status(refusal.code, refusal.message + "; it is kept aside"), result)
            }
            let status = result.changed && !isBlock ? Status(201, "Published" + job.post.formerName) : result.status
            var outcome = end.settled(job, status, result)
            outcome.announcements = try announcements(of: job, result)
            if outcome.announcements.isEmpty {
                // The link that it was taken in for has gone meanwhile.
                let why = plan.routes?.words(unreachable: job.post.toClusters) ?? "it goes nowhere from here"
                return end.settled(job, Status(406, why), result)
            }
            if isBlock, result.file?.code == 201 { outcome.announcements += try wholeFile(of: job) }
            return outcome
        } catch let error as MessageError {
            return end.settled(job, Status(417, error.text))
        } catch {
            return end.failed(job, error)
        }
    }

    /// Who acquires it: with a limit in the way, blocks of files above it are kept by themselves, and have to wait for room (`nil`).
    private func acquirer(for job: Job) throws -> Acquirer? {
        if let cut = job.post.inBlocks, plan.flight?.concerns(cut) == true { return carrier }
        guard let flight = plan.flight, let block = job.post.block, flight.concerns(block),
            case .file(_, let sum) = job.post.event
        else { return acquirer }
        let root = try root(of: job)
        let name = try PartName(file: job.place.name, parts: block, sum: sum)
        return try flight.admits(name, at: job.place, in: root) ? carrier : nil
    }

    /// A refused file goes where nobody fetches it.
    private func keepAside(_ job: Job, _ result: Acquirer.Result, _ refusal: Status) throws {
        let aside = OccupiedPlace(job, lock: lock).file
        try quarantine.take(
            job.place, from: DocumentRoot(job.root), announcements(of: job, result), source: job.post.source ?? "",
            reason: refusal.message)
        if let source = job.post.source { plan.usage?.add(source, bytes: aside.bytes, files: aside.files) }
    }

    /// Does `body` and counts what the source has on disk more or less after it.
    private func counted<T>(_ job: Job, _ acquirer: Acquirer, _ body: () throws -> T) rethrows -> T {
        guard let usage = plan.usage, let source = job.post.source else { return try body() }
        let place = OccupiedPlace(job, lock: lock)
        let wasFolder = job.concernsTree && place.isFolder
        let value = try usage.counted(source, place, room: job.room, folders: { acquirer.foldersMade }, body)
        if wasFolder, !place.isFolder { usage.add(source, bytes: 0, files: -1) }
        return value
    }

    private func root(of job: Job) throws -> DocumentRoot {
        if let root, try root.look(isRepeated: job.isRepeated) == .same { return root.root }
        let root = try DocumentRoot(job.root)
        self.root = OpenRoot(root)
        return root
    }

    private func announcements(of job: Job, _ result: Acquirer.Result) throws -> [Outgoing] {
        var post = plan.announced(job.post, at: job.place)
        // The next hop need not wait for the whole file.
        post.retrieve = try result.unfinishedName.map { try job.place.renamed($0).relpath }
        if let sum = result.sum, case .file(let parts, _) = post.event { post.event = .file(parts, sum) }
        if let name = result.partName, let part = PartName(name), case .file(_, let sum) = post.event {
            post.location.relpath = try job.place.renamed(name).relpath
            post.event = .file(part.parts, sum)
        }
        // Other tools ask for a block under the file's name, where there is nothing yet. A part file is there.
        let prefix = post.block != nil && result.partName == nil ? Topic.ofBlocks : "v02.post"
        return try plan.outgoing(post, topicPrefix: prefix)
    }

    /// What is here already may be posted again for other clusters or readers than before: each that is named hears of it again. What goes to all
    /// does not go round again, or in a ring it would do so for ever.
    private func passedOn(_ job: Job, _ result: Acquirer.Result) throws -> [Outgoing] {
        guard result.isThere, let routes = plan.routes else { return [] }
        let hops = routes.destinations(job.post.toClusters, via: job.post.via).hops.filter { $0.value != [RouteTable.all] }
        let readers = job.post.isPrivate ? plan.readers(of: job.post) : []
        let exchanges = Set(hops.keys.map { ExchangeName.link(to: $0) } + readers.map { ExchangeName.privatePosts(of: $0) })
        guard !exchanges.isEmpty else { return [] }
        return try announcements(of: job, result).filter { exchanges.contains($0.exchange) }
    }

    /// The announcement of the whole file, all of whose blocks are in: for those that did not hear of the blocks. Its checksum is not known
    /// without reading all of it, which is only done where checksums are computed anew. None: it is not there any more.
    private func wholeFile(of job: Job) throws -> [Outgoing] {
        guard let entry = try root(of: job).entry(at: job.place), entry.kind == .file else { return [] }
        let digest = recomputesSum ? try root(of: job).digest(of: job.place, with: Digest(.md5)) : nil
        let sum = digest.map { Sum.digest(.md5, $0) } ?? .compute(.md5)
        guard let post = try plan.announced(job.post, at: job.place).asWhole(size: entry.size, sum: sum) else { return [] }
        return try plan.outgoing(post)
    }
}
