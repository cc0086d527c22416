import DDCore
import Glibc

/// `dd_log`: follows the reports that its user may see.
public enum DDLog {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.leave(
            Program.run("dd_log") { arguments, environment in
                switch try LogOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_log \(Program.version)\n")
                case .run(let options): try run(options)
                }
            })
    }

    private static func run(_ options: LogOptions) throws -> Int32 {
        Program.speak(as: options.common.log)
        let stop = try StopSignal.install(reloads: false)
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
