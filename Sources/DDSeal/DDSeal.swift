import DDCore
import Glibc

/// `dd_seal`: encrypts and signs files for their readers, and opens them.
public enum DDSeal {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.leave(
            Program.run("dd_seal") { arguments, environment in
                switch try SealOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_seal \(Program.version)\n")
                case .run(let options): try work(options)
                }
            })
    }

    private static func work(_ options: SealOptions) throws -> Int32 {
        Program.speak(as: options.common.log)
        return try SealFlow(options, stop: try StopSignal.install(reloads: false)).run()
    }
}
