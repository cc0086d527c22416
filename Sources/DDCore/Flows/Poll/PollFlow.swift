import Glibc

/// The way of a file of a server that cannot post: listed, found new or changed, announced, confirmed, remembered.
///
/// What is remembered of a folder is written when all that was to be announced of it is confirmed: a crash in between announces again, and
/// forgets nothing.
public final class PollFlow: ReloadableService {
    let options: PollOptions
    let lister: FolderLister
    private let selection: Selection
    let stop: StopSignal
    let log: Log
    let home: StateFolder
    private var announcer: Announcer?
    private var output = OutputLines()
    private var failures = 0
    /// Since the start.
    private var total = Tally()
    private var desk = FiguresDesk()
    /// Said as it changes.
    public var says: ((WorkState) -> Void)?
    /// See `ReloadableService`. After each look.
    public var tells: ((FlowFigures) -> Void)?
    /// See `ReloadableService`; asked for between two folders.
    public var reload: (() -> Bool)?
    private var isBeingReplaced = false
    /// Whether the broker was ever reached.
    public private(set) var wasConnected = false
    private var state = WorkState.notConnected
    /// The entries of the folder at hand that wait for their confirmation, by the line that is printed then.
    private var open: [String: [UInt8]] = [:]
    private var confirmed: Set<[UInt8]> = []
    /// Folders looked into at this look.
    private var visited = 0

    /// A run of dd_poll with `options`, which remembers in `home`.
    public init(_ options: PollOptions, _ home: StateFolder, lister: FolderLister, stop: StopSignal) throws {
        self.options = options
        self.lister = lister
        self.stop = stop
        log = options.common.log
        selection = try Selection(options.rules)
        self.home = home
        announcer = Announcer(
            BrokerSettings(options.broker, options.common), exchange: options.exchange, mandatory: options.mandatory,
            window: options.window, patience: options.common.wait.map(\.inSeconds), stop: stop, log: log, owner: self)
    }

    /// Looks at intervals until a signal comes, or once. What failed is what failed at the last look; one that was ended is no failure.
    /// Throws `BrokerError` when the broker refuses, also before there is anything to announce.
    public func run() throws -> Tally {
        var tally = Tally()
        repeat {
            (failures, visited) = (0, 0)
            do {
                try announcer?.connect()
                wasConnected = true
                try visit("", in: nil)
            } catch let error as BrokerError where error.isTemporary && stop.isRequested {
                log.warning("\(error); stopped, what was not announced is, at the next look")
            }
            output.flush()
            // Nothing is to be said until the next look.
            announcer?.close()
            total.failed += failures
            tell()
            rest()
        } while !isOver && options.interval != nil
        tally.failed = stop.isRequested ? 0 : failures
        return tally
    }

    private var isOver: Bool { stop.isRequested || isBeingReplaced }

    private func askForReload() {
        guard let reload, !isOver, stop.takeReload() else { return }
        isBeingReplaced = reload()
    }

    func say(_ state: WorkState) {
        guard state != self.state else { return }
        self.state = state
        says?(state)
    }

    /// Tells the figures when they are due.
    private func tell() {
        guard let tells, let figures = try? desk.take(total, now: Monotonic.now(), held: [], count: { nil }) else { return }
        tells(figures)
    }

    private func rest() {
        guard let interval = options.interval, !isOver else { return }
        say(.resting)
        let end = Monotonic.now() + interval.inSeconds
        while case _ = askForReload(), !isOver, case let left = end - Monotonic.now(), left > 0 {
            Readiness.wait(for: stop.descriptor, seconds: tells == nil ? left : min(left, 30))
            tell()
        }
    }

    /// Announces what is new in a folder, remembers it, and goes on below. A folder whose listing fails is left as it was known.
    private func visit(_ folder: String, in parent: WalkTrail?) throws {
        askForReload()
        tell()
        guard !isOver else { return }
        visited += 1
        guard visited <= WalkTrail.maxFolders else {
            if visited == WalkTrail.maxFolders + 1 { fail("more than \(WalkTrail.maxFolders) folders are not looked into") }
            return
        }
        guard let (below, trail) = try look(folder, parent), options.isRecursive else { return }
        for name in below where !isOver {
            let path = folder + name + "/"
            if trail.depth + 1 < WalkTrail.maxDepth {
                try visit(path, in: trail)
            } else {
                fail("\(path) is not looked into: it is too deep")
            }
        }
    }

