import DDCore
import Glibc

/// `dd_switch status`: once, or again and again.
struct ServiceScreen {
    private let options: ServiceOptions
    private let limits: ServiceStatus.Thresholds

    /// Seconds between two tables.
    private static let pause = 2.0

    init(_ options: ServiceOptions) {
        self.options = options
        var limits = ServiceStatus.Thresholds()
        (limits.hung, limits.idle, limits.lag) = (options.hung.inSeconds, options.idle.inSeconds, options.lag.inSeconds)
        (limits.retry, limits.reject) = (options.retry, options.reject)
        self.limits = limits
    }

    /// The exit status: 0 when all work, 3 when some do not run, 1 when some have failed, hang, are late or do not reach their broker.
    func run() throws -> Int32 {
        guard options.watch else { return try show(clears: false) }
        guard isatty(1) == 1 else { throw ConfigError(.usage, "--watch needs a terminal; without it the table is written once") }
        let stop = try StopSignal.install(reloads: false)
        while !stop.isRequested {
            _ = try show(clears: true)
            stop.wait(seconds: Self.pause)
        }
        return ExitStatus.done
    }

    private func show(clears: Bool) throws -> Int32 {
        let list = try ServiceList(options.paths)
        let statuses = list.statuses(try list.named(options.names), limits)
        if options.json {
            _ = Program.printed(ServiceTable.json(statuses))
        } else {
            let text = ServiceTable.text(statuses, width: isatty(1) == 1 ? Terminal.width(of: 1) : .max)
            _ = Program.printed((clears ? "\u{1B}[H\u{1B}[J" : "") + text)
        }
        let states = Set(statuses.map(\.state))
        if !states.isDisjoint(with: [.failed, .hung, .disconnected, .late]) { return ExitStatus.failed }
        return states.contains(.stopped) ? ExitStatus.notRunning : ExitStatus.done
    }
}
