import Glibc

/// How far a stream has been read to the end that it had when reading began.
struct StreamReading {
    /// The name of the stream.
    let name: String
    /// When its end was reached, on `Monotonic`; `nil`: it has not come yet.
    private(set) var caughtUp: Double?
    /// The offset of its last message.
    private let last: Int64?
    /// Whether all messages up to the last come: reading begins with the first.
    private let isWhole: Bool
    /// When something of it came last, or reading began, on `Monotonic`.
    private var heard = Monotonic.now()

    /// Seconds within which the next message must come while the end has not.
    static let patience = 10.0

    /// Reading that begins now. `last` is the offset of the last message; `nil`: the stream is empty.
    init(_ plan: QueuePlan, last: Int64?) {
        name = plan.name
        self.last = last
        isWhole = plan.streamOffset == .first
        if last == nil { caughtUp = Monotonic.now() }
    }

    /// A message of the stream came.
    mutating func came(_ offset: Int64) {
        heard = Monotonic.now()
        guard caughtUp == nil, let last, offset >= last else { return }
        caughtUp = heard
    }

    /// When the end must have come or something more before it, on `Monotonic`; `nil`: it has come, or all messages may be older than those
    /// that are asked for.
    var due: Double? { caughtUp == nil && isWhole ? heard + Self.patience : nil }

    /// Since when the program may count itself idle, on `Monotonic`: the end has come, or seems not to come because all is older than what
    /// is asked for. A busy broker takes a while to find where that begins.
    var idleSince: Double { caughtUp ?? (heard + Self.hush) }

    /// Seconds.
    private static let hush = 4.0
}
