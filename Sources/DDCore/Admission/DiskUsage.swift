/// What the sources have on disk: measured once, then counted along.
final class DiskUsage: Sendable {
    private struct State {
        var known: [String: DailyTrees.Usage] = [:]
        var measuring: Set<String> = []
        var version = 0
        var changed: @Sendable () -> Void = {}
    }

    private let trees: DailyTrees
    private let state = Guarded(State())

    init(_ trees: DailyTrees) {
        self.trees = trees
    }

    /// Grows with every measurement that ends and every removal: what was over its quota may be below it now.
    var version: Int { state.withLock { $0.version } }

    /// What a source has; `nil` while it has not been measured.
    func usage(of source: String) -> DailyTrees.Usage? { state.withLock { $0.known[source] } }

    /// From now on `changed` is called, from any thread, when `version` has grown.
    func watch(_ changed: @escaping @Sendable () -> Void) { state.withLock { $0.changed = changed } }

    /// Measures the sources that have not been measured, on a thread of its own.
    func measure(_ sources: [String]) {
        let new = state.withLock { state in
            let new = sources.filter { state.known[$0] == nil && !state.measuring.contains($0) }
            state.measuring.formUnion(new)
            return new
        }
        guard !new.isEmpty else { return }
        Thread.start { for source in new { self.measure(source) } }
    }

    /// Measures again what has been measured before; blocks.
    func measureAgain() {
        for source in state.withLock({ Array($0.known.keys) }) { measure(source) }
    }

    private func measure(_ source: String) {
        let usage = trees.usage(of: source)
        let changed = state.withLock { state in
            state.known[source] = usage
            state.measuring.remove(source)
            state.version += 1
            return state.changed
        }
        changed()
    }

    /// A source has so much more, or less.
    func add(_ source: String, bytes: Int64, files: Int64) {
        state.withLock { state in
            guard var usage = state.known[source] else { return }
            usage.bytes = max(0, usage.bytes + bytes)
            usage.files = max(0, usage.files + files)
            state.known[source] = usage
            if bytes < 0 || files < 0 { state.version += 1 }
        }
    }
}
