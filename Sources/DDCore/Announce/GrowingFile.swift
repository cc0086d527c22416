/// What is to be done about a file that somebody is writing: which blocks are complete, and when it is finished. Pure: it is told what is
/// seen, and when.
///
/// How many blocks there will be is not known, so complete ones are announced as blocks of a file with more blocks than it has now,
/// the last of which never come. When the file is finished, it is announced as any other; receivers have most of its blocks by then.
struct GrowingFile {
    /// What is to be done next.
    enum Step: Equatable {
        /// Announce these blocks of `count`; with `isFirst` as the first of a posting of their own.
        case announce(Range<Int64>, count: Int64, isFirst: Bool)
        /// Announce the file as a whole.
        case finish
        /// Nothing before that moment.
        case wait(until: Double)
    }

    /// The least number of blocks that an unfinished file is said to have.
    static let leastCount: Int64 = 64

    private let blockSize: Int64
    private let settle: Double
    private let idle: Double
    private var state: FileState
    private var changedAt: Double
    private var closedAt: Double?
    private var hasGrown = false
    private var announced: Int64 = 0
    private var count: Int64 = 0

    /// A file in `state`. It is finished when it was closed `settle` seconds ago, or last changed `idle` seconds ago.
    init(blockSize: Int64, settle: Double, idle: Double, _ state: FileState, at now: Double) {
        self.blockSize = max(blockSize, 1)
        self.settle = settle
        self.idle = idle
        self.state = state
        changedAt = now
    }

    /// The file was looked at.
    mutating func look(_ state: FileState, at now: Double) {
        guard state != self.state else { return }
        // What was announced of another file, or of one that was cut, says nothing about this one.
        if !state.continues(self.state) { restart() }
        self.state = state
        changed(at: now)
    }

    /// It was written to.
    mutating func changed(at now: Double) {
        hasGrown = true
        changedAt = now
        closedAt = nil
    }

    /// Nobody writes to it now.
    mutating func closed(at now: Double) {
        if closedAt == nil { closedAt = now }
    }

    /// Somebody has it open for writing.
    mutating func opened() { closedAt = nil }

    /// Whether it was closed and not written to since.
    var isClosed: Bool { closedAt != nil }

    /// What was announced does not count.
    mutating func restart() { (announced, count) = (0, 0) }

    /// What to do now; blocks to be announced are taken as such.
    mutating func step(at now: Double) -> Step {
        let end = min(changedAt + idle, closedAt.map { $0 + settle } ?? .infinity)
        if now >= end { return .finish }
        let complete = state.size / blockSize
        // A file that nobody has written to yet, and nobody has open, is most probably finished.
        guard complete > announced, closedAt == nil || hasGrown else { return .wait(until: end) }
        let isFirst = complete >= count
        if isFirst { count = Self.count(for: complete) }
        defer { announced = complete }
        // Those that were announced under the former count count no more.
        return .announce(isFirst ? 0..<complete : announced..<complete, count: count, isFirst: isFirst)
    }

    /// A power of two that leaves room to grow to twice the size and more.
    private static func count(for complete: Int64) -> Int64 {
        var count = leastCount
        while count < 4 * complete { count *= 2 }
        return count
    }
}
