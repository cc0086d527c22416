import Glibc

/// The application's log: one line per call on standard error, each with a single write.
public struct Log: Sendable {
    /// How much is said, from least to most.
    public enum Level: String, Sendable, Comparable, CaseIterable {
        /// Needs a human.
        case error
        /// Something is odd and the work goes on.
        case warning
        /// Started, stopped, reconnected.
        case notice
        /// One line per post.
        case info
        /// Single steps.
        case debug

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .notice: 2
            case .info: 3
            case .debug: 4
            }
        }

        /// `left` says less than `right`.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    /// What a line looks like.
    public enum Format: String, Sendable, CaseIterable {
        /// `2026-01-31T09:30:00.123Z dd_sara: message key=value`; the time only of programs that run on.
        case text
        /// An object with `time`, `level`, `program`, `message`, `fields`.
        case json
    }

    /// The program's name, at the beginning of every line.
    public let program: String
    /// The last level that is written.
    public let level: Level
    /// What a line looks like.
    public let format: Format
    /// Lines of text begin with the time.
    private let stamps: Bool
    private let descriptor: Int32

    /// A log to standard error.
    public init(program: String, level: Level = .notice, format: Format = .text) {
        self.init(program: program, level: level, format: format, descriptor: 2)
    }

    /// The same log for a program that runs on, as which it may have another name: its lines of text begin with the time, UTC, but where the
    /// journal of the system takes them, which notes the time itself.
    public func service(_ name: String? = nil) -> Log {
        Log(
            program: name ?? program, level: level, format: format, descriptor: descriptor,
            stamps: !LogLine.isForJournal(descriptor))
    }

    init(program: String, level: Level, format: Format, descriptor: Int32, stamps: Bool = false) {
        self.program = program
        self.level = level
        self.format = format
        self.descriptor = descriptor
        self.stamps = stamps
    }

    /// Needs a human.
    public func error(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.error, message, fields)
    }

    /// Something is odd and the work goes on.
    public func warning(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.warning, message, fields)
    }

    /// Started, stopped, reconnected.
    public func notice(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.notice, message, fields)
    }

    /// One line per post.
    public func info(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.info, message, fields)
    }

    /// Single steps.
    public func debug(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.debug, message, fields)
    }

    private func write(_ level: Level, _ message: () -> String, _ fields: KeyValuePairs<String, String>) {
        guard level <= self.level else { return }
        LogLine.write(line(level, message(), fields) + "\n", to: descriptor)
    }

    func line(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>) -> String {
        let message = LogLine.bounded(message)
        switch format {
        case .text:
            let time = stamps ? LogLine.timeNow() + " " : ""
            let words = fields.map { " \($0.key)=\(LogLine.word(LogLine.bounded($0.value)))" }
            return "\(time)\(program): \(LogLine.plain(message))" + words.joined()
        case .json:
            return JSONText.object([
                ("time", JSONText.quoted(LogLine.timeNow())), ("level", JSONText.quoted(level.rawValue)),
                ("program", JSONText.quoted(program)), ("message", JSONText.quoted(message)),
                ("fields", JSONText.object(fields.map { ($0.key, JSONText.quoted(LogLine.bounded($0.value))) })),
            ])
        }
    }
}
