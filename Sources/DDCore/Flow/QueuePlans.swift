extension QueuePlan {
    /// The queue of a program that subscribes, as its options and its state say, and the bindings of earlier runs to take away.
    public static func make(
        _ options: QueueOptions, _ state: QueueState, bindings: [Binding]
    ) throws(FileError) -> (plan: QueuePlan, stale: [Binding]) {
        var plan = QueuePlan(name: state.name)
        plan.isDurable = options.durable
        plan.expires = options.expire.milliseconds
        plan.messageTTL = options.messageTTL?.milliseconds
        plan.bindings = bindings
        let stale = state.bound.filter { !bindings.contains($0) }
        try state.remember(bindings + stale)
        return (plan, stale)
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
