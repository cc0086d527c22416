import DequeModule

/// What waits for a thread and what has one, so that no source and no server has more than its share of the threads. Decides only.
///
/// With `count` threads by option, one source has at most `count` of them at one server, and one server at most twice as many. Where what has
/// a thread holds it for long, others are added, up to five times `count` in all; the last `count` of these are for sources that have
/// none.
struct WorkLines: Sendable {
    /// Whose job it is, and which server its bytes are at.
    struct Key: Hashable, Sendable {
        /// The account that posted it; the server where nobody is named.
        let source: String
        /// Empty: it needs none.
        let server: String

        init(_ job: Job) {
            // The base as it stands: it need not be encoded to be told from others.
            if case .file = job.post.event { server = Servers.server(of: job.post.location.base) } else { server = "" }
            source = job.post.source ?? server
        }
    }

    private struct Line: Sendable {
        var jobs = Deque<Job>()
        /// Its place in the round: that of its last turn, or, for a new line, behind all that have had theirs.
        var served: UInt64
        /// When one of its jobs ended last, or the first came.
        var moved: Double
    }

    /// Threads that the option asks for.
    let count: Int
    /// Jobs that are tried for the first time.
    private var first: [Key: Line] = [:]
    /// Those that have waited for another try: they take few turns while others wait.
    private var late: [Key: Line] = [:]
    /// The place of each source in the round; one that has been quiet comes first.
    private var servedSources: [String: UInt64] = [:]
    private var turn: UInt64 = 0
    private var lateTurn: UInt64 = 0
    /// When each job that has a thread got it, by the turn.
    private var running: [UInt64: Double] = [:]
    private var sources: [String: Int] = [:]
    private var servers: [String: Int] = [:]
    private var pairs: [Key: Int] = [:]

    /// A job that has its thread for longer holds it.
    static let patience = 1.0
    /// While others wait, a job that is late comes after so many of theirs.
    static let turnsBeforeLate: UInt64 = 32
    /// Sources that are remembered though nothing of them waits.
    private static let memory = 1_000

    init(count: Int) {
        self.count = count
    }

    /// Threads that there may be in all.
    var limit: Int { 5 * count }

    /// How many jobs that are tried for the first time wait.
    private(set) var waiting = 0

    /// Nothing waits.
    var isEmpty: Bool { first.isEmpty && late.isEmpty }

    /// Puts a job at the end of its line.
    mutating func put(_ job: Job, now: Double) {
        let key = Key(job)
        let end = 2 * turn + 1
        if servedSources.count > Self.memory { servedSources.removeAll() }
        if servedSources[key.source] == nil { servedSources[key.source] = end }
        if job.hasWaited {
            late[key, default: Line(served: end, moved: now)].jobs.append(job)
        } else {
            first[key, default: Line(served: end, moved: now)].jobs.append(job)
            waiting += 1
        }
    }

    /// The next job that may have a thread, and the turn that it is; `nil`: there is none.
    mutating func take(now: Double) -> (job: Job, turn: UInt64)? {
        let isLateNext = turn - lateTurn >= Self.turnsBeforeLate
        if isLateNext, let key = next(in: late) { return begin(key, isLate: true, now) }
        if let key = next(in: first) { return begin(key, isLate: false, now) }
        if !isLateNext, let key = next(in: late) { return begin(key, isLate: true, now) }
        return nil
    }

    /// The job that was taken in `turn` has ended.
    mutating func end(_ job: Job, _ turn: UInt64, now: Double) {
        let key = Key(job)
        running[turn] = nil
        Self.subtract(&sources, key.source)
        Self.subtract(&servers, key.server)
        Self.subtract(&pairs, key)
        first[key]?.moved = now
        late[key]?.moved = now
    }

    /// How many jobs have had their threads for long.
    func held(now: Double) -> Int { running.values.count { now - $0 > Self.patience } }

    /// Whose jobs have most of the threads, and where.
    var heaviest: Key? { pairs.max { $0.value < $1.value }?.key }

