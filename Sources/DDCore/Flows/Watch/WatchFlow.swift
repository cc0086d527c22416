import Glibc

/// The way of a change in a watched tree: told or found, compared with what was announced, announced, confirmed, remembered.
///
/// Looking is the truth; what the system tells only says where to look. What is remembered of a name is what the broker has confirmed: a crash in
/// between announces again, and forgets nothing.
public final class WatchFlow: ReloadableService {
    let options: WatchOptions
    let stop: StopSignal
    let log: Log
    let maker: PostMaker
    let record: WatchRecord
    let selection: Selection
    let dirty: DirtyPaths
    let source: any ChangeSource
    private let end: EventFD
    var announcer: Announcer?
    var output = OutputLines()
    /// Said as it changes.
    public var says: ((WorkState) -> Void)?
    /// See `ReloadableService`.
    public var tells: ((FlowFigures) -> Void)?
    var desk = FiguresDesk()
    /// See `ReloadableService`.
    public var reload: (() -> Bool)?
    private var isBeingReplaced = false
    /// Whether the broker was ever reached.
    public private(set) var wasConnected = false
    private var state: WorkState?
    var tally = Tally()

    /// A name whose posts are on their way.
    struct Pending {
        let folder: String
        let name: String
        let entry: WatchRecord.Entry?
        var open = 0
        var isWhole = false
        var hasFailed = false
    }
    var pending: [Int: Pending] = [:]
    var latest: [String: Int] = [:]
    var lastTag = 0

    /// Looks of trees that were begun.
    var looks = 0
    /// How often folders are looked at that the system watches no more; `nil`: it watches all.
    var fallback: Double?
    /// What was said of trees that are not there.
    var held: Set<String> = []

    /// Seconds until a name is looked at again that could not be announced; until a file is looked at that may still be written.
    static let (again, young) = (60.0, 0.5)

    /// With which posts are signed; `nil`: they are not.
    let signingKey: [UInt8]?

    /// A run of dd_watch with `options`, which remembers in `home`. Throws when the record cannot be used.
    public init(_ options: WatchOptions, _ home: StateFolder, stop: StopSignal) throws {
        signingKey = try options.announcement.signingKey.map { try SealKeys.signing($0) }
        self.options = options
        self.stop = stop
        log = options.common.log
        selection = try Selection(options.rules)
        record = try WatchRecord(home.path + "/record")
        maker = try PostMaker(PostPlan(options.announcement, source: options.broker.user, randomize: options.randomize))
        dirty = try DirtyPaths()
        end = try EventFD()
        source = try Self.source(options, log)
        announcer = Announcer(
            BrokerSettings(options.broker, options.common), exchange: options.exchange, mandatory: options.mandatory,
            window: options.window, patience: options.common.wait.map(\.inSeconds), stop: stop, log: log, owner: self)
        maker.owner = self
    }

    /// The best that the system has for these trees.
    private static func source(_ options: WatchOptions, _ log: Log) throws(FileError) -> any ChangeSource {
        if let polling = options.polling { return NoSource("looking every \(polling.inWords)") }
        let folders = options.paths.map { path in
            var info = stat()
            return stat(path, &info) == 0 && info.st_mode & S_IFMT != S_IFDIR ? Path.folder(of: path) : path
        }
        if let path = folders.first(where: { !FileWatch.sees($0) }) {
            log.warning(
                "\(path) is on a file system that others write to: its changes are not told, force_polling says how often to look"
            )
            return NoSource("looking every \(Int(remoteInterval)) s")
        }
        if options.backend != .inotify {
            do throws(FileError) { return try FanotifySource(folders) } catch {
                guard options.backend == .auto else { throw error }
                log.info("\(error): inotify is used")
            }
        }
        do throws(FileError) { return try InotifySource() } catch {
            log.warning("\(error): everything is looked at every \(Int(remoteInterval)) s")
            return NoSource("looking every \(Int(remoteInterval)) s")
        }
    }

    /// Seconds between two looks where the system tells nothing and nobody says how often.
    static let remoteInterval = 30.0

