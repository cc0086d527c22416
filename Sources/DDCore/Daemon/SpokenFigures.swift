/// Says in the log now and then what was done since the last time (`log_figures`).
final class SpokenFigures {
    private let interval: Double
    private let log: Log
    private var said = Monotonic.now()
    private var before = FlowFigures.Counts()

    /// Figures that are logged every `interval`. They come at most every five seconds, and once a minute while nothing happens.
    init(_ interval: Duration, _ log: Log) { (self.interval, self.log) = (interval.inSeconds, log) }

    func tells(_ figures: FlowFigures) {
        let now = Monotonic.now()
        guard now - said >= interval else { return }
        let counts = figures.total - before
        let queue = figures.queued.map { ", \($0) in the queue" } ?? ""
        let lag = figures.lag.map { ", lag \(String(seconds: $0)) s" } ?? ""
        log.notice(
            "in \(String(seconds: now - said)) s: \(counts.received) received, \(counts.done) done, \(counts.passed) passed over, "
                + "\(counts.failed) failed, \(Progress.amount(counts.bytes)); \(figures.waiting) wait for another try\(queue)\(lag)"
        )
        (said, before) = (now, figures.total)
    }
}
