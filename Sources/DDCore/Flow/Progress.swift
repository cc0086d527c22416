import Glibc

/// One line on a terminal that shows how far a transfer is; nothing where standard error is no terminal.
public final class Progress {
    private let isShown: Bool
    private let began = Monotonic.now()
    private var last = 0.0
    private var shown = Tally()

    /// A line that is drawn when `isShown` and standard error is a terminal.
    public init(isShown: Bool) {
        self.isShown = isShown && isatty(2) == 1
    }

    /// Draws the line, at most five times a second.
    public func show(_ tally: Tally) {
        guard isShown else { return }
        shown = tally
        let now = Monotonic.now()
        guard now - last >= 0.2 else { return }
        last = now
        draw(tally, end: "\r")
    }

    /// Draws it a last time and ends the line.
    public func finish() {
        if isShown && last > 0 { draw(shown, end: "\n") }
    }

    private func draw(_ tally: Tally, end: String) {
        let seconds = max(Monotonic.now() - began, 0.001)
        let rate = Int(Double(tally.bytes) / seconds / 1024)
        let text =
            "\(tally.done) files, \(tally.bytes >> 10) KiB, \(rate) KiB/s, \(tally.passed) as they were, \(tally.failed) failed"
        let line = Array("\r\u{1B}[K\(text)\(end)".utf8)
        _ = write(2, line, line.count)
    }
}
