import DDCore
import Glibc

/// `dd_post`: announces files.
public enum DDPost {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.leave(
            Program.run("dd_post") { arguments, environment in
                switch try PostOptions.load(arguments: arguments, environment: environment) {
                case .help(let text): Program.printed(text)
                case .version: Program.printed("dd_post \(Program.version)\n")
                case .run(let options): try post(options)
                }
            })
    }

    private static func post(_ options: PostOptions) throws -> Int32 {
        Program.speak(as: options.common.log)
        let stop = try StopSignal.install(reloads: false)
        if !options.tracedRoute.isEmpty { return try RouteTrace(options, stop: stop).run() }
        return try PostFlow(options, stop: stop).run()
    }
}
