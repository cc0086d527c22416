/// What a running process tells `status` of its work.
public struct FlowFigures: Sendable, Equatable {
    /// What was done in a span of time.
    public struct Counts: Sendable, Equatable {
        /// Messages received; for what watches and polls, changes found.
        public var received = 0
        /// Stored, sent, announced, or done in another way.
        public var done = 0
        /// Already there, or not wanted.
        public var passed = 0
        /// Ended in a report of 4xx or 5xx.
        public var failed = 0
        /// Bytes fetched.
        public var bytes: Int64 = 0

        static func - (later: Counts, earlier: Counts) -> Counts {
            var result = Counts()
            result.received = later.received - earlier.received
            result.done = later.done - earlier.done
            result.passed = later.passed - earlier.passed
            result.failed = later.failed - earlier.failed
            result.bytes = later.bytes - earlier.bytes
            return result
        }

        fileprivate static func + (one: Counts, other: Counts) -> Counts { one - (Counts() - other) }
    }

    /// A file that is in hand, or waits for another try.
    public struct Work: Sendable, Equatable {
        /// Where it was announced, decoded.
        public var url: String
        /// Since when, in seconds since 1970; of what waits: since its first try.
        public var since: Int64
        /// How often it was tried before.
        public var attempt: Int
        /// When it is tried again, in seconds since 1970; `nil`: it is in hand.
        public var until: Int64?
        /// Why it waits; `nil`: not known.
        public var why: String?
    }

    /// What the configuration expects (`deadline`, `minimum_rate`).
    public struct Expected: Sendable, Equatable {
        /// When the process began, in seconds since 1970.
        public var since: Int64
        /// Seconds within which a file is to come.
        public var deadline: Int64?
        /// Files in a minute.
        public var minimum: Int?
    }

    /// When they were told, in seconds since 1970.
    public var at: Int64
    /// Since the process began to work.
    public var total = Counts()
    /// In the last minute.
    public var minute = Counts()
    /// Posts that wait for another try, here or on the broker.
    public var waiting = 0
    /// Messages ready in the queues, as the broker counts them; `nil`: not known.
    public var queued: Int?
    /// How long after its announcement the last post came, in seconds; `nil`: none has come.
    public var lag: Double?
    /// The last file that was done, and when, in seconds since 1970.
    public var last: (path: String, at: Int64)? {
        get { lastPath.map { ($0, lastAt) } }
        set { (lastPath, lastAt) = (newValue?.path, newValue?.at ?? 0) }
    }
    private var lastPath: String?
    private var lastAt: Int64 = 0
    /// Sources whose posts wait on purpose.
    public var held: [String] = []
    /// What is in hand and what waits, the oldest 100 of each.
    public var work: [Work] = []
    /// What is to be done; `nil`: nothing was said.
    public var expected: Expected?

    /// Figures told at `at`; the rest is set afterwards.
    public init(at: Int64) { self.at = at }

    /// Of several processes of one configuration, or several brokers of one process: the sums, the longest lag, the latest file.
    public static func + (one: FlowFigures, other: FlowFigures) -> FlowFigures {
        var sum = FlowFigures(at: min(one.at, other.at))
        sum.total = one.total + other.total
        sum.minute = one.minute + other.minute
        sum.waiting = one.waiting + other.waiting
        // Processes of one configuration read one queue.
        sum.queued = [one.queued, other.queued].compactMap { $0 }.max()
        sum.lag = [one.lag, other.lag].compactMap { $0 }.max()
        sum.last = (one.last?.at ?? 0) >= (other.last?.at ?? 0) ? one.last ?? other.last : other.last
        sum.held = Set(one.held + other.held).sorted()
        sum.work = one.work + other.work
        // All processes of a configuration have the same.
        sum.expected = [one.expected, other.expected].compactMap { $0 }.min { $0.since < $1.since }
        return sum
    }
}

extension FlowFigures {
    /// On one line.
    var json: JSONValue {
        func counts(_ counts: Counts) -> JSONValue {
            .object([
                "received": .integer(Int64(counts.received)), "done": .integer(Int64(counts.done)),
                "passed": .integer(Int64(counts.passed)), "failed": .integer(Int64(counts.failed)),
                "bytes": .integer(counts.bytes),
            ])
        }
        func number(_ number: Int64?) -> JSONValue { number.map { .integer($0) } ?? .null }
        let work: [JSONMember] = [
            JSONMember("at", .integer(at)), JSONMember("total", counts(total)), JSONMember("minute", counts(minute)),
            JSONMember("waiting", .integer(Int64(waiting))), JSONMember("queued", number(queued.map { Int64($0) })),
            JSONMember("lag", lag.map { .number($0) } ?? .null),
            JSONMember("last_file", last.map { .string($0.path) } ?? .null), JSONMember("last_at", number(last?.at)),
            JSONMember("held", .array(held.map { .string($0) })),
        ]
        let wanted: [JSONMember] = [
            JSONMember("since", number(expected?.since)), JSONMember("deadline", number(expected?.deadline)),
            JSONMember("minimum_rate", number(expected?.minimum.map { Int64($0) })),
        ]
        return .object(work + wanted + [JSONMember("work", .array(self.work.map(\.json)))])
    }

