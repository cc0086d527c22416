/// Work that goes on until it is told to stop, and can be followed by the same with another configuration.
public protocol ReloadableService: AnyObject {
    /// Called whenever what it does becomes something else.
    var says: ((WorkState) -> Void)? { get set }
    /// Called now and then with what was done; `nil`: nobody asks.
    var tells: ((FlowFigures) -> Void)? { get set }
    /// Called at a SIGHUP. When it returns true, the work finishes what is in hand and ends, to be followed by another one.
    var reload: (() -> Bool)? { get set }
    /// Whether its broker was ever reached.
    var wasConnected: Bool { get }
    /// Works. Throws when it cannot go on.
    func run() throws -> Tally
}

/// What long work does at a time, in the words of `status`.
public enum WorkState: String, Sendable {
    /// The broker is not reached.
    case notConnected = "not connected"
    /// Of several brokers some are reached.
    case partlyConnected = "not connected to all of its brokers"
    /// It waits for messages, or handles them.
    case connected
    /// It reads what a server lists.
    case looking
    /// It waits until it looks again.
    case resting
}