    /// Works until a signal comes. Throws `BrokerError` when the broker refuses, and what the system says of the record.
    public func run() throws -> Tally {
        try announcer?.connect()
        wasConnected = true
        say(.connected)
        let (source, dirty, end, settle, log) = (source, dirty, end, options.settle.inSeconds, log)
        let ignored = options.ignored
        try Thread.start(for: "what changes") {
            source.read(until: end.descriptor) { Self.note($0, dirty, settle, ignored, log) }
        }
        defer { end.signal() }
        let began = Monotonic.now()
        try lookAtAll()
        if !isOver {
            try record.complete()
            let text = "\(looks) folders looked through in \(String(seconds: Monotonic.now() - began)) s"
            log.notice("\(options.paths.joined(separator: ", ")): \(text); from now on by \(source.name)")
        }
        var looked = Monotonic.now()
        while !isOver {
            let items = dirty.take(500, now: Monotonic.now())
            for item in items where !isOver { try look(at: item) }
            try touch()
            if let interval, Monotonic.now() >= looked + interval {
                try lookAtAll()
                looked = Monotonic.now()
            }
            if items.isEmpty { try rest(until: interval.map { looked + $0 }) }
            askForReload()
        }
        try leave()
        return tally
    }

    /// What a thread of its own hears of.
    private static func note(_ change: Change, _ dirty: DirtyPaths, _ settle: Double, _ ignored: [String], _ log: Log) {
        let now = Monotonic.now()
        switch change {
        case .came(let folder, let name), .went(let folder, let name), .folderCame(let folder, let name):
            if isIgnored(name, ignored) { return }
            dirty.put(.name(folder: folder, name: name), at: now + settle)
        case .renamed(let former, let path): dirty.renamed(former, to: path)
        case .lost:
            log.warning("more changed than the system could tell: everything is looked at")
            dirty.put(.all, at: now)
        }
    }

    static func isIgnored(_ name: String, _ patterns: [String]) -> Bool {
        patterns.contains { fnmatch($0, name, 0) == 0 }
    }

    /// Seconds between two looks at everything; `nil`: none but the first.
    private var interval: Double? {
        let polling = options.polling?.inSeconds ?? (source is NoSource ? Self.remoteInterval : nil)
        return [polling, fallback, held.isEmpty ? nil : Self.remoteInterval, options.rescan?.inSeconds].compactMap { $0 }.min()
    }

    func say(_ state: WorkState) {
        guard state != self.state else { return }
        self.state = state
        says?(state)
    }

    var isOver: Bool { stop.isRequested || isBeingReplaced }

    private func askForReload() {
        guard let reload, !isOver, stop.takeReload() else { return }
        isBeingReplaced = reload()
    }

    /// Serves the connection, and makes safe what was confirmed.
    func touch() throws {
        try announcer?.touch()
        tell()
        try record.commit()
    }

    private func tell() {
        guard let tells, let figures = try? desk.take(tally, now: Monotonic.now(), held: held.sorted(), count: { nil }) else {
            return
        }
        tells(figures)
    }

    private func rest(until look: Double?) throws {
        output.flush()
        tell()
        try record.commit(now: true)
        if pending.isEmpty, dirty.next == nil { dirty.forgetNames() }
        var end = [look, dirty.next, tells == nil ? nil : desk.due(tally)].compactMap { $0 }.min()
        if let touch = announcer?.touchInterval, touch >= 0 {
            end = min(end ?? .infinity, Monotonic.now() + Double(touch) / 1000)
        }
        let seconds = end.map { max(0, $0 - Monotonic.now()) }
        Readiness.wait(for: stop.descriptor, dirty.descriptor, announcer?.descriptor ?? -1, seconds: seconds)
    }

    /// What the broker takes within two seconds is not announced again at the next start.
    private func leave() throws {
        let end = Monotonic.now() + 2
        while let announcer, announcer.open > 0, Monotonic.now() < end {
            Readiness.wait(for: announcer.descriptor, seconds: 0.1)
            try announcer.touch()
        }
        if let open = announcer?.open, open > 0 { log.warning("stopped: \(open) posts were not confirmed, they come again") }
        announcer?.close()
        output.flush()
        try record.commit(now: true)
    }
}

extension Path {
    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        let folder = InotifySource.split(path).folder
        return folder.isEmpty ? "/" : folder
    }
}
