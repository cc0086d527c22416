import CLinux
import Glibc

/// What an instance says of itself to those who ask for the status: a file, held while it lives.
public final class InstanceMark {
    private let file: PidFile
    /// In the foreground: the file that says that one process runs, held with its own.
    private let keeper: PidFile?
    /// Who keeps it running is another process.
    var isKept: Bool { keeper == nil }
    /// It is number 1: what only one of them is to do is its affair.
    public let isFirst: Bool

    /// Takes the place of instance `number`. Ends with whoever keeps it running. Throws when that one is not there, or when the
    /// place is taken.
    init(_ files: DaemonFiles, _ number: Int) throws {
        guard dd_die_with_parent(SIGTERM) == 0 else { throw ProcessError("cannot be tied to the process that keeps it", errno) }
        guard PidFile.holder(of: files.keeper)?.process.pid == getppid() else {
            throw ConfigError(
                .usage, "\(Program.instanceWord) is for processes that '\(files.program) \(files.configuration) start' starts")
        }
        guard let file = try PidFile(files.instance(number)) else {
            throw BrokerError(.unreachable, "instance \(number) of \(files.configuration) still runs")
        }
        self.file = file
        keeper = nil
        isFirst = number == 1
        says(.notConnected)
    }

    /// For a process in the foreground: what keeps it running is itself. `nil` when another process has its places, or they cannot be written:
    /// it works all the same, and is not seen by `status`, which is said.
    init?(inForeground files: DaemonFiles, log: Log) {
        do {
            try files.makeFolders()
            guard let keeper = try PidFile(files.keeper), let file = try PidFile(files.instance(1)) else {
                log.notice("another process works for \(files.configuration) already: status tells of that one alone")
                return nil
            }
            (self.file, self.keeper, isFirst) = (file, keeper, true)
        } catch {
            log.warning("status will not show this process, because its place there cannot be taken: \(error)")
            return nil
        }
        keeper?.write("1 runs\n")
        says(.notConnected)
    }

    private var state = ""
    private var figures = ""

    /// Says what it does since now. `start` waits until that is something else than `notConnected`.
    public func says(_ state: WorkState) {
        self.state = "\(state.rawValue) since \(Self.time(.now()))\n"
        file.write(self.state + figures)
    }

    /// Says what it has done.
    func tells(_ figures: FlowFigures) {
        self.figures = figures.json.text + "\n"
        file.write(state + self.figures)
    }

    /// A time for people, UTC.
    static func time(_ time: Timestamp) -> String {
        let digits = Array(time.wire.prefix(14))
        guard digits.count == 14 else { return time.wire }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(8..<10)):\(part(10..<12)):\(part(12..<14)) UTC"
    }
}
