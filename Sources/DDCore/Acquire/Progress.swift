import Glibc

/// One line on a terminal that shows how far a transfer is; nothing where standard error is no terminal.
///
/// It is drawn five times a second by a thread of its own, so that it moves while a file is under way and is right when nothing is.
public final class Progress: Sendable {
    /// Whether there is a line at all.
    public let isShown: Bool
    private let state: Guarded<State>

    private struct State {
        /// By the pump that counts.
        var tallies: [Int: Tally] = [:]
        var tally: Tally { tallies.values.reduce(Tally(), +) }
        /// Bytes that have come, also of files that are not whole yet.
        var bytes: Int64 = 0
        var meter = RateMeter()
        let began = Monotonic.now()
        var isDrawn = false
        var isOver = false
    }

    /// Microseconds between two drawings.
    private static let interval: UInt32 = 200_000

    /// A line that is drawn when `isShown` and standard error is a terminal.
    public init(isShown: Bool) throws(ProcessError) {
        self.isShown = isShown && isatty(2) == 1
        state = Guarded(State())
        guard self.isShown else { return }
        try Thread.start(for: "the progress line") { [state] in
            while Self.redraw(state) { usleep(Self.interval) }
        }
    }

    /// What is done so far, by one of several pumps.
    public func show(_ tally: Tally, by pump: Int = 0) {
        guard isShown else { return }
        state.withLock { $0.tallies[pump] = tally }
    }

    /// So many bytes more have come. Any thread may call it.
    public func arrived(_ count: Int) {
        guard isShown else { return }
        state.withLock { $0.bytes += Int64(count) }
    }

    /// Draws it a last time and ends the line.
    public func finish() {
        guard isShown else { return }
        state.withLock { state in
            state.isOver = true
            guard state.isDrawn else { return }
            let seconds = Int((Monotonic.now() - state.began).rounded())
            StatusLine.end(Self.text(state.tally, bytes: state.bytes, "in \(seconds) s"))
        }
    }

    /// False when it is over. Nothing is drawn before there is something to tell.
    private static func redraw(_ state: Guarded<State>) -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            guard state.tally.received > 0 || state.bytes > 0 || state.tally.done + state.tally.passed > 0 else { return true }
            state.isDrawn = true
            let rate = state.meter.rate(of: state.bytes, at: Monotonic.now())
            StatusLine.draw(text(state.tally, bytes: state.bytes, "\(amount(Int64(rate)))/s"))
            return true
        }
    }

    /// `3 files, 12.4 MiB, 2.1 MiB/s`, and what else there is.
    static func text(_ tally: Tally, bytes: Int64, _ pace: String) -> String {
        var parts = ["\(tally.files) \(tally.files == 1 ? "file" : "files")", amount(bytes), pace]
        if tally.unchanged > 0 { parts.append("\(tally.unchanged) unchanged") }
        if tally.waiting > 0 { parts.append("\(tally.waiting) to be tried again") }
        if tally.failed > 0 { parts.append("\(tally.failed) failed") }
        return parts.joined(separator: ", ")
    }

    /// Bytes with a unit and one decimal.
    static func amount(_ bytes: Int64) -> String {
        var (value, unit) = (Double(bytes), "B")
        for larger in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 { (value, unit) = (value / 1024, larger) }
        return unit == "B" ? "\(bytes) B" : "\(String(seconds: value)) \(unit)"
    }
}

/// Bytes per second over the last few seconds.
struct RateMeter {
    private var samples: [(time: Double, bytes: Int64)] = []
    /// Seconds that are looked back.
    private static let span = 3.0

    /// The rate when there are `bytes` at `time`.
    mutating func rate(of bytes: Int64, at time: Double) -> Double {
        samples.append((time, bytes))
        while samples.count > 2, samples[0].time < time - Self.span { samples.removeFirst() }
        guard let first = samples.first, time > first.time else { return 0 }
        return Double(bytes - first.bytes) / (time - first.time)
    }
}

/// A fetcher that tells how many bytes have come, as they come.
public final class CountedFetcher: Fetcher {
    private let fetcher: any Fetcher
    private let arrived: (Int) -> Void

    /// Tells `arrived` of each piece that `fetcher` brings.
    public init(_ fetcher: any Fetcher, arrived: @escaping (Int) -> Void) {
        self.fetcher = fetcher
        self.arrived = arrived
    }

    /// See `Fetcher`.
    public func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
        try fetcher.fetch(request) { bytes in
            arrived(bytes.count)
            try sink(bytes)
        }
    }
}
