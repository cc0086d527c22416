/// What is known of the data servers that posts point to: one that does not answer must not hold the threads that others need.
///
/// A server that gave no answer is closed: its posts wait, and one at a time tries whether it is back. Shared by the workers and the pump.
public final class Servers: Sendable {
    /// A post is not tried now, because its server does not answer; it costs the post no try.
    struct Closed: Error, CustomStringConvertible {
        /// Which server.
        let server: String
        /// Seconds until it may be tried.
        let wait: Double
        var description: String { "\(server) does not answer" }
    }

    private struct State {
        /// Whether it ever answered.
        var isKnown = false
        /// Fetches that have no answer yet.
        var silent = 0
        /// Failures without an answer since.
        var failures = 0
        /// When it may be tried again; `nil`: it is open.
        var closedUntil: Double?
        /// Seconds between tries while it is closed.
        var pause = 0.0
        var isProbed = false
    }

    private struct Book {
        var states: [String: State] = [:]
        /// The fetches without an answer: of which server, and when they began. There are no more than threads.
        var silent: [UInt64: (server: String, began: Double)] = [:]
        /// Whether any server ever answered.
        var anyKnown = false
        var next: UInt64 = 1
        var closed = 0

        /// Keeps only the servers that are being asked: more of them than anybody needs are known.
        mutating func forget() {
            states = states.filter { $0.value.silent > 0 }
            closed = states.values.count { $0.closedUntil != nil }
        }

        /// How many threads wait for an answer of a server that does not come.
        func held(_ server: String, now: Double) -> Int {
            silent.values.count { $0.server == server && now - $0.began > Servers.patience }
        }

        /// How many threads others should stand in for.
        func held(now: Double) -> Int {
            silent.values.count { server, began in
                let isStranger = anyKnown && states[server]?.isKnown != true
                return now - began > (isStranger ? Servers.patienceWithStrangers : Servers.patience)
            }
        }

        /// Notes that a fetch has its answer or its end; returns when it began, `nil`: that was noted before.
        mutating func end(_ number: UInt64) -> Double? {
            guard let fetch = silent.removeValue(forKey: number) else { return nil }
            states[fetch.server]?.silent -= 1
            return fetch.began
        }
    }

    private let book = Guarded(Book())
    private let share: Int
    private let tellsSources: Bool

    /// A fetch that has no byte after so many seconds holds its thread for nothing.
    static let patience = 1.0
    /// The same for a server that has never answered, while others do.
    static let patienceWithStrangers = 0.2
    /// Failures in a row that close a server, where they come at once.
    static let failuresToClose = 3
    /// Seconds between tries of a closed server at most.
    static let longestPause = 10.0
    private static let limit = 1_000

    /// For `workers` threads. With `tellsSources`, what is known of a server is known for each source by itself: what one of them posts
    /// there must not close it for the others.
    public init(workers: Int, tellsSources: Bool = false) {
        share = workers
        self.tellsSources = tellsSources
    }

    /// What the server of `url` is called here where posts of `source` are concerned.
    func name(of url: String, for source: String?) -> String {
        let server = Self.server(of: url)
        guard tellsSources, let source else { return server }
        return "\(server) (posted by \(source))"
    }

    /// The part of a URL that names its server: up to the path.
    static func server(of url: String) -> String {
        let text = url.utf8
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return url }
        var rest = text[text.index(after: colon)...]
        guard rest.starts(with: "//".utf8) else { return String(Substring(text[...colon])) }
        rest = rest.dropFirst(2)
        let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        return String(Substring(text[..<end]))
    }

    /// Whether any server is closed.
    var anyClosed: Bool { book.withLock { $0.closed > 0 } }

    /// Seconds until posts of a server are worth a try; `nil`: now.
    func wait(for server: String, now: Double = Monotonic.now()) -> Double? {
        book.withLock { book in
            guard let state = book.states[server], let until = state.closedUntil else { return nil }
            return state.isProbed ? max(1, state.pause) : until > now ? until - now : nil
        }
    }

    /// A fetch begins: returns its number. Throws `Closed` when it must not.
    func begin(_ server: String, now: Double = Monotonic.now()) throws(Closed) -> UInt64 {
        let result: Result<UInt64, Closed> = book.withLock { book in
            if book.states.count > Self.limit { book.forget() }
            var state = book.states[server] ?? State()
            if let until = state.closedUntil {
                guard now >= until, !state.isProbed else { return .failure(Closed(server: server, wait: max(1, until - now))) }
                state.isProbed = true
            } else if state.silent >= share, book.held(server, now: now) >= share {
                // The threads that stand in for those it holds are for others.
                return .failure(Closed(server: server, wait: Self.patience))
            }
            let number = book.next
            book.next += 1
            state.silent += 1
            book.silent[number] = (server, now)
            book.states[server] = state
            return .success(number)
        }
        return try result.get()
    }

    /// The server has answered: bytes came, or a clear word. Returns whether it was closed before.
    func answered(_ server: String, _ number: UInt64) -> Bool {
        book.withLock { book in
            _ = book.end(number)
            guard var state = book.states[server] else { return false }
            state.isKnown = true
            book.anyKnown = true
            state.failures = 0
            state.isProbed = false
            let wasClosed = state.closedUntil != nil
            if wasClosed { book.closed -= 1 }
            (state.closedUntil, state.pause) = (nil, 0)
            book.states[server] = state
            return wasClosed
        }
    }

    /// A fetch has ended without an answer. Returns whether the server was closed over this.
    func failed(_ server: String, _ number: UInt64, now: Double = Monotonic.now()) -> Bool {
        book.withLock { book in
            guard let began = book.end(number), var state = book.states[server] else { return false }
            defer { book.states[server] = state }
            state.failures += 1
            let wasOpen = state.closedUntil == nil
            guard !wasOpen || state.failures >= Self.failuresToClose || now - began > Self.patience else { return false }
            state.isProbed = false
            state.pause = min(max(1, state.pause * 2), Self.longestPause)
            state.closedUntil = now + state.pause * Double.random(in: 0.75...1.25)
            if wasOpen { book.closed += 1 }
            return wasOpen
        }
    }

    /// How many threads wait for an answer that does not come.
    func heldThreads(now: Double = Monotonic.now()) -> Int {
        book.withLock { $0.held(now: now) }
    }
}
