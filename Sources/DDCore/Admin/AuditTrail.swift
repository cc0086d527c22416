import CLinux
import Glibc

/// The file in which every change of the administrator's tool leaves a line: one JSON object, appended, on disk before the tool says
/// that it is done.
public final class AuditTrail {
    /// One change.
    public struct Entry: Sendable, Equatable {
        /// When.
        public var time: Timestamp
        /// The account on the broker, and the user of this machine: `admin (root@host)`.
        public var who: String
        /// The command: `user add bob`.
        public var action: String
        /// What was changed, in the words of `Difference.text`.
        public var changes: [String]

        /// One line for people.
        public var text: String {
            LogLine.plain(
                "\(time.wire.prefix(14)) \(who): \(action)" + (changes.isEmpty ? "" : ": " + changes.joined(separator: "; ")))
        }

        /// Whether it concerns the user called `name`.
        public func isAbout(_ name: String) -> Bool {
            action.split { $0 == " " || $0 == "," }.contains { $0.utf8.elementsEqual(name.utf8) }
        }

        /// One line of the file.
        public var json: JSONValue {
            .object([
                "time": .string(time.wire), "who": .string(who), "action": .string(action),
                "changes": .array(changes.map(JSONValue.string)),
            ])
        }

        init?(_ json: JSONValue) {
            guard let time = json["time"]?.string.flatMap({ try? Timestamp(wire: $0) }), let who = json["who"]?.string,
                let action = json["action"]?.string
            else { return nil }
            (self.time, self.who, self.action) = (time, who, action)
            changes = (json["changes"]?.array ?? []).compactMap(\.string)
        }

        init(who: String, action: String, changes: [String]) {
            (time, self.who, self.action, self.changes) = (.now(), who, action, changes)
        }
    }

    private let path: String
    private let descriptor: Int32
    private let who: String

    /// Opens the file at `path` (0600), and makes it and its folder when absent, before anything is changed.
    public init(_ path: String, account: String) throws(ProcessError) {
        self.path = path
        if let slash = path.lastIndex(of: "/") { try SmallFile.makeFolder(String(path[..<slash]), mode: 0o700) }
        descriptor = try SmallFile.openPlain(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        who = "\(account) (\(Self.systemUser())@\(Expansion.localHostname()))"
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds a line with one write and brings it to the disk.
    public func note(_ action: String, _ changes: [String]) throws(ProcessError) {
        let line = Array((Entry(who: who, action: action, changes: changes).json.text + "\n").utf8)
        guard write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
            throw ProcessError("cannot write the audit trail \(path)", errno)
        }
    }

    /// The entries of a file, the oldest first, and the numbers of the lines that are none; nothing when there is no file.
    public static func entries(_ path: String) throws(ProcessError) -> (entries: [Entry], unreadable: [Int]) {
        var (entries, unreadable): ([Entry], [Int]) = ([], [])
        for (number, line) in try SmallFile.lines(path).enumerated() {
            if let entry = (try? JSONParser.parse(line)).flatMap({ Entry($0) }) {
                entries.append(entry)
            } else {
                unreadable.append(number + 1)
            }
        }
        return (entries, unreadable)
    }

    private static func systemUser() -> String {
        guard let entry = getpwuid(getuid()) else { return "\(getuid())" }
        return String(cString: entry.pointee.pw_name)
    }
}
