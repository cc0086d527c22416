import Glibc

/// Walks the index of a server once and fetches what is not here as it is there: what `dd_subscribe --existing` does before it follows.
///
/// What is wanted is what a post of the file would be wanted for: topics, accept and reject decide. One thread lists, the workers fetch.
public final class ExistingWalk {
    /// What a walk needs to know.
    public struct Settings: Sendable {
        /// The URL below which the relative paths of the posts begin, with its final `/`.
        public var index: String
        /// The subtopics that are subscribed to.
        public var subtopics: [String]
        /// Threads that fetch.
        public var workers: Int
        /// Files that are there are not looked at again.
        public var discards = false

        /// Settings; the rest is set afterwards.
        public init(index: String, subtopics: [String], workers: Int) {
            self.index = index
            self.subtopics = subtopics
            self.workers = workers
        }
    }

    private let settings: Settings
    private let lister: FolderLister
    private let intake: any PostIntake
    private let stop: StopSignal
    private let log: Log
    private let wake: EventFD
    private let results: Inbox<WorkerPool.Result>
    private let pool: WorkerPool?
    private var roots: [String: DocumentRoot] = [:]
    private var touched: Set<HeldDirectory> = []
    private var inHand = 0
    private var later: [(due: Double, job: Job)] = []
    private var tally = Tally()
    /// A reload was asked for, which waits for the end of the walk; its signal stays readable.
    private var ignoresSignal = false
    /// Called when the tally has changed.
    public var progress: ((Tally) -> Void)?

    private static let tries = 3

    /// A walk; `makeWorker` is called on each worker's thread, `nil` when the intake settles everything.
    public init(
        _ settings: Settings, lister: FolderLister, intake: any PostIntake, stop: StopSignal, log: Log,
        makeWorker: (@Sendable () -> any Worker)?
    ) throws {
        self.settings = settings
        self.lister = lister
        self.intake = intake
        self.stop = stop
        self.log = log
        wake = try EventFD()
        results = Inbox(wake: wake)
        pool = try makeWorker.map { [results] in try WorkerPool(count: settings.workers, results: results, make: $0) }
    }

    /// Walks to the end or until a signal. A folder that cannot be listed is said and counted as failed; the others go on.
    public func run() -> Tally {
        var folders: [(path: String, parent: WalkTrail?)] = [("", nil)]
        var walked = 0
        while let folder = folders.popLast(), !stop.isRequested {
            walked += 1
            guard walked <= WalkTrail.maxFolders else {
                fail("more than \(WalkTrail.maxFolders) folders are not walked")
                break
            }
            var below: [String] = []
            let trail = list(folder.path, folder.parent) { below.append($0) }
            folders += below.reversed().map { ($0, trail) }
        }
        while !stop.isRequested, inHand > 0 || !later.isEmpty { turn() }
        later = []
        let dropped = pool?.takeBack().count ?? 0
        while inHand - dropped > 0 { turn() }
        for why in Syncer.failures(below: touched) { fail(why) }
        return tally
    }

    /// Lists a folder; the way to it. One that leads back to a folder it lies in is passed over.
    private func list(_ folder: String, _ parent: WalkTrail?, found: (String) -> Void) -> WalkTrail? {
        let url = Location(base: settings.index, relpath: folder).encodedURL
        do {
            let listing = try lister.list(url, below: parent, log: log, problem: fail) { entry in
                let path = folder + entry.name
                if entry.isFolder {
                    let beginning = Topic.subtopic(ofRelpath: path + "/x")
                    guard settings.subtopics.contains(where: { Topic.matches(pattern: $0, beginning: beginning) }) else { return }
                    guard depth(path) < WalkTrail.maxDepth else {
                        return fail("\(url)\(entry.name)/ is not walked: it is too deep")
                    }
                    found(path + "/")
                } else {
                    consider(path, entry)
                }
                if stop.isRequested { throw Stopped() }
            }
            return listing.map { WalkTrail(folder, mark: $0.mark, in: parent) }
        } catch is Stopped {
        } catch {
            fail("\(error)")
        }
        return nil
    }

