import DDCore

/// `dd_post`: announces files.
public enum DDPost {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        Program.once("dd_post", PostOptions.load, log: { $0.common.log }) { try post($0, $1) }
    }

    private static func post(_ options: PostOptions, _ stop: StopSignal) throws -> Int32 {
        if !options.tracedRoute.isEmpty { return try RouteTrace(options, stop: stop).run() }
        return try PostFlow(options, stop: stop).run()
    }
}
