import Glibc

/// Keeps the processes of one configuration running: starts them, starts anew what dies, and hands them the signals it gets.
///
/// They end with it, also when it is killed.
final class InstanceKeeper {
    /// What becomes of one of them.
    private enum State {
        case running(ChildProcess, ProcessHandle?, since: Double)
        case waiting(until: Double, status: Int32)
        case ended(status: Int32)
    }

    private struct Slot {
        var state = State.waiting(until: 0, status: 0)
        var pause = 0.0
        /// It is one too many since the configuration was read again, and was told to end.
        var isSurplus = false
        /// It was told to end, whether or not it is still too many.
        var isEnding = false
    }

    private let files: DaemonFiles
    private let file: PidFile
    private let launch: (Int) -> ChildProcess.Launch
    private let stop: StopSignal
    /// Where systemd started it, and wants to hear of it.
    private let notifier: SystemdNotifier?
    /// Instances wait for their broker for ever; otherwise one that has given up has ended.
    private let isPatient: Bool
    private let log: Log
    private var slots: [Slot]
    private var isStopping = false

    /// Seconds until something that has died is started again, doubled up to the second number while it goes on dying.
    private static let pauses = (first: 1.0, longest: 300.0)
    /// Seconds that a process must have run for its next death to be its first again.
    private static let steady = 600.0

    /// A keeper of `count` instances, which `launch` says how to start; `nil` when another keeps this configuration.
    init?(
        _ files: DaemonFiles, count: Int, isPatient: Bool, stop: StopSignal, notifier: SystemdNotifier? = nil,
        log: Log,
        launch: @escaping (Int) -> ChildProcess.Launch
    ) throws {
        try files.makeFolders()
        guard let file = try PidFile(files.keeper) else { return nil }
        self.files = files
        self.file = file
        self.launch = launch
        self.stop = stop
        self.isPatient = isPatient
        self.notifier = notifier
        self.log = log
        slots = Array(repeating: Slot(), count: count)
    }

    /// Works until told to stop, or until all have ended by themselves. `reload` reads the configuration again and returns how many
    /// instances it wants. Returns the highest exit status among them.
    func run(reload: () throws -> Int) -> Int32 {
        while true {
            if stop.isRequested && !isStopping { beginToStop() }
            if !isStopping, stop.takeReload() { self.reload(reload) }
            for number in 1...slots.count { turn(number) }
            while slots.count > 1, let last = slots.last, last.isSurplus, case .ended = last.state { slots.removeLast() }
            writeNote()
            notifier?.says(.connected)
            let statuses = slots.compactMap { if case .ended(let status) = $0.state { status } else { nil as Int32? } }
            if statuses.count == slots.count { return statuses.max() ?? ExitStatus.done }
            wait()
        }
    }

    private func turn(_ number: Int) {
        let index = number - 1
        switch slots[index].state {
        case .running(let child, _, let since):
            guard let status = child.pollStatus() else { return }
            slots[index].state = judge(number, status, Monotonic.now() - since)
        case .waiting(let until, _):
            guard !isStopping, until <= Monotonic.now() else { return }
            start(number)
        case .ended: break
        }
    }

    private func start(_ number: Int) {
        do {
            let child = try ChildProcess.start(launch(number))
            slots[number - 1].state = .running(child, ProcessHandle(pid: child.pid), since: Monotonic.now())
        } catch {
            log.error("\(error)")
            slots[number - 1].state = .waiting(until: Monotonic.now() + Self.pauses.longest, status: ExitStatus.failed)
        }
    }

    /// What follows from an exit status: what ended on purpose (`exit_idle`, `exit_messages`; with 1 when something failed) or cannot read
    /// its command line has ended, all else is started again; what was refused later than what crashed.
    private func judge(_ number: Int, _ status: Int32, _ age: Double) -> State {
        let hasGivenUp = status == ExitStatus.unavailable && !isPatient
        let endsItself = [ExitStatus.done, ExitStatus.failed, ExitStatus.usage].contains(status) || hasGivenUp
        if slots[number - 1].isEnding {
            slots[number - 1].isEnding = false
            if !isStopping, !slots[number - 1].isSurplus { return .waiting(until: 0, status: status) }
        }
        guard !isStopping, !slots[number - 1].isSurplus, !endsItself else { return .ended(status: status) }
        let isRefused = [ExitStatus.refused, ExitStatus.configuration].contains(status)
        if age > Self.steady { slots[number - 1].pause = 0 }
        let first = isRefused ? 60 : Self.pauses.first
        let pause = min(max(first, slots[number - 1].pause * 2), Self.pauses.longest)
        slots[number - 1].pause = pause
        log.error("instance \(number) ended with status \(status); it is started again in \(String(seconds: pause)) s")
        return .waiting(until: Monotonic.now() + pause, status: status)
    }

    private func beginToStop() {
        isStopping = true
        notifier?.isEnding()
        for index in slots.indices {
            switch slots[index].state {
            case .running(let child, _, _): child.send(SIGTERM)
            case .waiting(_, let status): slots[index].state = .ended(status: status)
            case .ended: break
            }
        }
    }

    private func reload(_ reload: () throws -> Int) {
        let count: Int
        do {
            count = try reload()
        } catch {
            log.error("\(error); the old configuration goes on")
            return
        }
        for index in slots.indices {
            guard case .running(let child, _, _) = slots[index].state else { continue }
            slots[index].isSurplus = index >= count
            if index >= count, !slots[index].isEnding {
                slots[index].isEnding = true
                child.send(SIGTERM)
            } else if index < count {
                child.send(SIGHUP)
            }
        }
        for index in slots.indices where index < count {
            if case .running = slots[index].state { continue }
            slots[index] = Slot()
        }
        while slots.count < count { slots.append(Slot()) }
        while slots.count > count, case .waiting? = slots.last?.state { slots.removeLast() }
        log.notice("the configuration was read again: \(count) instances")
    }

    /// What `status` is to know beyond what running instances say themselves.
    private func writeNote() {
        let lines = slots.enumerated().map { index, slot in
            switch slot.state {
            case .running: "\(index + 1) runs"
            case .waiting(let until, let status):
                "\(index + 1) ended with status \(status), is started again at \(moment(until))"
            case .ended(let status): "\(index + 1) ended with status \(status)"
            }
        }
        file.write(lines.joined(separator: "\n") + "\n")
    }

    /// A time on `Monotonic` as people say it.
    private func moment(_ time: Double) -> String {
        let now = Timestamp.now()
        return InstanceMark.time(Timestamp(seconds: now.seconds + Int64(max(0, time - Monotonic.now()))))
    }

    private func wait() {
        var polled = [pollfd(fd: isStopping ? -1 : stop.descriptor, events: Int16(POLLIN), revents: 0)]
        // Within half of what the units give a watchdog.
        var due = notifier.map { _ in Monotonic.now() + 60 }
        for slot in slots {
            switch slot.state {
            case .running(_, let handle?, _): polled.append(pollfd(fd: handle.descriptor, events: Int16(POLLIN), revents: 0))
            // Without a descriptor for it there is only looking again.
            case .running(_, nil, _): due = min(due ?? .infinity, Monotonic.now() + 1)
            case .waiting(let until, _): due = min(due ?? .infinity, until)
            case .ended: break
            }
        }
        let timeout = due.map { Int32(clamping: Int(max(0, ($0 - Monotonic.now()) * 1000).rounded(.up))) } ?? -1
        poll(&polled, nfds_t(polled.count), timeout)
    }
}
