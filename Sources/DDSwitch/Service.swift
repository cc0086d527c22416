import DDCore
import Glibc

/// One program of the switch: how it is started, and the process that it is at present.
struct Service {
    /// What it is called in messages, in `DIR/run` and in `DIR/log`.
    let name: String
    private let launch: ChildProcess.Launch
    private let folder: SwitchFolder
    private(set) var child: ChildProcess?
    /// When it is to be started again; `nil` while it runs.
    private(set) var restartAt: ContinuousClock.Instant?
    private var startedAt = ContinuousClock.now
    private var failures = 0

    private static let marker = "DD_SWITCH_DIR"

    init(_ name: String, _ launch: ChildProcess.Launch, in folder: SwitchFolder) throws {
        self.name = name
        self.folder = folder
        // By way of `dd_switch child`, so that it ends when this process does, however that happens.
        var tied = try Program.again("dd_switch", ["child", "\(getpid())", launch.program] + launch.arguments)
        tied.environment = launch.environment
        tied.environment[Self.marker] = folder.path
        (tied.output, tied.error) = (.append(folder.log + "/\(name).out"), .append(folder.log + "/\(name).out"))
        self.launch = tied
    }

    private var pidFile: String { "\(folder.run)/\(name).pid" }

    mutating func start() throws {
        let child = try ChildProcess.start(launch)
        self.child = child
        restartAt = nil
        startedAt = .now
        try SmallFile.write("\(child.pid)\n", to: pidFile)
    }

    /// The exit status when it has ended since the last look. It is then to be started again after a wait that grows from half
    /// a second to ten with each early end.
    mutating func reap() -> Int32? {
        guard let child, let status = child.pollStatus() else { return nil }
        // What it has left behind in its process group, as nginx's worker when nginx was killed, still has its ports.
        kill(-child.pid, SIGKILL)
        self.child = nil
        unlink(pidFile)
        if startedAt.duration(to: .now) > .seconds(30) { failures = 0 }
        restartAt = .now + .milliseconds(min(10_000, 500 << min(failures, 5)))
        failures += 1
        return status
    }

    /// The last line that it wrote, for a message.
    var lastWords: String {
        let lines = (SmallFile.text(folder.log + "/\(name).out") ?? "").split(separator: "\n")
        return lines.last.map { ": \($0)" } ?? ""
    }

    /// Ends what an earlier `dd_switch up` of this folder left behind because it was killed.
    static func endStale(in folder: SwitchFolder) {
        let files = ["requests", "log2source", "ingest", "web", "broker", "mapper"].map { "\(folder.run)/\($0).pid" }
        for file in files {
            let number = (SmallFile.text(file) ?? "").split(separator: "\n").first.flatMap { Int32($0) }
            if let number, number > 1 { end(number, of: folder) }
            unlink(file)
        }
    }

    private static func end(_ pid: Int32, of folder: SwitchFolder) {
        // Looked at each time: the number may have gone to somebody else's process.
        for attempt in 0..<200 where belongs(pid, to: folder) {
            if attempt == 0 { kill(pid, SIGTERM) }
            if attempt == 100 { kill(-pid, SIGKILL) }
            usleep(100_000)
        }
    }

    /// Whether a process is one of this folder's: nginx shows the folder in its command line, the others in their environment.
    private static func belongs(_ pid: Int32, to folder: SwitchFolder) -> Bool {
        let command = SmallFile.text("/proc/\(pid)/cmdline") ?? ""
        let environment = SmallFile.text("/proc/\(pid)/environ") ?? ""
        return command.contains(folder.path + "/") || environment.contains("\(marker)=\(folder.path)\0")
    }
}
