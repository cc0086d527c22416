/// A message that a flow wants published.
public struct Outgoing: Sendable {
    /// Which connection carries it.
    public enum Lane: Int, Sendable, CaseIterable {
        /// Announcements: the broker that the flow publishes to.
        case announcements
        /// Reports: the broker that the post came from.
        case reports
        /// Posts that are to be tried again: the broker they came from.
        case retries
    }

    /// Which connection carries it.
    public let lane: Lane
    /// Where it is published.
    public let exchange: String
    /// What is published.
    public let message: WireMessage
    /// What becomes of it when there is no such exchange.
    public let ifMissing: Missing
    /// A queue has refused it once, and it is published again.
    var isRepeated = false

    /// What becomes of a message for an exchange that is not there. To publish it would close the channel.
    public enum Missing: Sendable, Equatable {
        /// The exchange is known to be there: nobody asks.
        case isThere
        /// It is left out, that is said, and the rest goes on.
        case leaveOut
        /// It goes to this one, which may be missing as well.
        case publish(to: String)
        /// It waits until the exchange is there, that is said, and the rest goes on.
        case wait
    }

    /// The same for the same exchange, shortened: a report of which only its own headers are left, so that it fits where the whole does not.
    /// `nil` when nothing is left out.
    var shortened: Outgoing? {
        var short = message
        for (name, value) in message.headers.fields {
            let isOwn = ["source", "from_cluster", "message", "sum", "parts", Report.reasonHeader].contains(name)
            if !isOwn || value.utf8.count > 512 { short.headers[name] = nil }
        }
        guard short.headers.fields.count < message.headers.fields.count else { return nil }
        return Outgoing(short, to: exchange, lane: lane, ifMissing: ifMissing)
    }

    /// Puts it together.
    public init(_ message: WireMessage, to exchange: String, lane: Lane, ifMissing: Missing = .isThere) {
        self.message = message
        self.exchange = exchange
        self.lane = lane
        self.ifMissing = ifMissing
    }
}

/// What a flow made of one delivery: what is to be announced, then reported, and whether it is dealt with.
///
/// The pump carries it out in the order that loses nothing: announcements confirmed, reports confirmed, bytes safe on disk,
/// delivery acknowledged.
public struct Outcome: Sendable {
    /// For the counts and the exit status.
    public enum Result: Sendable {
        /// Stored, or done in another way.
        case done
        /// Already there, or not wanted by this configuration.
        case passed
        /// Ended in a report of 4xx or 5xx.
        case failed
    }

    /// For the counts and the exit status.
    public var result: Result
    /// Announcements, published first.
    public var announcements: [Outgoing] = []
    /// Reports, published when the announcements are confirmed.
    public var reports: [Outgoing] = []
    /// A directory below which something was changed: its file system is synced before the acknowledgement. `nil`: nothing was written.
    public var touchedRoot: HeldDirectory?
    /// Bytes fetched.
    public var bytes: Int64 = 0
    /// Not dealt with: try again after so many seconds. Nothing else is published then.
    public var retryAfter: Double?
    /// Why, for the log, which adds when.
    public var retryReason: String?
    /// It was not even tried: that does not count as a try.
    public var isPostponed = false
    /// Not dealt with, and the file may be at its place all the same.
    public var mayBeStored = false

    /// It is about a block with which its file is not settled.
    public var isWithinFile = false

    /// An outcome; the rest is set afterwards.
    public init(_ result: Result) {
        self.result = result
    }

    /// What became of a file by its last block is added to what became of the block.
    mutating func add(_ file: Status, _ log: Log, _ path: String) {
        if file.isFailure {
            log.error("\(path): \(file.code) \(file.message)")
            result = .failed
        } else {
            log.info("\(file.code) \(file.message)", ["path": path])
        }
    }

    /// Try again later, because of what `reason` says.
    public static func again(after seconds: Double, because reason: String? = nil) -> Outcome {
        var outcome = Outcome(.failed)
        outcome.retryAfter = seconds
        outcome.retryReason = reason
        return outcome
    }

