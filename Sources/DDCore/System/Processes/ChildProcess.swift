import CLinux
import Glibc

/// A program that was started by this process and has to be waited for, once.
///
/// It runs in a process group of its own, with no signal blocked or ignored and no descriptor but 0, 1, 2 and what it is to keep as 3.
public struct ChildProcess: Sendable {
    /// Its process number, which is also that of its group.
    public let pid: Int32

    /// Where a standard stream leads.
    public enum Stream: Sendable, Equatable {
        /// `/dev/null`.
        case nothing
        /// The same as this process's.
        case inherited
        /// A file that is read from its beginning.
        case read(String)
        /// A file that is made when absent (0600) and written to at its end.
        case append(String)
        /// A descriptor of this process, which stays its owner.
        case descriptor(Int32)
    }

    /// What is to be started.
    public struct Launch: Sendable {
        /// A path, or with `searchesPath` a name that is looked up in this process's `PATH`.
        public var program: String
        /// Whether the program is looked up.
        public var searchesPath = false
        /// The words after the program's name.
        public var arguments: [String]
        /// The whole environment; nothing is added.
        public var environment: [String: String]
        /// Descriptors 0, 1 and 2.
        public var input = Stream.nothing
        /// Descriptor 1.
        public var output = Stream.inherited
        /// Descriptor 2.
        public var error = Stream.inherited
        /// A descriptor of this process that the program has as its descriptor 3, only to keep it open; `nil`: none.
        public var kept: Int32?
        /// The folder to start in; `nil`: this process's.
        public var folder: String?
        /// It leads a session of its own: no terminal is its, and none ends it.
        public var hasOwnSession = false

        /// A launch with `/dev/null` as its input and this process's other two streams.
        public init(_ program: String, _ arguments: [String] = [], environment: [String: String] = ProcessEnvironment.initial()) {
            self.program = program
            self.arguments = arguments
            self.environment = environment
        }
    }

    /// Starts a program: posix_spawn(3). Throws when the program or a stream's file cannot be opened.
    public static func start(_ launch: Launch) throws(ProcessError) -> ChildProcess {
        let environment = launch.environment.map { "\($0.key)=\($0.value)" }.sorted()
        // A NUL would cut the text in two meanings: what was checked and what the program sees.
        guard (launch.arguments + environment).allSatisfy({ !$0.utf8.contains(0) }) else {
            throw ProcessError("cannot start \(launch.program): an argument contains NUL", EINVAL)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, stream) in [(0 as Int32, launch.input), (1, launch.output), (2, launch.error)] {
            switch stream {
            case .inherited: break
            case .nothing: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            case .read(let path): posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDONLY, 0)
            case .append(let path):
                posix_spawn_file_actions_addopen(&actions, descriptor, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            case .descriptor(let own): posix_spawn_file_actions_adddup2(&actions, own, descriptor)
            }
        }
        if let kept = launch.kept { posix_spawn_file_actions_adddup2(&actions, kept, 3) }
        dd_spawn_close_from(&actions, launch.kept == nil ? 3 : 4)
        if let folder = launch.folder { dd_spawn_in_folder(&actions, folder) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let group = launch.hasOwnSession ? dd_spawn_setsid : Int32(POSIX_SPAWN_SETPGROUP)
        let flags = group | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))
        posix_spawnattr_setpgroup(&attributes, 0)

        var pid: pid_t = 0
        let failure = CStrings.with([launch.program] + launch.arguments) { arguments in
            CStrings.with(environment) { environment in
                launch.searchesPath
                    ? posix_spawnp(&pid, launch.program, &actions, &attributes, arguments, environment)
                    : posix_spawn(&pid, launch.program, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw ProcessError("cannot start \(launch.program)", failure) }
        return ChildProcess(pid: pid)
    }

    /// Sends a signal to the program. Only sensible before it was waited for.
    public func send(_ signal: Int32) { _ = kill(pid, signal) }

    /// The exit status when the program has ended, 128 + signal when one ended it; `nil` while it runs. It must not be asked
    /// again after that.
    public func pollStatus() -> Int32? {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? dd_exit_status(status) : nil
    }

    /// Waits for the end, which the system goes on to remember: the number means this program until `wait`.
    func awaitEnd() {
        var facts = siginfo_t()
        while waitid(P_PID, id_t(pid), &facts, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
    }

    /// Waits for the end; the status as in `pollStatus`.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return dd_exit_status(status)
    }

    /// Waits up to `seconds` for the end; the status as in `pollStatus`.
    public func wait(seconds: Double) -> Int32? {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            if let status = pollStatus() { return status }
            guard ContinuousClock.now < end else { return nil }
            usleep(5_000)
        }
    }

    /// Becomes another program: execv(3). That one is sent `SIGTERM` when the thread that started this process ends, also by
    /// a kill. Does not return when it succeeds; when `parent` is no longer this process's parent, it ends at once.
    public static func become(_ program: String, _ arguments: [String], dyingWith parent: Int32) -> ProcessError {
        guard dd_die_with_parent(SIGTERM) == 0 else { return ProcessError("cannot tie \(program) to its parent", errno) }
        guard getppid() == parent else { _exit(0) }
        CStrings.with([program] + arguments) { _ = execv(program, $0) }
        return ProcessError("cannot start \(program)", errno)
    }
}
