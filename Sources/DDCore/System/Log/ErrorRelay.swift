import CLinux
import Glibc

/// What users' programs write to their standard error, as lines of the log: with the program's name, the time where the log has it, in JSON
/// where it is JSON, and without what would steer a terminal.
final class ErrorRelay: Sendable {
    /// Where the programs write.
    let stream: ChildProcess.Stream
    /// What they print goes there, too: standard output is the log file as well.
    let takesOutput: Bool
    private let descriptor: Int32

    /// A longer line is cut in pieces of so many bytes.
    private static let longestLine = 4096

    /// A relay to `log` under `name`; `nil` where standard error is a terminal, which the programs may use as they like, or there is no pipe.
    init?(_ name: String, _ log: Log) {
        var ends: [Int32] = [-1, -1]
        guard isatty(2) != 1, dd_pipe(&ends) == 0 else { return nil }
        let (reading, writing) = (ends[0], ends[1])
        descriptor = writing
        stream = .descriptor(writing)
        takesOutput = Self.isOneFile()
        do throws(ProcessError) {
            try Thread.start(for: "the errors of \(name)") {
                Self.relay(reading) { log.warning("\(name): \($0)") }
                close(reading)
            }
        } catch {
            // They go to standard error as they are.
            log.warning("\(error)")
            close(reading)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// A program has ended: what it wrote without the end of a line is a line.
    func endLine() { _ = write(descriptor, "\n", 1) }

    private static func relay(_ descriptor: Int32, _ say: (String) -> Void) {
        var line: [UInt8] = []
        func flush() {
            if !line.isEmpty { say(String(decoding: line, as: UTF8.self)) }
            line.removeAll(keepingCapacity: true)
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return flush() }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") {
                    flush()
                } else {
                    line.append(byte)
                    if line.count >= longestLine { flush() }
                }
            }
        }
    }

    /// Whether standard output and standard error are one file, as they are of what works in the background.
    private static func isOneFile() -> Bool {
        var (output, error) = (stat(), stat())
        return fstat(1, &output) == 0 && fstat(2, &error) == 0 && output.st_dev == error.st_dev && output.st_ino == error.st_ino
    }
}
