import DDCore

/// `dd_watch`: announces what changes below folders.
public enum DDWatch {
    /// Does what the command line asks for, and ends the process.
    public static func main() {
        ConfiguredProgram<WatchOptions>.main(cleanUp: nil) { program in
            let stop = try StopSignal.install()
            let home = try StateFolder(program.options.common)
            return try program.run(until: stop) { try WatchFlow($0, home, stop: stop) }
        }
    }
}