    /// The names of the folders in `folder`, and the way there; `nil` when it could not be listed, or leads back to a folder it lies in.
    private func look(_ folder: String, _ parent: WalkTrail?) throws -> (below: [String], trail: WalkTrail)? {
        guard let look = try list(folder, parent) else { return nil }
        var (known, listed) = (look.known, look.listed)
        for (key, entry) in listed where !entry.isFolder && !stop.isRequested {
            if look.isNew(key, entry) { try announce(folder, key, look.announced(key, entry)) }
        }
        for key in look.gone where !stop.isRequested {
            guard let entry = known.entries[key] else { continue }
            if entry.isFolder { try forget(folder + entry.name + "/") } else { try announceRemoval(folder, key, entry) }
        }
        try announcer?.finish()
        let result = look.remembered(missed: Set(open.values), confirmed: confirmed, isStopped: stop.isRequested)
        try known.replace(by: result, missing: look.missing, form: look.listing.form)
        open = [:]
        confirmed = []
        listed = listed.filter { $0.value.isFolder }
        return (listed.values.map(\.name).sorted(), WalkTrail(folder, mark: look.listing.mark, in: parent))
    }

    /// A folder that is no more, with all that was known below it.
    private func forget(_ folder: String) throws {
        let url = Location(base: options.pollURL, relpath: folder).encodedURL
        let known = try KnownFolder(url, in: home.path)
        for (key, entry) in known.entries where !stop.isRequested {
            if entry.isFolder { try forget(folder + entry.name + "/") } else { try announceRemoval(folder, key, entry) }
        }
        guard !stop.isRequested else { return }
        known.forget()
    }

    private func announce(_ folder: String, _ key: [UInt8], _ entry: ListedEntry) throws {
        var post = post(folder, entry, .file(entry.size.map { .whole(size: $0) }, options.sum))
        post.mtime = entry.modified
        try announce(post, key)
    }

    private func announceRemoval(_ folder: String, _ key: [UInt8], _ entry: ListedEntry) throws {
        guard options.remove else { return }
        try announce(post(folder, entry, .removed), key)
    }

    private func post(_ folder: String, _ entry: ListedEntry, _ event: Post.Event) -> Post {
        var post = Post(time: .now(), location: Location(base: options.url, relpath: folder + entry.name), event: event)
        post.source = options.broker.user
        post.toClusters = options.toClusters
        post.toUsers = options.toUsers
        post.flow = options.flow
        return post
    }

    private func announce(_ post: Post, _ key: [UInt8]) throws {
        guard accepts(post.location) else { return }
        do {
            let item = try Announcer.Item(post, topicPrefix: options.topicPrefix)
            open[item.line] = key
            try announcer?.announce(item)
        } catch let error as MessageError {
            fail(error.text)
        }
    }

    func accepts(_ location: Location) -> Bool {
        if case .accept = selection.decide(location.url, log, aloud: options.common.logReject) { true } else { false }
    }

    func fail(_ why: String) {
        failures += 1
        log.error(why)
    }
}

extension PollFlow: AnnouncerOwner {
    func settle(_ item: Announcer.Item, _ fate: Announcer.Fate) {
        if let fault = item.fault(fate, on: options.exchange) { return fail(fault) }
        total.done += 1
        desk.last = (item.line.split(separator: "\t").first.map(String.init) ?? "", Timestamp.now().seconds)
        output.write(item.line)
        if let key = open.removeValue(forKey: item.line) { confirmed.insert(key) }
    }

    func brokerIsAway() {
        output.flush()
        say(.notConnected)
    }

    func leave(open: Int) -> StopSignal.Leave {
        let (program, url) = (options.common.program, options.pollURL)
        return { _ in (0, "\(program): stopped while it looked at \(url); what was not announced is, at the next look") }
    }
}
