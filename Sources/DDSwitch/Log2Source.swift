import DDCore
import Glibc

/// `dd_switch log2source`: takes reports from users' exchanges, validates them, and sends them to `xlog` and on to their sources.
enum Log2Source {
    static func run(_ words: [String]) -> Int32 {
        Program.run("dd_switch") { _, environment in
            try RoutingOptions.load(arguments: words, environment: environment)
                .perform("dd_switch", log: { $0.common.log }, route)
        }
    }

    private static func route(_ options: RoutingOptions) throws -> Int32 {
        let stop = try StopSignal.install(reloads: false)
        let log = options.common.log
        let intake = ReportIntake(options)
        defer { intake.finish() }
        try Pump(PumpSettings(options), intake: intake, stop: stop, log: log).runNotifying()
        return ExitStatus.done
    }
}