    private struct Stopped: Error {}

    private func depth(_ path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    private func consider(_ path: String, _ entry: ListedEntry) {
        let topic = Topic.subtopic(ofRelpath: path)
        guard settings.subtopics.contains(where: { Topic.matches(pattern: $0, topic: topic) }) else { return }
        var post = Post(
            time: .now(), location: Location(base: settings.index, relpath: path), event: .file(nil, .none("")), subtopic: topic)
        // An index that rounds sizes cannot tell whether a file is here already: its server can, file by file.
        let entry = exact(post.location.encodedURL, entry)
        post.mtime = entry.modified
        tally.received += 1
        switch intake.consider(post, .none) {
        case .settled(let outcome): tally.count(outcome)
        // Only the queues of sources are paced and given back.
        case .wait, .requeue: break
        case .work(let job), .later(let job, _):
            if !settings.discards, isHere(job, entry) {
                tally.count(Outcome(.passed))
            } else if let pool {
                inHand += 1
                pool.start(job)
                // Few wait: what is listed long before it is fetched may have changed.
                while inHand >= settings.workers * 4, !stop.isRequested { turn() }
            }
        }
        progress?(tally)
    }

    /// What is listed; where the size is not said exactly, what the server says when it is asked for the file alone.
    private func exact(_ url: String, _ entry: ListedEntry) -> ListedEntry {
        guard entry.size == nil, let facts = try? lister.facts(of: url) else { return entry }
        return ListedEntry(
            name: entry.name, isFolder: false, size: facts.size, modified: facts.modified ?? entry.modified,
            step: facts.modified == nil ? entry.step : 1)
    }

    /// Whether the file that is here has the size and the time listed.
    private func isHere(_ job: Job, _ entry: ListedEntry) -> Bool {
        if roots[job.root] == nil { roots[job.root] = try? DocumentRoot(job.root) }
        guard let there = try? roots[job.root]?.entry(at: job.place), there.kind == .file else { return false }
        return entry.describes(size: there.size, modified: there.modified)
    }

    /// Takes what workers have done, and waits for it when there is nothing yet.
    private func turn() {
        let now = Monotonic.now()
        let due = later.filter { $0.due <= now }
        later.removeAll { $0.due <= now }
        for (_, job) in due {
            inHand += 1
            pool?.start(job)
        }
        let done = results.takeAll()
        for result in done { finish(result) }
        guard done.isEmpty, due.isEmpty else { return }
        let next = later.map(\.due).min()
        var polled = [
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.isRequested || ignoresSignal ? -1 : stop.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        poll(&polled, 2, next.map { Readiness.milliseconds(of: $0 - now) } ?? -1)
        if polled[1].revents != 0 && !stop.isRequested { ignoresSignal = true }
        wake.drain()
    }

    private func finish(_ result: WorkerPool.Result) {
        inHand -= 1
        if let seconds = result.outcome.retryAfter, !stop.isRequested {
            var job = result.job
            job.attempt += 1
            guard job.attempt < Self.tries else {
                return fail("\(job.post.location.url) could not be fetched in \(Self.tries) tries")
            }
            let wait = min(seconds, 30)
            if let reason = result.outcome.retryReason { log.warning("\(reason); trying again in \(String(seconds: wait)) s") }
            later.append((Monotonic.now() + wait, job))
            return
        }
        if let root = result.outcome.touchedRoot { touched.insert(root) }
        tally.count(result.outcome)
        progress?(tally)
    }

    private func fail(_ why: String) {
        log.error(why)
        tally.count(Outcome(.failed))
    }
}

extension Delivery {
    /// In the place of a message where there was none.
    static var none: Delivery {
        Delivery(
            tag: 0, redelivered: false, exchange: "", userID: nil, isDeadLettered: false,
            message: WireMessage(topic: "", body: ""), defect: nil)
    }
}
