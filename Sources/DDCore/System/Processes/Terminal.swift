import CLinux
import Glibc

/// The terminal from which this process was started: questions to a person.
public enum Terminal {
    /// What became of a question.
    public enum Answer: Sendable, Equatable {
        /// A line, without its end.
        case line(String)
        /// The end of input, or more than a line may have.
        case none
        /// There is no terminal.
        case nobody
    }

    /// The columns of the terminal that an open descriptor is of; 80 where it does not say.
    public static func width(of descriptor: Int32) -> Int {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 ? Int(size.ws_col) : 80
    }

    /// Asks `question` and reads a line that is not shown while it is typed. A signal that ends the process ends it here as well, and the
    /// terminal is as it was before.
    public static func secret(_ question: String) -> Answer { ask(question, hidden: true) }

    /// Asks `question`; whether the answer is `yes`. `nil` without a terminal.
    public static func confirm(_ question: String) -> Bool? {
        switch ask(question, hidden: false) {
        case .line(let text): text.lowercased() == "yes"
        case .none: false
        case .nobody: nil
        }
    }

    /// What a person or the system sends to end or stop a program: none may leave the terminal without its echo.
    private static let signals = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP]

    private static func ask(_ question: String, hidden: Bool) -> Answer {
        // Only when a person could answer: a job of cron(8) that was started from a terminal has none as its input.
        guard isatty(0) == 1 else { return .nobody }
        let descriptor = dd_openat(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY, 0)
        guard descriptor >= 0 else { return .nobody }
        defer { close(descriptor) }
        guard hidden else {
            write(question, to: descriptor)
            return line(descriptor)
        }
        while true {
            // A signal has its effect between two turns, with the terminal as it was: whoever stopped and goes on is asked again.
            if let answer = askHidden(question, descriptor) { return answer }
        }
    }

    /// `nil`: a signal came first.
    private static func askHidden(_ question: String, _ descriptor: Int32) -> Answer? {
        var held = sigset_t()
        var others = sigset_t()
        sigemptyset(&held)
        for signal in signals { sigaddset(&held, signal) }
        guard pthread_sigmask(SIG_BLOCK, &held, &others) == 0 else { return .nobody }
        defer { pthread_sigmask(SIG_SETMASK, &others, nil) }
        let waiting = dd_signalfd(&held)
        guard waiting >= 0 else { return .nobody }
        defer { close(waiting) }
        var before = termios()
        guard tcgetattr(descriptor, &before) == 0 else { return .nobody }
        var quiet = before
        quiet.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(descriptor, TCSAFLUSH, &quiet) == 0 else { return .nobody }
        defer {
            tcsetattr(descriptor, TCSAFLUSH, &before)
            write("\n", to: descriptor)
        }
        write(question, to: descriptor)
        var events = [waiting, descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&events, 2, -1) < 0 && errno == EINTR {}
        return events[0].revents == 0 ? line(descriptor) : nil
    }

    private static func line(_ descriptor: Int32) -> Answer {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4096 {
            let count = read(descriptor, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { return .none }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                return String(validating: bytes, as: UTF8.self).map(Answer.line) ?? .none
            }
            bytes.append(byte)
        }
        return .none
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
