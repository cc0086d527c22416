import Glibc

/// The way of a file to the broker: found, summed, announced, confirmed.
public final class PostFlow {
    private let options: PostOptions
    private let stop: StopSignal
    private let log: Log
    let maker: PostMaker
    private var announcer: Announcer?
    private var output = OutputLines()
    private var failures = 0
    private var read = 0
    private var confirmed = 0
    private let selection: Selection
    /// With which posts are signed; `nil`: they are not.
    private let signingKey: [UInt8]?
    /// Posts that the rules leave out.
    private var left = 0

    /// A run of dd_post with `options`.
    public init(_ options: PostOptions, stop: StopSignal) throws {
        self.options = options
        self.stop = stop
        log = options.common.log
        if let warning = options.pathWarning { log.warning("\(warning)") }
        selection = try Selection(options.rules)
        signingKey = try options.announcement.signingKey.map { try SealKeys.signing($0) }
        maker = try PostMaker(PostPlan(options))
        maker.owner = self
        guard !options.dryRun else { return }
        let settings = BrokerSettings(options.broker, options.common)
        announcer = Announcer(
            settings, exchange: options.exchange, mandatory: options.mandatory, window: options.window,
            patience: options.common.wait.map(\.inSeconds), stop: stop, log: log, owner: self)
    }

    /// Posts everything asked for and returns the exit status.
    public func run() throws -> Int32 {
        defer { output.flush() }
        do {
            try postAll()
            try announcer?.finish()
            announcer?.close()
        } catch let error as BrokerError {
            output.flush()
            log.error("\(error); \(read - confirmed) of \(read) posts read so far were not confirmed")
            return stop.number.map { ExitStatus.signal($0) } ?? error.exitStatus
        }
        if let signal = stop.number {
            log.error(
                "stopped by signal \(signal): \(read - confirmed) posts read so far were not confirmed, what was not read was not posted"
            )
            return ExitStatus.signal(signal)
        }
        output.flush()
        if left > 0 { log.notice("\(left) posts are left out by accept and reject lines (log_level debug names them)") }
        if let failure = output.failure { fail("\(failure): not all lines of what was posted are there") }
        return failures == 0 ? ExitStatus.done : ExitStatus.failed
    }

    private func postAll() throws {
        let paths = options.paths.isEmpty ? [try options.announcement.fileOfURL()] : options.paths
        if let growing = options.growing { return try follow(paths.map { Path.absolute($0) }, growing) }
        for path in paths where !isDone {
            if path == "-" { try postList() } else { try post(path: Path.absolute(path)) }
        }
    }

    /// Paths from standard input, each posted as it comes.
    private func postList() throws {
        let separator: UInt8 = options.isNullSeparated ? 0 : 0x0a
        let list = PathList(descriptor: 0, separator: separator)
        while !stop.isRequested {
            switch list.next() {
            case .path(let bytes):
                guard let path = String(validating: bytes, as: UTF8.self) else {
                    fail("a path on standard input is not UTF-8 and cannot be announced")
                    continue
                }
                try post(path: Path.absolute(path))
            case .wait:
                try announcer?.touch()
                output.flush()
                wait(for: 0)
            case .end:
                return
            case .failed(let why):
                fail("cannot read the list on standard input: \(why)")
                return
            }
        }
    }

    /// Waits and lets the lines of what was confirmed be seen before; false: to stop.
    func rest(_ descriptor: Int32, until end: Double) throws -> Bool {
        try announcer?.touch()
        output.flush()
        wait(for: descriptor, seconds: max(0, end - Monotonic.now()))
        try announcer?.touch()
        return !isDone
    }

    /// Waits until there is something to read, the broker says something, or a signal comes.
    private func wait(for descriptor: Int32, seconds: Double = .infinity) {
        var polled = [descriptor, announcer?.descriptor ?? -1, stop.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let touch = announcer?.touchInterval ?? -1
        // Rounded up: woken too early it would only wait again.
        let limit = seconds < 2_000_000 ? Int32(seconds * 1000) + 1 : -1
        poll(&polled, nfds_t(polled.count), limit < 0 || touch < 0 ? max(limit, touch) : min(limit, touch))
    }

    private func post(path: String) throws {
        guard try isPostable(path) else { return }
        if options.remove, access(path, F_OK) != 0, errno == ENOENT, LinkTarget.read(AT_FDCWD, path).isEmpty {
            try announce(maker.post(ofRemoved: path))
            return
        }
        let root = options.announcement.documentRoot
        try FileWalker.walk(path) { found in
            switch found {
            case .entry(let path, let info):
                try attempt {
                    try maker.posts(ofEntry: path, info) { post in
                        try announce(post)
                        return !isDone
                    }
                }
            case .emptyDirectory(let path, let info) where path != root: try announce(maker.post(ofDirectory: path, info))
            case .emptyDirectory: break
            case .problem(let error): fail(error.description)
            }
            return !isDone
        }
    }

    /// Whether a path can be said to subscribers; what cannot is said here. Throws when it is not below the document root.
    func isPostable(_ path: String) throws -> Bool {
        let root = options.announcement.documentRoot
        guard root == "/" || path.utf8.elementsEqual(root.utf8) || path.utf8.starts(with: (root + "/").utf8) else {
            throw ConfigError(.usage, "\(path) is not below the document root \(root); see option document_root")
        }
        guard FileWalker.announceable(Array(path.utf8)) != nil else {
            fail("'\(Redaction.masked(path))' cannot be announced: it has control characters")
            return false
        }
        return true
    }

    /// A signal came; or only the lines were wanted, and nobody reads them any more.
    var isDone: Bool { stop.isRequested || options.dryRun && output.isClosed }

    /// Runs `body`; a file that cannot be posted is said and counted, and the others go on.
    func attempt(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as FileError {
            fail(error.description)
        } catch let error as MessageError {
            fail(error.text)
        }
    }

    func announce(_ post: Post) throws {
        guard case .accept = selection.decide(post.location.url, log, aloud: options.common.logReject) else { return left += 1 }
        let item = try Announcer.Item(post, topicPrefix: options.announcement.topicPrefix, signingKey: signingKey)
        read += 1
        guard let announcer else { return settle(item, .confirmed) }
        try announcer.announce(item)
        if options.reconnect {
            try announcer.finish()
            announcer.close()
        }
    }

    func fail(_ why: String) {
        failures += 1
        log.error(why)
    }
}

extension PostFlow: AnnouncerOwner, PostMakerOwner {
    func settle(_ item: Announcer.Item, _ fate: Announcer.Fate) {
        confirmed += 1
        if let fault = item.fault(fate, on: options.exchange) { fail(fault) } else { output.write(item.line) }
    }

    func brokerIsAway() { output.flush() }

    func leave(open: Int) -> StopSignal.Leave {
        let program = log.program
        return { (128 + $0, "\(program): stopped while connecting: \(open) posts read so far were not confirmed") }
    }

    func serve(_ descriptor: Int32?) throws -> Bool {
        if let descriptor { wait(for: descriptor) }
        try announcer?.touch()
        return !isDone
    }
}
