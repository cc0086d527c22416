extension QueuePlan {
    /// The queue of a program that subscribes, as its options and its state say, and the bindings of earlier runs to take away.
    public static func make(
        _ options: QueueOptions, _ state: QueueState, bindings: [Binding]
    ) throws(FileError) -> (plan: QueuePlan, stale: StaleBindings?) {
        var plan = QueuePlan(name: state.name)
        plan.isDurable = options.durable
        plan.type = options.type
        plan.expires = options.expire.milliseconds
        plan.messageTTL = options.messageTTL?.milliseconds
        plan.bindings = bindings
        let stale = state.bound.filter { !bindings.contains($0) }
        try state.remember(bindings + stale)
        return (plan, stale.isEmpty ? nil : StaleBindings(bindings: stale, state: state, kept: bindings))
    }
}

/// Bindings that an earlier configuration left on a program's queue.
public struct StaleBindings: Sendable {
    let bindings: [Binding]
    fileprivate let state: QueueState
    /// What the configuration binds now.
    fileprivate let kept: [Binding]

    /// They are gone from the broker. Where the state cannot be written, the next run takes them away again.
    func forget() { try? state.remember(kept) }
}

extension RetryQueues {
    /// The retry queues of a program whose work queue is called `queue`. They are under its user's own prefix, and so is their name where
    /// the administrator gave the work queue another.
    init?(_ queue: String, user: String, _ common: CommonOptions, _ options: QueueOptions) {
        let isOwn = ["q_\(user).", "q_\(user)_"].contains { queue.utf8.starts(with: $0.utf8) }
        let base =
            isOwn ? queue : "\(QueueName.prefix(of: user))\(common.program).\(common.stateName.word)"
        self.init(base: base, waits: options.retryWaits, type: options.type)
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension BrokerURL {
    /// Whether the broker is on this very machine.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}

/// This machine's name, as reports give it.
public enum LocalHost {
    /// `gethostname`.
    public static var name: String { Expansion.localHostname() }
}

extension QueuePlan {
    /// A word of this process for the queue through which it looks on: the same as long as it lives, so that a configuration that is read
    /// again looks on through the same queue.
    static let lookWord = "look-" + String(UInt32.random(in: 0x1000_0000...UInt32.max), radix: 16)

    /// How long the queue of a look stays without its reader, in milliseconds: longer than most interruptions of a connection.
    private static let lookExpires: Int64 = 300_000

    /// The queue of a look: what is in the configuration's own queue stays there.
    init(lookBy user: String, _ common: CommonOptions, id: String = QueuePlan.lookWord, bindings: [Binding]) {
        self.init(name: QueueName.make(user: user, program: common.program, config: common.stateName.word, id: id))
        expires = Self.lookExpires
        self.bindings = bindings
    }
}
