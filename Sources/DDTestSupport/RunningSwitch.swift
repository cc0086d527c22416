import DDCore
import Glibc

/// A whole switch for tests: `dd_switch up` in a temporary folder.
///
/// `shared()` is started by the first test that wants it and ends with the test process, even when that one is killed.
public final class RunningSwitch: Sendable {
    /// Its folder.
    public let folder: String
    /// What `DIR/env` says: `DD_BROKER_ALICE`, `DD_URL`, `DD_SOURCE_ROOT` and so on.
    public let variables: [String: String]

    private let files: TemporaryFolder?
    private let child: ChildProcess
    private let isStopped = Guarded(false)

    private static let one = Guarded<Result<RunningSwitch, any Error>?>(nil)

    /// The switch that all tests of this process share; its source tree is an empty folder. Users are told apart by their own
    /// exchanges, so tests that share it should post below folders of their own.
    public static func shared() throws -> RunningSwitch {
        try one.withLock { known in
            if let known { return try known.get() }
            let result = Result { try RunningSwitch() }
            known = result
            atexit {
                RunningSwitch.one.withLock { known in
                    _ = try? known?.get().stop()
                    known = nil  // and with it its folder
                }
            }
            return try result.get()
        }
    }

    /// A switch of its own. `folder` nil: a temporary one, with an empty source tree. Takes some seconds.
    public init(folder: String? = nil, _ options: [String] = []) throws {
        let files = folder == nil ? try TemporaryFolder() : nil
        let path = folder ?? (files?.path("switch") ?? "")
        self.files = files
        self.folder = path
        var arguments = ["up"] + options
        if let other = RabbitMQ.chosen { arguments += ["--rabbitmq", other] }
        if let files { arguments += ["--serve", try files.makeFolder("source")] }
        var launch = ChildProcess.Launch(Command("dd_switch").path, arguments + [path])
        (launch.output, launch.error) = (.append(path + ".log"), .append(path + ".log"))
        child = try TiedProcess.start(launch)
        let child = child
        var status: Int32?
        let ready = waitUntil(seconds: 150) {
            status = child.pollStatus()
            return status != nil || access(path + "/env", R_OK) == 0
        }
        guard ready, status == nil, let text = SmallFile.text(path + "/env") else {
            if status == nil { child.send(SIGTERM) }
            throw Command.Overdue(description: "dd_switch up does not stand: \(SmallFile.text(path + ".log") ?? "")")
        }
        variables = Self.parse(text)
    }

    /// The value of one of `DIR/env`'s variables; empty when it is not there.
    public subscript(_ name: String) -> String { variables[name] ?? "" }

    /// The process number of `dd_switch up`.
    public var pid: Int32 { child.pid }
    /// What it said so far.
    public var log: String { SmallFile.text(folder + ".log") ?? "" }

    /// Ends it with a signal (SIGTERM); its exit status, `nil` when it took longer than 60 s and was killed, or was ended before.
    @discardableResult
    public func stop(_ signal: Int32? = nil) -> Int32? {
        let wasStopped = isStopped.withLock { known in
            defer { known = true }
            return known
        }
        guard !wasStopped else { return nil }
        child.send(signal ?? SIGTERM)
        if let status = child.wait(seconds: 60) { return status }
        child.send(SIGKILL)
        _ = child.wait(seconds: 10)
        return nil
    }

    /// The lines `NAME='value'` of a file of shell variables.
    static func parse(_ text: String) -> [String: String] {
        var result: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            // 'it'\''s': quotes open and close, and between them stands an escaped one.
            let pieces = line[line.index(after: equals)...].split(separator: "'\\''", omittingEmptySubsequences: false)
            let value = pieces.map { $0.filter { $0 != "'" } }.joined(separator: "'")
            result[String(line[..<equals])] = value
        }
        return result
    }
}
