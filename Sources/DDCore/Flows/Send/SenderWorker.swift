import Glibc

/// Fetches what one post announces, unless it is on this machine, and puts it to another server, on a thread of its own.
public final class SenderWorker: Worker {
    private let options: SenderOptions
    private let sender: any Sender
    private let servers: Servers
    private let acquirer: Acquirer
    private let end: JobEnd
    private let log: Log

    /// A worker that fetches with `fetcher` and puts files with `sender`; `servers` knows which of them answer.
    public init(
        _ options: SenderOptions, _ share: DescriptorShare, fetcher: any Fetcher, sender: any Sender, servers: Servers,
        reporter: Reporter?
    ) {
        self.options = options
        self.sender = sender
        self.servers = servers
        log = options.common.log
        // What is on this machine already is not fetched into it, and noted there all the same.
        try? SmallFile.makeFolder(options.spool, mode: 0o700)
        let policy = FetchPolicy(allowed: options.allowedURLs, allowsLocal: options.source.broker.isLoopback)
        var settings = AcquireSettings()
        (settings.openFiles, settings.openDirectories) = (share.files, share.directories)
        acquirer = Acquirer(settings, fetcher: fetcher) { _ in policy }
        end = JobEnd(reporter: reporter, patience: options.queue.retryTTL.inSeconds, log: log)
    }

    /// See `Worker`.
    public func process(_ job: Job) -> Outcome {
        do {
            let status = try send(job)
            var outcome = end.settled(job, status)
            if let outlet = options.outlet, !status.isFailure { outcome.announcements = [try announcement(of: job, outlet)] }
            return outcome
        } catch {
            let outcome = end.failed(job, error)
            // What was fetched for a post that is given up is of no more use.
            if outcome.retryAfter == nil { for path in [spooled(job), note(job)] { unlink(path) } }
            return outcome
        }
    }

    /// Where the file of a post lies until it is sent: by its whole URL, because two files of one name are two.
    private func spooled(_ job: Job) -> String { "\(options.spool)/\(spoolName(job))" }

    private func note(_ job: Job) -> String { spooled(job) + ".begun" }

    private func spoolName(_ job: Job) -> String { String(StateName.number(of: job.post.location.url), radix: 16) }

    private func send(_ job: Job) throws -> Status {
        switch job.post.event {
        case .file:
            guard job.post.block == nil else { return Status(503, "blocks are not sent: the whole file is announced as well") }
            let (path, isOwn) = try bytes(of: job)
            let file = OutgoingFile(
                path, to: job.place, lock: options.lock, note: note(job), modified: options.preservesTime ? job.post.mtime : nil,
                mode: options.preservesMode ? job.post.mode : nil)
            var wentOn = false
            try watched { wentOn = try sender.send(file) }
            if isOwn { unlink(path) }
            return Status(201, wentOn ? "Sent, after an interruption from where it was" : "Sent")
        case .link(let target):
            guard let target, !target.isEmpty else { return Status(403, "the post of a link says no target") }
            try watched { try sender.link(job.place, to: target) }
        case .directory: try watched { try sender.makeFolder(job.place) }
        case .removed, .directoryRemoved:
            guard options.remove else { return Status(503, "removal is not wanted here") }
            let isFolder = job.post.event == .directoryRemoved
            try watched { try sender.remove(job.place, isFolder: isFolder) }
        }
        return Status(201, "Sent")
    }

    /// Where the announced file is on this machine, and whether it was fetched for this. What is below `document_root` is taken when it has the
    /// announced size.
    private func bytes(of job: Job) throws -> (path: String, isOwn: Bool) {
        if let root = options.documentRoot {
            let path = "\(root)/\(job.post.location.relpath)"
            var info = stat()
            if case .file(let parts?, _) = job.post.event, lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG,
                parts.size == Int64(info.st_size), !job.post.location.relpath.contains("../")
            {
                return (path, false)
            }
        }
        var fetched = Job(
            delivery: job.delivery, post: job.post, place: try Place(spoolName(job)), root: options.spool)
        fetched.attempt = job.attempt
        let result = try acquirer.acquire(fetched, Triggers())
        guard result.isThere || result.changed else { throw TransferError(.temporary, result.status.message) }
        return (spooled(job), true)
    }

    /// Runs what asks the destination, unless that does not answer just now.
    private func watched(_ body: () throws -> Void) throws {
        let server = servers.name(of: options.destination, for: nil)
        let number = try servers.begin(server)
        do {
            try body()
            if servers.answered(server, number) { log.notice("\(server) answers again") }
        } catch {
            if (error as? TransferError)?.code == .unreachable {
                if servers.failed(server, number) { log.warning("\(server) does not answer: what is for it waits (\(error))") }
            } else {
                _ = servers.answered(server, number)
            }
            throw error
        }
    }

    private func announcement(of job: Job, _ outlet: SenderOptions.Outlet) throws -> Outgoing {
        var post = job.post
        post.location = Location(base: outlet.url, relpath: job.place.relpath)
        post.rename = nil
        return Outgoing(
            try PostCodec.encode(post, topicPrefix: options.source.topicPrefix), to: outlet.exchange, lane: .announcements,
            ifMissing: .wait)
    }
}

extension PumpSettings {
    /// The pump that dd_sender's options ask for.
    public init(_ options: SenderOptions, reports: Bool) throws {
        let topics = options.source.topics.map { "\(options.source.topicPrefix).\($0)" }
        let bindings = options.source.exchanges.flatMap { exchange in topics.map { Binding(exchange: exchange, topic: $0) } }
        let broker = BrokerSettings(options.source.broker, options.common)
        if options.explanation.isOn {
            self.init(source: broker, queues: [QueuePlan(lookBy: broker.url.user, options.common, bindings: bindings)])
        } else {
            let state = try QueueState(user: broker.url.user, common: options.common, chosen: options.queue.name)
            let (plan, stale) = try QueuePlan.make(options.queue, state, bindings: bindings)
            self.init(source: broker, queues: [plan])
            self.stale = stale
            retries = RetryQueues(plan.name, user: broker.url.user, options.common, options.queue)
            retryTTL = options.queue.retryTTL.inSeconds
        }
        prefetch = options.queue.prefetch
        self.reports = reports ? broker : nil
        announcements = options.outlet.map { BrokerSettings($0.broker, options.common) }
        workers = options.parallel
        exitIdle = options.exit.idle?.inSeconds
        exitAfter = options.exit.messages
        patience = options.common.wait?.inSeconds
    }
}

extension SubscribePlan {
    /// Which posts dd_sender wants, and where they go.
    public init(_ options: SenderOptions, _ reporter: Reporter?) {
        self.init(
            rules: options.rules, directory: options.spool,
            placement: Placement(mirrors: options.mirror, strip: options.strip, flatten: options.flatten), reporter: reporter)
        logsRejected = options.common.logReject
    }
}

extension Reporter {
    /// The reporter of dd_sender: to the exchange of its account, from where the switch takes it on.
    public init(_ options: SenderOptions) {
        self.init(
            user: options.source.broker.user, host: LocalHost.name,
            .tell(exchange: ExchangeName.posts(of: options.source.broker.user)))
    }
}
