import DDCore
import Glibc

/// `dd_log`: follows the reports that its user may see.
public enum DDLog {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.once("dd_log", LogOptions.load, log: { $0.common.log }) { try run($0, $1) }
    }

    private static func run(_ options: LogOptions, _ stop: StopSignal) throws -> Int32 {
        let log = options.common.log
        let wanted = try ReportSelection(options)
        var output = OutputLines()
        var trace: [Report] = []
        let intake = LogIntake(wanted, log: log) { report in
            if options.trace != nil { trace.append(report) }
            if options.trace == nil || options.json {
                output.write(options.json ? ReportText.json(report) : ReportText.line(report))
                output.flush()
                guard let failure = output.failure else { return }
                log.error("\(failure)")
                Program.leave(ExitStatus.system)
            }
        }
        let pump = try Pump(PumpSettings(options), intake: intake, stop: stop, log: log)
        _ = try pump.run()
        guard let path = options.trace else { return ExitStatus.done }
        guard !trace.isEmpty else {
            log.error("no report about \(path) is kept here")
            return ExitStatus.failed
        }
        if !options.json {
            output.write(ReportText.trace(trace))
            output.flush()
        }
        return ExitStatus.done
    }
}
