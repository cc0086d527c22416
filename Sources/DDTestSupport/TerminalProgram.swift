import CLinux
import DDCore
import Glibc

/// A program at a terminal of its own, which the test types at and reads: a pair of posix_openpt(3).
public final class TerminalProgram {
    /// All that was shown so far.
    public private(set) var shown = ""

    private let keyboard: Int32
    private let child: ChildProcess
    private var status: Int32?

    /// Starts a program whose three streams and whose controlling terminal are the new terminal.
    public init(_ program: Command, _ arguments: [String]) throws {
        var name = [CChar](repeating: 0, count: 128)
        let keyboard = dd_open_terminal(&name, name.count)
        guard keyboard >= 0 else { throw ProcessError("cannot make a terminal", errno) }
        self.keyboard = keyboard
        let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var launch = ChildProcess.Launch(program.path, arguments)
        launch.environment.merge(program.environment) { $1 }
        // The first terminal that the leader of a session opens is its controlling one.
        launch.hasOwnSession = true
        (launch.input, launch.output, launch.error) = (.read(path), .append(path), .append(path))
        do { child = try ChildProcess.start(launch) } catch {
            close(keyboard)
            throw error
        }
    }

    deinit {
        if status == nil {
            child.send(SIGKILL)
            _ = child.wait(seconds: 10)
        }
        close(keyboard)
    }

    /// Whether the terminal shows what is typed.
    public var echoes: Bool {
        var facts = termios()
        return tcgetattr(keyboard, &facts) == 0 && facts.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Types text.
    public func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(keyboard, bytes, bytes.count)
    }

    /// Sends the program a signal.
    public func send(_ signal: Int32) { child.send(signal) }

    /// Waits until `text` is shown; false after 20 seconds.
    public func shows(_ text: String) -> Bool {
        waitUntil(seconds: 20) {
            read()
            return shown.contains(text)
        }
    }

    /// Waits for the end; the exit status, 128 + signal when one ended it; `nil` when it did not end within 30 seconds.
    public func outcome() -> Int32? {
        if status == nil {
            _ = waitUntil(seconds: 30) {
                read()
                status = child.pollStatus()
                return status != nil
            }
        }
        read()
        return status
    }

    private func read() {
        var events = pollfd(fd: keyboard, events: Int16(POLLIN), revents: 0)
        var bytes = [UInt8](repeating: 0, count: 4096)
        while poll(&events, 1, 0) == 1, events.revents & Int16(POLLIN) != 0 {
            let count = Glibc.read(keyboard, &bytes, bytes.count)
            guard count > 0 else { return }
            shown += String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }
}
