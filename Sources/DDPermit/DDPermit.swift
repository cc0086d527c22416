import DDCore
import Glibc

/// `dd_permit`: says who may have a private tree.
public enum DDPermit {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.leave(
            Program.run("dd_permit") { arguments, environment in
                switch try PermitOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_permit \(Program.version)\n")
                case .run(let options): try ask(options)
                }
            })
    }

    private static func ask(_ options: PermitOptions) throws -> Int32 {
        Program.speak(as: options.common.log)
        return try PermitRequest(options, stop: try StopSignal.install(reloads: false)).run()
    }
}
