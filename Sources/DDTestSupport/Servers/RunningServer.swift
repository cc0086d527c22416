import DDCore
import Glibc

/// A real server of files on loopback, with a configuration of its own: nginx, sshd or proftpd from Debian. Ends with this object.
public final class RunningServer: Sendable {
    /// Where it listens on 127.0.0.1.
    public let port: UInt16
    /// What it was set up with lies here; its own output is in `log`.
    public let files: TemporaryFolder
    private let program: String
    private let arguments: [String]
    private let child = Guarded<ChildProcess?>(nil)
    /// Keeps the port for it while it is stopped.
    private let place = Guarded<LoopbackSocket?>(nil)

    /// Starts `program` as soon as `setUp` has made what it needs, in a folder of its own; that returns the arguments.
    convenience init(_ program: String, _ setUp: (TemporaryFolder, UInt16) throws -> [String]) throws {
        // Another test may take the port between the look and the taking.
        do { try self.init(once: program, setUp) } catch is Command.Overdue { try self.init(once: program, setUp) }
    }

    private init(once program: String, _ setUp: (TemporaryFolder, UInt16) throws -> [String]) throws {
        guard let port = FreePort.find() else { throw ProcessError("cannot find a free port", EADDRINUSE) }
        self.port = port
        self.program = program
        files = try TemporaryFolder()
        arguments = try setUp(files, port)
        try start()
    }

    deinit { stop() }

    /// What it said.
    public var log: String { SmallFile.text(files.path("log")) ?? "" }

    /// Starts it again, at the same port.
    public func start() throws {
        var launch = ChildProcess.Launch(program, arguments)
        (launch.output, launch.error) = (.append(files.path("log")), .append(files.path("log")))
        place.withLock { $0 = nil }
        let child = try TiedProcess.start(launch)
        self.child.withLock { $0 = child }
        var status: Int32?
        let stands = waitUntil(seconds: 30) {
            status = child.pollStatus()
            return status != nil || FreePort.answers(port)
        }
        guard stands, status == nil else {
            if status == nil { stop() } else { self.child.withLock { $0 = nil } }
            throw Command.Overdue(description: "\(program) does not stand: \(log)")
        }
    }

    /// Ends it at once, with the processes that serve its connections. Its port answers nobody until it is started again.
    public func stop() {
        guard
            let child = child.withLock({ child -> ChildProcess? in
                defer { child = nil }
                return child
            })
        else { return }
        // One that is just starting another process must not leave it behind.
        child.send(SIGSTOP)
        for pid in Self.descendants(of: child.pid) { kill(pid, SIGKILL) }
        kill(-child.pid, SIGKILL)
        _ = child.wait(seconds: 10)
        _ = waitUntil(seconds: 5) { FreePort.isFree(port) }
        place.withLock { $0 = try? LoopbackSocket.reserve(port) }
    }

    /// Its processes stand still, or go on: connections are taken, and nobody answers.
    public func freeze(_ isFrozen: Bool) {
        child.withLock { child in
            if let child { kill(-child.pid, isFrozen ? SIGSTOP : SIGCONT) }
        }
    }

    /// The processes below `pid`, as /proc tells.
    private static func descendants(of pid: Int32) -> [Int32] {
        let children = (SmallFile.text("/proc/\(pid)/task/\(pid)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
        return children + children.flatMap { descendants(of: $0) }
    }
}

/// Small programs that make what servers need.
enum Tool {
    /// Runs a program to its end; what it wrote.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], in folder: TemporaryFolder, input: String = "") throws -> String {
        let outcome = try Command(path: program, folder: folder.path).run(arguments, input: input)
        guard outcome.status == 0 else { throw Command.Overdue(description: "\(program): \(outcome.errors)") }
        return outcome.output
    }
}