    /// What `json` has written; `nil` when it is something else.
    init?(_ json: JSONValue) {
        guard let at = json["at"]?.integer, let total = Counts(json["total"]), let minute = Counts(json["minute"]) else {
            return nil
        }
        self.init(at: at)
        (self.total, self.minute) = (total, minute)
        waiting = json["waiting"]?.integer.map { Int($0) } ?? 0
        queued = json["queued"]?.integer.map { Int($0) }
        if case .number(let number)? = json["lag"] { lag = number }
        if let path = json["last_file"]?.string, let at = json["last_at"]?.integer { last = (path, at) }
        held = json["held"]?.array?.compactMap(\.string) ?? []
        work = json["work"]?.array?.compactMap(Work.init) ?? []
        expected = json["since"]?.integer.map {
            Expected(since: $0, deadline: json["deadline"]?.integer, minimum: json["minimum_rate"]?.integer.map { Int($0) })
        }
    }
}

extension FlowFigures.Work {
    fileprivate var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("url", .string(url)), JSONMember("since", .integer(since)),
            JSONMember("attempt", .integer(Int64(attempt))),
        ]
        if let until { members.append(JSONMember("until", .integer(until))) }
        if let why { members.append(JSONMember("why", .string(why))) }
        return .object(members)
    }

    fileprivate init?(_ json: JSONValue) {
        guard let url = json["url"]?.string, let since = json["since"]?.integer, let attempt = json["attempt"]?.integer else {
            return nil
        }
        self.init(
            url: url, since: since, attempt: Int(attempt), until: json["until"]?.integer, why: json["why"]?.string)
    }
}

extension FlowFigures.Counts {
    fileprivate init?(_ json: JSONValue?) {
        guard let json, let received = json["received"]?.integer else { return nil }
        self.received = Int(received)
        done = Int(json["done"]?.integer ?? 0)
        passed = Int(json["passed"]?.integer ?? 0)
        failed = Int(json["failed"]?.integer ?? 0)
        bytes = json["bytes"]?.integer ?? 0
    }

    fileprivate init(_ tally: Tally) {
        (received, done, passed, failed, bytes) = (tally.received, tally.done, tally.passed, tally.failed, tally.bytes)
    }
}

/// Decides when figures are told, and remembers those of the last minute. For one thread.
struct FiguresDesk {
    /// Seconds between two tellings while something happens, and while nothing does: who has told nothing for much longer hangs.
    private static let (busy, quiet) = (5.0, 60.0)
    /// Seconds between two counts of the broker.
    private static let counting = 10.0

    /// The last file that was done, and when.
    var last: (path: String, at: Int64)?
    /// How long after its announcement the last post came, in seconds.
    var lag: Double?
    /// What is in hand and what waits.
    var ledger = WorkLedger()
    private var told = -Double.infinity
    private var counted = -Double.infinity
    private var queued: Int?
    private var seen = FlowFigures.Counts()
    private var samples: [(at: Double, counts: FlowFigures.Counts)] = []

    /// When figures are due, on `Monotonic`.
    func due(_ tally: Tally) -> Double { told + (FlowFigures.Counts(tally) == seen && !ledger.isNews ? Self.quiet : Self.busy) }

    /// The figures at `now`, when they are due; `count` asks the broker how many messages are ready, which is done now and then.
    mutating func take(
        _ tally: Tally, now: Double, held: [String], count: () throws(BrokerError) -> Int?
    ) throws(BrokerError) -> FlowFigures? {
        guard now >= due(tally) else { return nil }
        told = now
        seen = FlowFigures.Counts(tally)
        samples.removeAll { now - $0.at > 60 }
        samples.append((now, seen))
        if now - counted >= Self.counting {
            counted = now
            queued = try count()
        }
        var figures = FlowFigures(at: Timestamp.now().seconds)
        figures.total = seen
        figures.minute = seen - (samples.first?.counts ?? FlowFigures.Counts())
        figures.waiting = tally.waiting
        (figures.queued, figures.lag, figures.last, figures.held) = (queued, lag, last, held)
        figures.work = ledger.tell(now: figures.at)
        return figures
    }
}
