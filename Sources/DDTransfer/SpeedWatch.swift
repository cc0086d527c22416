import DDCore

/// Ends transfers that are too slow, also those that have not begun to send: over each span of time a number of bytes has to come.
///
/// The time that we take ourselves to write what came does not count.
final class SpeedWatch {
    private let limit: Int64
    private let span: Double
    private var start = 0.0
    private var bytes: Int64 = 0

    /// At least `limit` bytes per second over `span` seconds.
    init(limit: Int64, span: Double) {
        self.limit = limit
        self.span = span
    }

    /// A transfer begins.
    func begin(at now: Double) {
        (start, bytes) = (now, 0)
    }

    /// Runs what is not the server's fault, however long it takes.
    func outside<Result>(_ body: () -> Result) -> Result {
        let before = Monotonic.now()
        defer { start += Monotonic.now() - before }
        return body()
    }

    /// Why the transfer has to end now that `received` bytes have come in all; `nil` when it may go on.
    func fault(after received: Int64, at now: Double) -> String? {
        guard now - start >= span else { return nil }
        defer { (start, bytes) = (now, received) }
        // A new connection within one transfer counts its bytes anew.
        let came = received < bytes ? received : received - bytes
        guard came == 0 || Double(came) < Double(limit) * (now - start) else { return nil }
        return came == 0 ? "nothing came for \(Int(span)) s" : "only \(came) bytes came in \(Int(span)) s"
    }
}
