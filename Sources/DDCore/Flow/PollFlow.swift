import Glibc

/// The way of a file of a server that cannot post: listed, found new or changed, announced, confirmed, remembered.
///
/// What is remembered of a folder is written when all that was to be announced of it is confirmed: a crash in between announces again, and
/// forgets nothing.
public final class PollFlow {
    private let options: PollOptions
    private let lister: FolderLister
    private let selection: Selection
    private let stop: StopSignal
    private let log: Log
    private let home: String
    private var announcer: Announcer?
    private var output = OutputLines()
    private var failures = 0
    /// The entries of the folder at hand that wait for their confirmation, by the line that is printed then.
    private var open: [String: [UInt8]] = [:]
    private var confirmed: Set<[UInt8]> = []

    /// Folders in folders that are looked into: an index can lead around in a ring.
    static let maxDepth = 64

    /// A run of dd_poll with `options`.
    public init(_ options: PollOptions, lister: FolderLister, stop: StopSignal) throws {
        self.options = options
        self.lister = lister
        self.stop = stop
        log = options.common.log
        selection = try Selection(options.rules)
        let name = (options.common.configuration ?? "none").replacing("/", with: "_")
        home = "\(options.common.stateHome)/dd_poll/\(name)"
        announcer = Announcer(
            BrokerSettings(options.broker, options.common), exchange: options.exchange, mandatory: options.mandatory,
            window: options.window, patience: options.common.wait.map(\.inSeconds), stop: stop, log: log
        ) { [unowned self] item, fate in settle(item, fate) }
    }

    /// Looks at intervals until a signal comes, or once. The exit status is that of the last look; one that was ended is no failure.
    public func run() throws -> Int32 {
        repeat {
            failures = 0
            try visit("", depth: 0)
            output.flush()
            // Nothing is to be said until the next look.
            announcer?.close()
            rest()
        } while !stop.isRequested && options.interval != nil
        return failures == 0 || stop.isRequested ? ExitStatus.done : ExitStatus.failed
    }

    private func rest() {
        guard let interval = options.interval, !stop.isRequested else { return }
        let end = Monotonic.now() + interval.inSeconds
        while !stop.isRequested, case let left = end - Monotonic.now(), left > 0 {
            var polled = pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, Int32(min(left, 1_000_000) * 1000) + 1)
        }
    }

    /// Announces what is new in a folder, remembers it, and goes on below. A folder whose listing fails is left as it was known.
    private func visit(_ folder: String, depth: Int) throws {
        guard let below = try look(folder) else { return }
        guard options.isRecursive else { return }
        for name in below where !stop.isRequested {
            let path = folder + name + "/"
            if depth + 1 < Self.maxDepth {
                try visit(path, depth: depth + 1)
            } else {
                fail("\(path) is not looked into: it is too deep")
            }
        }
    }

    /// The names of the folders in `folder`; `nil` when it could not be listed.
    private func look(_ folder: String) throws -> [String]? {
        var listed: [[UInt8]: ListedEntry] = [:]
        let url = Location(base: options.pollURL, relpath: folder).encodedURL
        do {
            try lister.list(url, problem: fail) { listed[Array($0.name.utf8)] = $0 }
        } catch {
            fail("\(error)")
            return nil
        }
        var known = try KnownFolder(url, in: home)
        for (key, entry) in listed where !entry.isFolder && !stop.isRequested {
            if known.entries[key].map({ entry.differs(from: $0) }) ?? true { try announce(folder, key, entry) }
        }
        for (key, entry) in known.entries where listed[key] == nil && !stop.isRequested {
            if entry.isFolder { try forget(folder + entry.name + "/") } else { try announceRemoval(folder, key, entry) }
        }
        try announcer?.finish()
        try known.replace(by: remembered(known.entries, listed))
        open = [:]
        confirmed = []
        return listed.values.filter(\.isFolder).map(\.name).sorted()
    }

    /// What is known now: what was listed, but for changes that nobody has taken, which are tried again at the next look.
    private func remembered(_ before: [[UInt8]: ListedEntry], _ listed: [[UInt8]: ListedEntry]) -> [[UInt8]: ListedEntry] {
        let missed = Set(open.values)
        var result: [[UInt8]: ListedEntry] = [:]
        for (key, entry) in listed {
            let earlier = before[key]
            if missed.contains(key) {
                result[key] = earlier
            } else if let earlier, !entry.differs(from: earlier) {
                // The earlier one may say the time more exactly.
                result[key] = earlier
            } else if entry.isFolder || confirmed.contains(key) || !stop.isRequested {
                result[key] = entry
            } else {
                result[key] = earlier
            }
        }
        for (key, entry) in before where listed[key] == nil && !entry.isFolder {
            if missed.contains(key) || (stop.isRequested && !confirmed.contains(key)) { result[key] = entry }
        }
        return result
    }

    /// A folder that is no more, with all that was known below it.
    private func forget(_ folder: String) throws {
        let url = Location(base: options.pollURL, relpath: folder).encodedURL
        let known = try KnownFolder(url, in: home)
        for (key, entry) in known.entries where !stop.isRequested {
            if entry.isFolder { try forget(folder + entry.name + "/") } else { try announceRemoval(folder, key, entry) }
        }
        guard !stop.isRequested else { return }
        known.forget()
    }

    private func announce(_ folder: String, _ key: [UInt8], _ entry: ListedEntry) throws {
        var post = post(folder, entry, .file(entry.size.map { .whole(size: $0) }, options.sum))
        // A day, or a server's own time zone, is worse than no time.
        if entry.step <= 60, options.pollURL.lowercased().utf8.starts(with: "http".utf8) { post.mtime = entry.modified }
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
        post.flow = options.flow
        return post
    }

    private func announce(_ post: Post, _ key: [UInt8]) throws {
        guard case .accept = selection.decide(post.location.url) else { return }
        do {
            let message = try PostCodec.encode(post, topicPrefix: options.topicPrefix)
            let line = "\(post.location.encodedURL)\t\(message.headers["parts"] ?? "")\t\(message.headers["sum"] ?? "")\n"
            open[line] = key
            try announcer?.announce(Announcer.Item(message: message, line: line))
        } catch let error as MessageError {
            fail(error.text)
        }
    }

    private func settle(_ item: Announcer.Item, _ fate: Announcer.Fate) {
        switch fate {
        case .confirmed:
            output.write(item.line)
            if let key = open.removeValue(forKey: item.line) { confirmed.insert(key) }
        case .unroutable(let reason):
            fail(
                "no queue takes \(item.line.prefix { $0 != "\t" }) (\(reason)): nobody on \(options.exchange) is subscribed to \(item.message.topic)"
            )
        }
    }

    private func fail(_ why: String) {
        failures += 1
        log.error(why)
    }
}