    /// Try later: it has not been tried now.
    public static func postponed(_ seconds: Double) -> Outcome {
        var outcome = again(after: seconds)
        outcome.isPostponed = true
        return outcome
    }
}

/// What an intake makes of a delivery.
public enum Consideration: Sendable {
    /// A worker is to do it.
    case work(Job)
    /// It is dealt with but for what is to be published.
    case settled(Outcome)
    /// A worker is to do it, but not before so many seconds have passed.
    case later(Job, Double)
    /// Its queue goes at a limited pace: it is considered again after so many seconds, before what comes after it in that queue.
    case wait(Double)
    /// Its queue is not wanted any more (`Intake.queues`): it is put back.
    case requeue
}

/// Reads deliveries on the pump's thread: decodes, selects, refuses. Quick, and never waits.
public protocol Intake: AnyObject {
    /// What is to be done with a delivery.
    func consider(_ delivery: Delivery) -> Consideration

    /// A connection stands, nothing of an earlier one is in hand any more. `wake` makes the pump look at `queueVersion` again and may be
    /// called from any thread.
    func connected(wake: @escaping @Sendable () -> Void)

    /// All that was in the control stream when the connection was made has been considered.
    func caughtUp()

    /// Grows when `queues` has changed.
    var queueVersion: Int { get }

    /// The queues to be consumed now beside those of the settings.
    func queues() -> [WantedQueue]

    /// A worker is done with a job, at least for now.
    func finished(_ job: Job)

    /// A job is sent to the broker to wait there for another try.
    func waitsOnBroker(_ job: Job)

    /// What is published when the job succeeds, as far as it is known before; `nil`: nothing that could be too large.
    func announcement(of job: Job) -> Outgoing?

    /// The outcome of a job that is not begun, because what is to be announced of it cannot be sent.
    func refuse(_ job: Job, _ why: String) -> Outcome

    /// What is reported instead of a message that cannot be sent.
    func reports(insteadOf outgoing: Outgoing, _ why: String) -> [Outgoing]

    /// Names of queues to be shown on the broker while something is held on purpose, as `queues` was asked last.
    func holds() -> Set<String>

    /// Sources whose posts wait on purpose, for the status.
    var held: [String] { get }

    /// What is to be published that belongs to no delivery, taken out.
    func takeNotices() -> [Outgoing]

    /// All that was wanted has come: the program ends when nothing is in hand any more.
    var isSatisfied: Bool { get }
}

/// A queue that is to be consumed.
public struct WantedQueue: Sendable {
    /// How it is made and bound where it is not there.
    public let plan: QueuePlan
    /// The program ends when it cannot be had; otherwise that is said, and the others go on.
    public let isRequired: Bool
}

extension Intake {
    /// Nothing is to be remembered.
    public func connected(wake: @escaping @Sendable () -> Void) {}
    /// There is no control stream.
    public func caughtUp() {}
    /// The queues are those of the settings.
    public var queueVersion: Int { 0 }
    /// None.
    public func queues() -> [WantedQueue] { [] }
    /// Nothing is counted.
    public func finished(_ job: Job) {}
    /// Nothing is counted.
    public func waitsOnBroker(_ job: Job) {}
    /// Nothing is announced.
    public func announcement(of job: Job) -> Outgoing? { nil }
    /// Nobody is told but the log.
    public func refuse(_ job: Job, _ why: String) -> Outcome { Outcome(.failed) }
    /// Nobody is told but the log.
    public func reports(insteadOf outgoing: Outgoing, _ why: String) -> [Outgoing] { [] }
    /// Nothing is held.
    public func holds() -> Set<String> { [] }
    /// None.
    public var held: [String] { [] }
    /// None.
    public func takeNotices() -> [Outgoing] { [] }
    /// It goes on for ever.
    public var isSatisfied: Bool { false }
}

/// Does the work of one post on a thread of its own; may block. Made on that thread and never leaves it.
public protocol Worker: AnyObject {
    /// Does it. May be called again for the same post after a crash or a lost connection: every step must bear repeating.
    func process(_ job: Job) -> Outcome
}
