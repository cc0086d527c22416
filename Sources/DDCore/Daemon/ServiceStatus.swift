/// A configuration that `dd_switch status` tells of, and how its processes are.
public struct ServiceStatus: Sendable {
    /// How a configuration is, in one word; the worst that is true of it.
    public enum State: String, Sendable, CaseIterable {
        /// It works, and gets something to do.
        case running
        /// Nothing came for `idle`.
        case idle
        /// What comes is older than `lag`.
        case lagging
        /// More posts than `retry` wait for another try.
        case retrying
        /// More than `reject` per cent of what came in the last minute was not wanted, or was there.
        case rejecting
        /// Posts of sources wait on purpose: a stop, or a quota.
        case held
        /// No file came within `deadline`, or fewer than `minimum_rate` in a minute.
        case late
        /// A process has said nothing for `hung`.
        case hung
        /// The broker is not reached.
        case disconnected
        /// A process has ended, and is started again later or not at all.
        case failed
        /// Nothing of it runs.
        case stopped
    }

    /// From where on a state is another one.
    public struct Thresholds: Sendable {
        /// Seconds without a word: `hung`.
        public var hung = 450.0
        /// Seconds without a message: `idle`.
        public var idle = 900.0
        /// Seconds from announcement to receipt: `lagging`.
        public var lag = 30.0
        /// Posts that wait: `retrying`.
        public var retry = 1000
        /// Per cent: `rejecting`.
        public var reject = 80

        /// Those that the field is used to.
        public init() {}
    }

    /// Which it is.
    public let service: ServiceList.Service
    /// In one word.
    public let state: State
    /// Why it is in this state, where that is not plain; in words.
    public let why: String
    /// Processes that run, and that there are to be.
    public let processes: (running: Int, wanted: Int)
    /// What they have told together; `nil`: nothing yet.
    public let figures: FlowFigures?

    /// How `service` is at `now`, in seconds since 1970.
    init(_ service: ServiceList.Service, _ instances: [InstanceStatus], _ limits: Thresholds, now: Int64) {
        self.service = service
        processes = (instances.count(where: \.runs), instances.count)
        let told = instances.compactMap(\.figures)
        let sum = told.first.map { told.dropFirst().reduce($0, +) }
        figures = sum
        (state, why) = Self.judge(instances, sum, limits, now: now)
    }

    private static func judge(
        _ instances: [InstanceStatus], _ figures: FlowFigures?, _ limits: Thresholds, now: Int64
    ) -> (State, String) {
        guard !instances.isEmpty else { return (.stopped, "") }
        if let one = instances.first(where: { $0.ended != nil }) { return (.failed, "process \(one.number) \(one.text)") }
        if let one = instances.first(where: { !$0.runs }) { return (.disconnected, "process \(one.number) \(one.text)") }
        if let one = instances.first(where: { $0.state == .notConnected || $0.state == .partlyConnected }) {
            return (.disconnected, one.text)
        }
        // The first word of a process is that it is connected, and figures follow.
        let spoke = figures?.at ?? instances.compactMap(\.spokeAt).min()
        let silence = spoke.map { Double(now - $0) } ?? 0
        // What rests between two looks has nothing to say.
        if silence > limits.hung, !instances.contains(where: { $0.state == .resting || $0.state == .looking }) {
            return (.hung, "nothing was heard of a process for \(Int(silence)) s")
        }
        guard let figures else { return (.running, "") }
        if !figures.held.isEmpty { return (.held, "held: \(figures.held.joined(separator: ", "))") }
        if let why = lateness(figures, now) { return (.late, why) }
        if figures.waiting > limits.retry { return (.retrying, "\(figures.waiting) posts wait for another try") }
        if let lag = figures.lag, lag > limits.lag, figures.minute.received > 0 {
            return (.lagging, "what comes was announced \(Int(lag)) s ago")
        }
        let minute = figures.minute
        if minute.received > 0, minute.passed * 100 > minute.received * limits.reject {
            return (.rejecting, "\(minute.passed) of \(minute.received) messages of the last minute were not wanted, or there")
        }
        guard figures.minute.received == 0, figures.minute.done == 0 else { return (.running, "") }
        guard let last = figures.last else { return (.idle, "nothing was done since the start") }
        let age = Double(now - last.at)
        return age > limits.idle ? (.idle, "the last file came \(Int(age)) s ago") : (.running, "")
    }

    /// Why less was done than the configuration expects, or `nil`.
    private static func lateness(_ figures: FlowFigures, _ now: Int64) -> String? {
        guard let expected = figures.expected else { return nil }
        let silence = now - max(expected.since, figures.last?.at ?? 0)
        if let deadline = expected.deadline, silence > deadline {
            return "no file was done for \(silence) s, one is expected every \(deadline) s (deadline)"
        }
        if let minimum = expected.minimum, now - expected.since > 60, figures.minute.done < minimum {
            return "\(figures.minute.done) files were done in the last minute, \(minimum) are expected (minimum_rate)"
        }
        return nil
    }
}
