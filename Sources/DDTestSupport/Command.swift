import DDCore
import Glibc

/// One of our programs as it was built, beside the test bundle: for tests of the command line.
public struct Command: Sendable {
    /// What became of a run.
    public struct Outcome: Sendable {
        /// The exit status; 128 + signal when a signal ended it.
        public let status: Int32
        /// All that it wrote to standard output.
        public let output: String
        /// All that it wrote to standard error.
        public let errors: String
    }

    /// A run that did not end in time.
    public struct Overdue: Error, CustomStringConvertible {
        /// What ran, for how long, and what it said.
        public let description: String
    }

    /// The program's path.
    public let path: String
    /// Added to the environment of the test, and put in the place of what has the same name there.
    public var environment: [String: String]
    /// The folder to start in; `nil`: the test's own.
    public var folder: String?

    /// The network that it has; `nil`: the test's own.
    public var network: NetworkNamespace?

    /// The program called `name` in the folder of the test bundle.
    public init(_ name: String, environment: [String: String] = [:], folder: String? = nil) {
        self.init(path: Self.folderOfBundle + "/" + name, environment: environment, folder: folder)
    }

    /// The program at `path`, which may be another's than ours.
    public init(path: String, environment: [String: String] = [:], folder: String? = nil) {
        self.path = path
        self.environment = environment
        self.folder = folder
    }

    /// Where the build put the programs: beside the test bundle, or where the environment variable `DD_BIN` says, to measure others.
    public static let folderOfBundle: String = {
        if let other = getenv("DD_BIN") { return String(cString: other) }
        guard let real = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(real) }
        let own = String(cString: real)
        return String(own.prefix(upTo: own.lastIndex(of: "/") ?? own.endIndex))
    }()

    /// Whether it was built.
    public var exists: Bool { access(path, X_OK) == 0 }

    /// Runs it to its end with `input` on standard input. Killed, and `Overdue` thrown, after `seconds`.
    public func run(_ arguments: [String], input: String = "", seconds: Double = 60) throws -> Outcome {
        try start(arguments, input: input).outcome(seconds: seconds)
    }

    /// Starts it in the background.
    public func start(_ arguments: [String], input: String = "") throws -> RunningCommand {
        try RunningCommand(self, arguments, input: input)
    }
}

/// A program in the background. Killed when this object goes.
public final class RunningCommand {
    private let name: String
    private let files: TemporaryFolder
    private let child: ChildProcess
    private var status: Int32?

    fileprivate init(_ program: Command, _ arguments: [String], input: String) throws {
        name = ([program.path] + arguments).joined(separator: " ")
        files = try TemporaryFolder()
        var launch = ChildProcess.Launch(program.path, arguments)
        launch.environment.merge(program.environment) { $1 }
        launch.folder = program.folder
        // Files instead of pipes: nothing has to be read while it runs, and nothing is lost when it is killed.
        launch.input = .read(try files.write(input, to: "in"))
        (launch.output, launch.error) = (.append(files.path("out")), .append(files.path("err")))
        child = try program.network?.inside { try ChildProcess.start(launch) } ?? ChildProcess.start(launch)
    }

    deinit { kill() }

    /// Its process number.
    public var pid: Int32 { child.pid }
    /// What it has written to standard output so far.
    public var output: String { SmallFile.text(files.path("out")) ?? "" }
    /// What it has written to standard error so far.
    public var errors: String { SmallFile.text(files.path("err")) ?? "" }
    /// Whether it has not ended yet.
    public var isRunning: Bool { poll(seconds: 0) == nil }

    /// Sends it a signal, unless it has ended.
    public func send(_ signal: Int32) {
        if isRunning { child.send(signal) }
    }

    /// Ends it at once and waits for that.
    public func kill() {
        send(SIGKILL)
        _ = poll(seconds: 10)
    }

    /// Waits for its end. Killed, and `Command.Overdue` thrown, after `seconds`.
    public func outcome(seconds: Double = 60) throws -> Command.Outcome {
        guard let status = poll(seconds: seconds) else {
            kill()
            throw Command.Overdue(description: "\(name) did not end within \(seconds) s: \(output)\(errors)")
        }
        return Command.Outcome(status: status, output: output, errors: errors)
    }

    private func poll(seconds: Double) -> Int32? {
        // A child can be waited for only once.
        if status == nil { status = child.wait(seconds: seconds) }
        return status
    }
}
