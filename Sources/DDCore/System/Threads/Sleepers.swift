/// A value that several threads share, from which some take and sleep while there is nothing to take. Putting in and taking cost no
/// system call while nobody sleeps.
final class Sleepers<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var isClosed = false
    }

    private let state: Guarded<State>

    init(_ value: Value) {
        state = Guarded(State(value: value))
    }

    /// Runs `body` while no other thread reaches the value; wakes nobody.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result { state.withLock { body(&$0.value) } }

    /// The same where `body` puts in something that one more thread can take: wakes one.
    func put(_ body: (inout Value) -> Void) {
        withLock(body)
        state.wakeOne()
    }

    /// What `body` takes; sleeps while it finds nothing. `nil` from `close` on, whatever is left.
    func take<Element>(_ body: (inout Value) -> Element?) -> Element? {
        state.wait { state -> Element?? in
            if state.isClosed { return .some(nil) }
            return body(&state.value).map { .some($0) }
        }
    }

    /// Lets all that sleep look again: something that was there may be taken now.
    func wakeAll() { state.wakeAll() }

    /// Lets every taker go.
    func close() {
        state.withLock { $0.isClosed = true }
        state.wakeAll()
    }
}
