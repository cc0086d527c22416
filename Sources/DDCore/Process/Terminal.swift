import CLinux
import Glibc

/// The terminal from which this process was started: questions to a person.
public enum Terminal {
    /// Asks `question` and reads a line that is not shown while it is typed. `nil` without a terminal, or at its end of input.
    public static func secret(_ question: String) -> String? { ask(question, hidden: true) }

    /// Asks `question`; whether the answer is `yes`. `nil` without a terminal.
    public static func confirm(_ question: String) -> Bool? { ask(question, hidden: false).map { $0.lowercased() == "yes" } }

    private static func ask(_ question: String, hidden: Bool) -> String? {
        // Only when a person could answer: a job of cron(8) that was started from a terminal has none as its input.
        guard isatty(0) == 1 else { return nil }
        let descriptor = dd_openat(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else { return nil }
        var quiet = before
        // Without signals: an interrupt would leave the terminal without its echo.
        if hidden { quiet.c_lflag &= ~tcflag_t(ECHO | ISIG) }
        tcsetattr(descriptor, TCSAFLUSH, &quiet)
        defer { tcsetattr(descriptor, TCSAFLUSH, &before) }
        write(question, to: descriptor)
        defer { if hidden { write("\n", to: descriptor) } }
        return line(descriptor)
    }

    private static func line(_ descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096 {
            let count = read(descriptor, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            // Ctrl-C and Ctrl-D.
            guard count == 1, byte != 3, byte != 4 else { return nil }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return String(validating: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
