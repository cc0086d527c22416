import Synchronization

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
        /// When each fetch without an answer began, by its number.
        var silent: [UInt64: Double] = [:]
        /// When it last answered.
        var answered: Double
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
        var next: UInt64 = 1
        var closed = 0

        /// Keeps only the servers that are being asked: more of them than anybody needs are known.
        mutating func forget() {
            states = states.filter { !$0.value.silent.isEmpty }
            closed = states.values.count { $0.closedUntil != nil }
        }
    }

    private let book = Mutex(Book())
    private let share: Int

    /// A fetch that has no byte after so many seconds holds its thread for nothing.
    static let patience = 2.0
    /// Failures in a row that close a server, where they come at once.
    static let failuresToClose = 3
    /// Seconds between tries of a closed server at most.
    static let longestPause = 10.0
    private static let limit = 1_000

    /// For `workers` threads.
    public init(workers: Int) {
        share = max(1, workers / 2)
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
            var state = book.states[server] ?? State(answered: now)
            if let until = state.closedUntil {
                guard now >= until, !state.isProbed else { return .failure(Closed(server: server, wait: max(1, until - now))) }
                state.isProbed = true
            } else if state.silent.count >= share, now - state.answered > Self.patience {
                return .failure(Closed(server: server, wait: Self.patience))
            } else if state.silent.isEmpty {
                // Silence counts from the first question, not from the last answer long ago.
                state.answered = now
            }
            let number = book.next
            book.next += 1
            state.silent[number] = now
            book.states[server] = state
            return .success(number)
        }
        return try result.get()
    }

    /// The server has answered: bytes came, or a clear word. Returns whether it was closed before.
    func answered(_ server: String, _ number: UInt64, now: Double = Monotonic.now()) -> Bool {
        book.withLock { book in
            guard var state = book.states[server] else { return false }
            state.silent[number] = nil
            state.answered = now
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
            guard var state = book.states[server], let began = state.silent.removeValue(forKey: number) else { return false }
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
        book.withLock { book in
            book.states.values.reduce(0) { $0 + $1.silent.values.count { now - $0 > Self.patience } }
        }
    }
}
