/// What a command line asks for.
public enum Launch<Options: Sendable>: Sendable {
    /// To work with these options.
    case run(Options)
    /// To write this text to standard output and leave.
    case help(String)
    /// To write the version and leave.
    case version

    /// Does it for the program `name`: what `work` does with the options, whose log ends the program's lines. The exit status; throws what
    /// `work` throws.
    public func perform(_ name: String, log: (Options) -> Log, _ work: (Options) throws -> Int32) throws -> Int32 {
        switch self {
        case .help(let text): return Program.printed(text)
        case .version: return Program.printed("\(name) \(Program.version)\n")
        case .run(let options):
            Program.speak(as: log(options))
            return try work(options)
        }
    }
}

extension Program {
    /// The whole of a program that does one thing and ends: reads its options, does what they ask for, and ends the process. SIGTERM and SIGINT
    /// stop it by way of the signal that `work` is given.
    public static func once<Options>(
        _ name: String, _ load: (_ arguments: [String], _ environment: [String: String]) throws(ConfigError) -> Launch<Options>,
        log: (Options) -> Log, _ work: (Options, StopSignal) throws -> Int32
    ) -> Never {
        leave(
            run(name) { arguments, environment in
                try load(arguments, environment).perform(name, log: log) { try work($0, StopSignal.install(reloads: false)) }
            })
    }
}
