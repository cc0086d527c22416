import Glibc

/// What the `main` of every program has in common: arguments in, one line for an error, an exit status out.
public enum Program {
    /// Shown by `--version`.
    public static let version = "0.1.0"

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
            // Who reads the log of what works in the background wants to know when.
            let plain = Action.isInBackground(CommandLine.arguments) ? Log(program: name).service() : Log(program: name)
            (voice.withLock { $0 } ?? plain).error("\(error)")
            return status(of: error)
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
        switch error {
        case let error as ConfigError: error.exitStatus
        case let error as BrokerError: error.exitStatus
        case let error as ManagementError: error.exitStatus
        case is ProcessError, is FileError: ExitStatus.system
        default: ExitStatus.failed
        }
    }
}

/// Lines for standard output, written many at a time. A reader that has gone away is no error: what follows is not written.
public struct OutputLines {
    private var bytes: [UInt8] = []
    /// Whether nothing more is written: the reader has gone away, or it failed.
    public private(set) var isClosed = false
    /// Why it failed, when not because the reader has gone away.
    public private(set) var failure: ProcessError?

    /// From now on the process ends, with 0, when nobody reads its standard output any more: for what only prints.
    public static func leaveWithReader() {
        Thread.start {
            var output = pollfd(fd: 1, events: 0, revents: 0)
            while Int32(output.revents) & (POLLERR | POLLHUP) == 0 {
                if poll(&output, 1, -1) < 0 && errno != EINTR { return }
                if Int32(output.revents) & POLLNVAL != 0 { return }
            }
            Program.leave(ExitStatus.done)
        }
    }

    /// Nothing written yet.
    public init() {}

    /// Adds text; writes when a good deal has gathered.
    public mutating func write(_ text: String) {
        guard !isClosed else { return }
        bytes.append(contentsOf: text.utf8)
        if bytes.count >= 32_768 { flush() }
    }

    /// Writes what has gathered.
    public mutating func flush() {
        var start = 0
        while start < bytes.count, !isClosed {
            let count = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress.map { $0 + start }, $0.count - start) }
            if count > 0 {
                start += count
            } else if errno == EAGAIN {
                var output = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
                poll(&output, 1, -1)
            } else if errno != EINTR {
                isClosed = true
                if errno != EPIPE { failure = ProcessError("cannot write to standard output", errno) }
            }
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
