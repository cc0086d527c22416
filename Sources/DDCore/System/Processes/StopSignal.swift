import CLinux
import Glibc
import Synchronization

/// SIGTERM and SIGINT, which end a program in order, and SIGHUP, which asks it to read its configuration again.
///
/// The signals are blocked and a thread waits for them. The first SIGTERM or SIGINT sets `isRequested` and makes `descriptor`
/// readable; the second ends the process at once with 128 + its number.
public final class StopSignal: Sendable {
    /// What the process leaves with when a signal finds nothing to drain: exit status, and the line for standard error.
    public typealias Leave = @Sendable (_ signal: Int32) -> (status: Int32, message: String)?

    /// Those that may have something to drain.
    private struct Parties {
        /// Parts of the program that said so, see `whileWorking`.
        var working = 0
        /// What those that have nothing to drain just now want to leave with.
        var leaves: [Int: Leave] = [:]
        var last = 0
    }

    private let requested = Atomic<Int32>(0)
    private let reload = Atomic<Bool>(false)
    private let parties = Guarded(Parties())
    private let wake: EventFD
    private let ended: EventFD
    private let hadTerminal = isatty(2) == 1

    /// Blocks the signals and starts the thread that waits for them; SIGPIPE is ignored. To be called once, before any other
    /// thread is started. Without `reloads`, SIGHUP is left as it is.
    public static func install(reloads: Bool = true) throws(ProcessError) -> StopSignal {
        signal(SIGPIPE, SIG_IGN)
        let numbers = [SIGTERM, SIGINT] + (reloads ? [SIGHUP] : [])
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        let status = pthread_sigmask(SIG_BLOCK, &signals, nil)
        guard status == 0 else { throw ProcessError("cannot block the stop signals", status) }
        let stop = try StopSignal()
        try Thread.start(for: "signals") { stop.watch(numbers) }
        return stop
    }

    init() throws(ProcessError) {
        wake = try EventFD()
        ended = try EventFD()
    }

    /// Readable once a stop was requested, and after a SIGHUP until `takeReload`. For `poll`; nobody reads or closes it.
    public var descriptor: Int32 { wake.descriptor }

    /// Readable once a stop was requested, and not after a SIGHUP: for waits in which nothing is read again.
    public var endDescriptor: Int32 { ended.descriptor }

    /// Whether the program is to end.
    public var isRequested: Bool { requested.load(ordering: .acquiring) != 0 }

    /// The first of SIGTERM and SIGINT that came, or `nil`.
    public var number: Int32? {
        let number = requested.load(ordering: .acquiring)
        return number == 0 ? nil : number
    }

    /// Waits for a stop, at most `seconds`.
    public func wait(seconds: Double) { Readiness.wait(for: endDescriptor, seconds: seconds) }

    /// Whether a SIGHUP came since the last call.
    public func takeReload() -> Bool {
        wake.drain()
        // A stop stays readable, whoever drains.
        if isRequested { wake.signal() }
        return reload.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// Runs `body`, one of several parts of the program that each have something to drain but for the time in `whileConnecting`.
    public func whileWorking<Value>(_ body: () throws -> Value) rethrows -> Value {
        parties.withLock { $0.working += 1 }
        defer { parties.withLock { $0.working -= 1 } }
        return try body()
    }

    /// Runs `body` while there is nothing to drain: a signal ends the process at once with what `leave` says, or only sets
    /// `isRequested` where that is `nil`, or where another part of the program has something to drain. One that came before counts too.
    public func whileConnecting<Value, Failure>(
        leave: @escaping Leave, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let place = parties.withLock { parties in
            parties.last += 1
            parties.leaves[parties.last] = leave
            return parties.last
        }
        defer { parties.withLock { _ = $0.leaves.removeValue(forKey: place) } }
        if let number { leaveIfAsked(number) }
        return try body()
    }

    private func watch(_ numbers: [Int32]) {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
        while true {
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { continue }
            receive(number)
        }
    }

    func receive(_ signal: Int32) {
        // A terminal that hangs up sends SIGHUP too, and means the end.
        let number = signal == SIGHUP && hadTerminal && isatty(2) == 0 ? SIGTERM : signal
        if number == SIGHUP {
            reload.store(true, ordering: .releasing)
        } else {
            let (first, _) = requested.compareExchange(expected: 0, desired: number, ordering: .acquiringAndReleasing)
            if !first { _exit(ExitStatus.signal(number)) }
            ended.signal()
            leaveIfAsked(number)
        }
        wake.signal()
    }

    private func leaveIfAsked(_ number: Int32) {
        // Under the lock: whoever leaves `whileConnecting` now has something to drain, and must not be cut off.
        parties.withLock { parties in
            guard parties.leaves.count >= parties.working else { return }
            let answers = parties.leaves.sorted { $0.key < $1.key }.map { $0.value(number) }
            guard let (status, message) = answers.first ?? nil, !answers.contains(where: { $0 == nil }) else { return }
            LogLine.write(message + "\n", to: 2)
            _exit(status)
        }
    }
}
