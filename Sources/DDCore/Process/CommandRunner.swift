import CLinux
import Glibc

/// Runs a user's program (`on_message`, `on_file`) and waits for it: posix_spawnp(3), no shell.
///
/// It has `/dev/null` as its input, this process's output and error, no other descriptor, no signal blocked or ignored, and a
/// process group of its own, so that what it started ends with it at the time limit.
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
        let pid = try start(words + arguments, CommandRunner.merged(added))
        let watch = limit.flatMap { Deadline(group: pid, after: $0) }
        waitForEnd(pid)
        let timedOut = watch?.cancel() ?? false
        // Only now is the number free for another process: until here the deadline could not hit a stranger.
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return timedOut ? .timedOut : .status(dd_exit_status(status))
    }

    private func waitForEnd(_ pid: pid_t) {
        var facts = siginfo_t()
        while waitid(P_PID, id_t(pid), &facts, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    }

    private static let inherited = ProcessEnvironment.initial()

    private static func merged(_ added: [(name: String, value: String)]) -> [String] {
        var all = inherited
        for (name, value) in added { all[name] = value }
        return all.map { "\($0.key)=\($0.value)" }
    }

    private func start(_ arguments: [String], _ environment: [String]) throws(ProcessError) -> pid_t {
        // A NUL would cut the text in two meanings: what was checked and what the program sees.
        guard (arguments + environment).allSatisfy({ !$0.utf8.contains(0) }) else {
            throw ProcessError("cannot start \(words[0]): an argument contains NUL", EINVAL)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        dd_spawn_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))

        var pid: pid_t = 0
        let status = CStrings.with(arguments) { arguments in
            CStrings.with(environment) { posix_spawnp(&pid, words[0], &actions, &attributes, arguments, $0) }
        }
        guard status == 0 else { throw ProcessError("cannot start \(words[0])", status) }
        return pid
    }
}
