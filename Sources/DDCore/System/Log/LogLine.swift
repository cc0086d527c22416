import CLinux
import Glibc

/// How the words of a log line are written.
public enum LogLine {
    /// `text` on one line: control characters are escaped, so that a name from the wire cannot forge a line or steer a terminal.
    public static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isControl(scalar) { result += "\\x" + hex(scalar.value) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// Bytes of a message, or of a field's value, that are written: whoever sends long names must not fill the disk with the lines about
    /// them.
    static let most = 4096

    /// `text`, or its beginning and how long it is.
    static func bounded(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.count > most else { return text }
        let end = text.unicodeScalars.index(
            before: text.unicodeScalars.index(after: bytes.index(text.startIndex, offsetBy: most)))
        return "\(text[..<end])... (\(bytes.count) bytes)"
    }

    /// A value behind `key=`: in quotes when it is empty or has a blank or a quote.
    static func word(_ text: String) -> String {
        text.isEmpty || text.utf8.contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\"") }
            ? JSONText.quoted(text) : plain(text)
    }

    /// The present in UTC, `2026-01-31T09:30:00.123Z`.
    static func timeNow() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
        let day = "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(day)T\(time).\(padded(now.tv_nsec / 1_000_000, 3))Z"
    }

    /// Whether the system's journal reads this descriptor: `JOURNAL_STREAM` names it, sd_journal_stream_fd(3).
    static func isForJournal(_ descriptor: Int32) -> Bool {
        var facts = stat()
        guard let named = getenv("JOURNAL_STREAM"), fstat(descriptor, &facts) == 0 else { return false }
        return String(cString: named) == "\(facts.st_dev):\(facts.st_ino)"
    }

    /// Writes `text`, in one call where the system takes it so. What cannot be written is lost.
    static func write(_ text: String, to descriptor: Int32) {
        if descriptor == 2, StatusLine.write(above: text) { return }
        put(text, to: descriptor)
    }

    /// The same, whatever is drawn on the terminal.
    static func put(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(
                    descriptor, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[rest.indices]).baseAddress,
                    rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// What steers a terminal, ends a line, or has the rest of a line shown in another order than it was written (U+202E and its like).
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Also the C1 range: some terminals take U+009B for the beginning of a command.
        case ..<0x20, 0x7F...0x9F, 0x2028...0x2029: true
        case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
    }
}
