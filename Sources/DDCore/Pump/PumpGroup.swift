import Synchronization

/// Asks a pump to finish what is in hand and to end, to be followed by another one. Any thread may ask.
final class Replacement: Sendable {
    private let asked = Atomic<Bool>(false)
    private let wake: EventFD

    init(wake: EventFD) { self.wake = wake }

    var isAsked: Bool { asked.load(ordering: .acquiring) }

    func ask() {
        asked.store(true, ordering: .releasing)
        wake.signal()
    }
}

/// Several pumps that do one work, each for a broker of its own and on a thread of its own: none waits for another. A reload replaces all of them.
public final class PumpGroup: ReloadableService {
    /// One of the pumps.
    public struct Member: Sendable {
        /// How the log calls its broker.
        let name: String
        /// Makes it, on its thread.
        let make: @Sendable () throws -> Pump

        /// A pump that `make` makes and that the log knows by `name`.
        public init(_ name: String, make: @escaping @Sendable () throws -> Pump) { (self.name, self.make) = (name, make) }
    }

    private struct State {
        var running: Int
        /// Of those that run no more, those that ended in order.
        var ended = 0
        var connected: [Bool]
        var wasConnected = false
        var tally = Tally()
        var errors: [any Error] = []
        var isBeingReplaced = false
        var replacements: [Replacement] = []
        var figures: [FlowFigures?]
    }

    private let members: [Member]
    private let stop: StopSignal
    private let log: Log
    private let state: Guarded<State>
    private let changed: EventFD

    /// See `ReloadableService`.
    public var says: ((WorkState) -> Void)?
    /// See `ReloadableService`.
    public var tells: ((FlowFigures) -> Void)?
    /// See `ReloadableService`.
    public var reload: (() -> Bool)?
    /// Whether one of them was ever connected.
    public var wasConnected: Bool { state.withLock(\.wasConnected) }

    /// A group that has not started.
    public init(_ members: [Member], stop: StopSignal, log: Log) throws(ProcessError) {
        (self.members, self.stop, self.log) = (members, stop, log)
        state = Guarded(State(running: members.count, connected: members.map { _ in false }, figures: members.map { _ in nil }))
        changed = try EventFD()
    }

    /// Runs until all have ended. One that cannot go on is told in the log, and counts as a failure at the end; when none can, what the first
    /// said is thrown.
    public func run() throws -> Tally {
        for number in members.indices {
            let (member, log, state, changed) = (members[number], log, state, changed)
            try Thread.start(for: "the broker \(member.name)") {
                Self.work(number, member, log, state, changed)
                changed.signal()
            }
        }
        var last: WorkState?
        while true {
            let (running, connected, figures) = state.withLock { ($0.running, $0.connected, $0.figures.compactMap { $0 }) }
            let now: WorkState =
                connected.allSatisfy { $0 } ? .connected : connected.contains(true) ? .partlyConnected : .notConnected
            if now != last { says?(now) }
            last = now
            if let tells, let first = figures.first { tells(figures.dropFirst().reduce(first, +)) }
            guard running > 0 else { break }
            leaveUnreached()
            Readiness.wait(for: stop.isRequested || reload == nil ? -1 : stop.descriptor, changed.descriptor, seconds: nil)
            changed.drain()
            guard let reload, !stop.isRequested, stop.takeReload(), reload() else { continue }
            endAll()
        }
        return try state.withLock { state in
            if let error = state.errors.first, state.errors.count == members.count { throw error }
            state.tally.failed += state.errors.count
            return state.tally
        }
    }

    private func endAll() {
        let others = state.withLock { state in
            state.isBeingReplaced = true
            return state.replacements
        }
        for other in others { other.ask() }
    }

    /// Where those that are connected have come to the end that they were given, those that never will are not waited for.
    private func leaveUnreached() {
        let isOver = state.withLock { $0.ended > 0 && !$0.connected.contains(true) && !$0.isBeingReplaced }
        guard isOver, !stop.isRequested else { return }
        log.warning("the rest of the brokers is not reached: what waits there comes at the next start")
        endAll()
    }

    private static func work(_ number: Int, _ member: Member, _ log: Log, _ state: Guarded<State>, _ changed: EventFD) {
        defer {
            state.withLock { state in
                state.connected[number] = false
                state.running -= 1
            }
        }
        do {
            let pump = try member.make()
            let replacement = pump.replacement
            let isLate = state.withLock { state in
                state.replacements.append(replacement)
                return state.isBeingReplaced
            }
            if isLate { replacement.ask() }
            pump.says = { now in
                state.withLock { state in
                    state.connected[number] = now != .notConnected
                    state.wasConnected = state.wasConnected || state.connected[number]
                }
                changed.signal()
            }
            pump.tells = { figures in
                state.withLock { $0.figures[number] = figures }
                changed.signal()
            }
            let tally = try pump.run()
            state.withLock { state in
                state.tally = state.tally + tally
                state.ended += 1
            }
        } catch {
            let left = state.withLock { state in
                state.errors.append(error)
                return state.running - 1
            }
            if left > 0 { log.error("\(error): \(member.name) is given up, the others go on") }
        }
    }
}
