import CLinux
import Glibc

/// Runs a user's program (`on_message`, `on_file`) and waits for it, without a shell.
///
/// It has `/dev/null` as its input, this process's output and error, and a process group of its own, so that what it started ends with
/// it at the time limit.
public struct CommandRunner: Sendable, Equatable {
    /// The program, looked up in `PATH`, and its first arguments.
    public let words: [String]
    /// After this the program is killed; `nil`: never.
    public let limit: Duration?

    /// How a program ended.
    public enum End: Sendable, Equatable {
        /// By itself: its exit status, or 128 + the signal that ended it.
        case status(Int32)
        /// Killed at the time limit.
        case timedOut
    }

    /// A runner for the command `text`, cut by `CommandWords`.
    public init(_ text: String, limit: Duration? = nil) throws(ConfigError) {
        words = try CommandWords.split(text)
        self.limit = limit
    }

    /// Runs it once with `arguments` behind its own words; blocks the calling thread. `environment` is added to the process's
    /// own. Throws when the program cannot be started.
    public func run(_ arguments: [String], environment added: [(name: String, value: String)] = []) throws(ProcessError) -> End {
        try run(arguments, environment: added, nil)
    }

    /// The same; `kept` is a descriptor that the program keeps open, and what it writes to its standard error goes to `relay`, where there
    /// is one.
    func run(
        _ arguments: [String], environment added: [(name: String, value: String)], kept: Int32? = nil, _ relay: ErrorRelay?
    ) throws(ProcessError) -> End {
        var launch = ChildProcess.Launch(words[0], Array(words.dropFirst()) + arguments, environment: CommandRunner.inherited)
        launch.searchesPath = true
        launch.kept = kept
        for (name, value) in added { launch.environment[name] = value }
        if let relay {
            launch.error = relay.stream
            if relay.takesOutput { launch.output = relay.stream }
        }
        let child = try ChildProcess.start(launch)
        let watch: Deadline?
        do throws(ProcessError) {
            if let limit { watch = try Deadline(group: child.pid, after: limit) } else { watch = nil }
        } catch {
            // It is not let run without its limit.
            kill(-child.pid, SIGKILL)
            _ = child.wait()
            throw error
        }
        child.awaitEnd()
        let timedOut = watch?.cancel() ?? false
        // Only now is the number free for another process: until here the deadline could not hit a stranger.
        let status = child.wait()
        relay?.endLine()
        return timedOut ? .timedOut : .status(status)
    }

    private static let inherited = ProcessEnvironment.initial()
}
