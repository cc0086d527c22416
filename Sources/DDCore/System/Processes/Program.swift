import Glibc

/// What the `main` of every program has in common: arguments in, one line for an error, an exit status out.
public enum Program {
    /// Shown by `--version`.
    public static let version = "0.1.0"

    /// The argument of a process that keeps the others of its configuration running; the argument before the number of one of those.
    static let keepWord = "keep-running"
    static let instanceWord = "instance"

    /// Whether `arguments` are those of a process that another one of ours has started: its standard error is a log file.
    static func isInBackground(_ arguments: [String]) -> Bool {
        arguments.last == keepWord || arguments.dropLast().last == instanceWord
    }

    /// How an error is said that ends the program, once its options are read.
    private static let voice = Guarded<Log?>(nil)

    /// From now on an error that ends the program is a line of `log`.
    public static func speak(as log: Log) { voice.withLock { $0 = log } }

    /// Runs `body` with the arguments behind the program's name and the environment; an error it throws becomes a line on standard
    /// error and the exit status that goes with it.
    public static func run(_ name: String, _ body: (_ arguments: [String], _ environment: [String: String]) throws -> Int32)
        -> Int32
    {
        // `ulimit -f`: a file that would be too large is an error of that file.
        signal(SIGXFSZ, SIG_IGN)
        limitMask()
        do {
            return try body(Array(CommandLine.arguments.dropFirst()), ProcessEnvironment.initial())
        } catch {
            (voice.withLock { $0 } ?? log(name)).error("\(error)")
            return status(of: error)
        }
    }

    /// The log of the program `name` until its options are read. Who reads that of what works in the background wants to know when.
    static func log(_ name: String) -> Log {
        isInBackground(CommandLine.arguments) ? Log(program: name).service() : Log(program: name)
    }

    /// How the program `name` is started again from the file that this process was started from. Where all programs are one file, its
    /// name comes before the arguments.
    public static func again(_ name: String, _ arguments: [String]) throws(ProcessError) -> ChildProcess.Launch {
        guard let resolved = realpath("/proc/self/exe", nil) else { throw ProcessError("cannot find this program's file", errno) }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return ChildProcess.Launch(path, (path.hasSuffix("/dd_all") ? [name] : []) + arguments)
    }

    /// Becomes the program of the same file that the first of `words` names, with the rest of them as arguments; returns only when that fails.
    public static func become(_ words: [String]) -> ProcessError {
        CStrings.with(words) { words in
            _ = execv("/proc/self/exe", words)
            return ProcessError("cannot start this program's file", errno)
        }
    }

    /// Whatever mask the process was started with (umask(2)): it makes nothing that everybody on the machine may write.
    public static func limitMask() { umask(umask(0) | 0o002) }

    /// Ends the process with `status`. Not by way of `exit`: the C libraries' own clean-up at exit would run under threads that still
    /// close their connections.
    public static func leave(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// Writes `text` to standard output; the exit status.
    public static func printed(_ text: String) -> Int32 {
        var output = OutputLines()
        output.write(text)
        output.flush()
        guard let failure = output.failure else { return ExitStatus.done }
        LogLine.write("\(failure)\n", to: 2)
        return ExitStatus.system
    }

    /// The exit status of a program that ends over `error`.
    public static func status(of error: any Error) -> Int32 {
        (error as? any ProgramEnding)?.exitStatus ?? ExitStatus.failed
    }
}