    /// Whether a job waits that may have a thread: only threads are missing.
    var isShort: Bool { next(in: first) != nil || next(in: late) != nil }

    /// Takes out all that waits.
    mutating func takeAll() -> [Job] { takeAll { _ in true } }

    /// Takes out what waits and is to be `taken`.
    mutating func takeAll(where taken: (Job) -> Bool) -> [Job] {
        var all: [Job] = []
        for key in Array(first.keys) { all += Self.take(from: &first, key, taken) }
        waiting -= all.count
        for key in Array(late.keys) { all += Self.take(from: &late, key, taken) }
        return all
    }

    /// Takes out what waits beyond `limit` jobs in lines that have not moved for `seconds`, the last ones first, and is to be `taken`.
    mutating func takeStuck(for seconds: Double, beyond limit: Int, now: Double, where taken: (Job) -> Bool) -> [Job] {
        var all: [Job] = []
        for (key, line) in first where isStuck(key, line, seconds, now) {
            all += Self.take(from: &first, key, beyond: limit, taken)
        }
        waiting -= all.count
        for (key, line) in late where isStuck(key, line, seconds, now) {
            all += Self.take(from: &late, key, beyond: limit / 8, taken)
        }
        return all
    }

    private func isStuck(_ key: Key, _ line: Line, _ seconds: Double, _ now: Double) -> Bool {
        !key.server.isEmpty && now - line.moved > seconds && !mayRun(key)
    }

    /// The line whose turn it is: of the source that was served longest ago, and of its servers.
    private func next(in lines: [Key: Line]) -> Key? {
        if lines.count == 1, let key = lines.first?.key { return mayRun(key) ? key : nil }
        var best: (key: Key, order: (UInt64, UInt64))?
        for (key, line) in lines {
            let order = (servedSources[key.source] ?? 0, line.served)
            if let best, best.order <= order { continue }
            if mayRun(key) { best = (key, order) }
        }
        return best?.key
    }

    private func mayRun(_ key: Key) -> Bool {
        let free = limit - running.count
        if !key.server.isEmpty, servers[key.server] ?? 0 >= 2 * count { return false }
        if sources[key.source] == nil { return free > 0 }
        return pairs[key] ?? 0 < count && free > count
    }

    private mutating func begin(_ key: Key, isLate: Bool, _ now: Double) -> (job: Job, turn: UInt64)? {
        turn += 1
        if isLate { lateTurn = turn }
        let served = 2 * turn + 2
        guard let job = isLate ? Self.serve(&late, key, served) : Self.serve(&first, key, served) else { return nil }
        if !isLate { waiting -= 1 }
        servedSources[key.source] = served
        running[turn] = now
        sources[key.source, default: 0] += 1
        servers[key.server, default: 0] += 1
        pairs[key, default: 0] += 1
        return (job, turn)
    }

    /// Static: a method would be called on a copy of all lines, because it is handed a part of them to change.
    private static func serve(_ lines: inout [Key: Line], _ key: Key, _ served: UInt64) -> Job? {
        guard let index = lines.index(forKey: key) else { return nil }
        let job = lines.values[index].jobs.popFirst()
        lines.values[index].served = served
        if lines.values[index].jobs.isEmpty { lines.remove(at: index) }
        return job
    }

    private static func take(
        from lines: inout [Key: Line], _ key: Key, beyond limit: Int = 0, _ taken: (Job) -> Bool
    ) -> [Job] {
        guard let index = lines.index(forKey: key) else { return [] }
        var out: [Job] = []
        var kept = Deque<Job>()
        for (place, job) in lines.values[index].jobs.enumerated() {
            if place >= limit, taken(job) { out.append(job) } else { kept.append(job) }
        }
        lines.values[index].jobs = kept
        if lines.values[index].jobs.isEmpty { lines.remove(at: index) }
        return out
    }

    private static func subtract<Name: Hashable>(_ counts: inout [Name: Int], _ name: Name) {
        guard let count = counts[name] else { return }
        counts[name] = count > 1 ? count - 1 : nil
    }
}
