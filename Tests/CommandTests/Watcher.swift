import DDCore
import DDTestSupport
import Glibc

/// A thread that reads each file in some folders as soon as it is there under its own name, and compares it with what it is to be.
final class Watcher: Sendable {
    private struct State {
        var faults: [String] = []
        var reads = 0
        var isToEnd = false
        var hasEnded = false
    }

    private let wanted: [[UInt8]: String]
    private let roots: @Sendable () -> [String]
    private let state = Guarded(State())

    /// Starts the thread. `wanted` says for the bytes of each path below any of `roots` what `Tree.content` is to say of it.
    init(_ wanted: [[UInt8]: String], roots: @escaping @Sendable () -> [String]) throws {
        self.wanted = wanted
        self.roots = roots
        try Thread.start(for: "a test") { self.watch() }
    }

    /// Ends the thread; returns what it found wrong and how many files it has read.
    func end() -> (faults: [String], reads: Int) {
        state.withLock { $0.isToEnd = true }
        _ = waitUntil(seconds: 60) { state.withLock { $0.hasEnded } }
        return state.withLock { ($0.faults, $0.reads) }
    }

    private func watch() {
        var seen: [String: Int] = [:]
        while !state.withLock({ $0.isToEnd }) {
            for root in roots() {
                for name in TemporaryFolder.tree(root) where !Tree.isUnfinished(name) {
                    // Again in the next rounds: it may be written to under its name.
                    guard seen[root + name, default: 0] < 3 else { continue }
                    seen[root + name, default: 0] += 1
                    look(at: name, in: root)
                }
            }
            usleep(2_000)
        }
        state.withLock { $0.hasEnded = true }
    }

    private func look(at name: String, in root: String) {
        // What a link leads to is another file's matter, and may not be there yet.
        guard !Tree.isLink("\(root)/\(name)") else { return }
        let (found, wanted) = (Tree.content(root + "/" + name), wanted[Array(name.utf8)])
        let fault = found == wanted ? nil : "\(root)/\(name): \(found ?? "nothing"), not \(wanted ?? "nothing")"
        state.withLock {
            $0.reads += 1
            if let fault, $0.faults.count < 10 { $0.faults.append(fault) }
        }
    }
}
