import DDCore
import Glibc

/// Keeps the programs of the switch running until a signal ends it all. One thread: the programs end when it does.
struct Supervisor {
    private var services: [Service] = []
    private let signals: Signals

    init(_ signals: Signals) { self.signals = signals }

    /// Starts a program that is to run until `stop`.
    mutating func start(_ name: String, _ launch: ChildProcess.Launch, in folder: SwitchFolder) throws {
        var service = try Service(name, launch, in: folder)
        try service.start()
        services.append(service)
    }

    /// Waits until `answers`. False when a signal came that ends the switch; throws when a program ended or time is up.
    mutating func wait(seconds: Int, for what: String, _ answers: () throws -> Bool) throws -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while try !answers() {
            if signals.next(within: .milliseconds(50))?.ends == true { return false }
            for index in services.indices {
                guard let status = services[index].reap() else { continue }
                let name = services[index].name
                throw SwitchError(
                    "\(name) ended with status \(status) before it answered\(services[index].lastWords)",
                    status: ExitStatus.unavailable)
            }
            guard ContinuousClock.now < end else {
                throw SwitchError("\(what) does not answer after \(seconds) s", status: ExitStatus.unavailable)
            }
        }
        return true
    }

    /// Starts again what dies, until a signal comes that ends the switch.
    mutating func keep() {
        while true {
            let next = services.compactMap(\.restartAt).min()
            if signals.next(within: next.map { ContinuousClock.now.duration(to: $0) })?.ends == true { return }
            for index in services.indices {
                if let status = services[index].reap() {
                    let service = services[index]
                    DDSwitch.complain("\(service.name) ended with status \(status), is started again\(service.lastWords)")
                }
                guard let due = services[index].restartAt, due <= .now else { continue }
                do { try services[index].start() } catch { DDSwitch.complain("\(error)") }
            }
        }
    }

    /// Ends the programs, the last started first: each gets SIGTERM and 10 s (the broker, which puts its state away, 30), then
    /// SIGKILL. A second signal from outside shortens the rest to nothing.
    mutating func stop() {
        var patience = true
        for index in services.indices.reversed() {
            services[index].child?.send(SIGTERM)
            let end = ContinuousClock.now + .seconds(services[index].name == "broker" ? 30 : 10)
            while services[index].child != nil, services[index].reap() == nil {
                if signals.next(within: .milliseconds(20))?.ends == true { patience = false }
                if !patience || ContinuousClock.now >= end { services[index].child?.send(SIGKILL) }
            }
        }
        services = []
    }
}
