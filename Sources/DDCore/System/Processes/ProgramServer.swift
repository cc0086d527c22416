import CLinux
import Glibc

/// A user's program that is started once and then asked, one line at a time: a line on its standard input is a question, the next line on
/// its standard output the answer. No shell, no process per question.
///
/// One thread owns the process; whoever asks waits for his turn. A program that dies, says nothing within the time limit or answers at
/// undue length is killed with what it started, and started again for the next question.
public final class ProgramServer: Sendable {
    /// Why there is no answer.
    public enum Failure: Error, Sendable, Equatable {
        /// It said nothing within the time limit.
        case timedOut
        /// It could not be started, ended, or answered without end.
        case died(String)
        /// It was not asked: one of an earlier run of this program still works on the item.
        case stillWorks
    }

    private struct Question: Sendable {
        let line: String
        let item: String
        let answer: Mailbox<Result<String, Failure>>
    }

    private let questions = Mailbox<Question>()

    /// A server for the program and first arguments in `words`, which is started with the first question. `limit` is for each answer;
    /// `nil`: it may take its time. `locks` is the path of a file of locks, see `ItemLock`; `nil`: none are taken. What it writes to its
    /// standard error goes to `errors`; `nil`: to this process's. Throws when the system has no thread left.
    public init(
        _ words: [String], limit: Duration?, locks: String? = nil, errors: ChildProcess.Stream? = nil
    ) throws(ProcessError) {
        let questions = self.questions
        try Thread.start(for: "the program \(words.first ?? "")") {
            let process = ServedProcess(words, limit: limit, locks: locks, errors: errors ?? .inherited)
            while let question = questions.take() { question.answer.put(process.ask(question.line, about: question.item)) }
            process.end()
        }
    }

    deinit { questions.close() }

    /// Asks `line`, which must not hold a line's end, and waits for the answer, without the end of its line. `item` is what it is about.
    public func ask(_ line: String, about item: String = "") throws(Failure) -> String {
        let answer = Mailbox<Result<String, Failure>>()
        questions.put(Question(line: line, item: item, answer: answer))
        guard let result = answer.take() else { throw .died("it is not running") }
        return try result.get()
    }
}

/// The process of a `ProgramServer`, on the thread that owns it.
private final class ServedProcess {
    private let words: [String]
    private let limit: Duration?
    private let locks: String?
    private let errors: ChildProcess.Stream
    private var child: ChildProcess?
    /// What the child holds together with this process.
    private var lock: ItemLock?
    private var input: Int32 = -1
    private var output: Int32 = -1
    private var startedAt = -Double.infinity
    private var received: [UInt8] = []

    /// An answer may have so many bytes.
    private static let longestAnswer = 65_536

    init(_ words: [String], limit: Duration?, locks: String?, errors: ChildProcess.Stream) {
        self.errors = errors
        self.words = words
        self.limit = limit
        self.locks = locks
    }

    func ask(_ line: String, about item: String) -> Result<String, ProgramServer.Failure> {
        do throws(ProgramServer.Failure) {
            // A process that has died since the last answer, or that dies over this question, is started again once for it.
            do throws(ProgramServer.Failure) { return .success(try exchange(line, item)) } catch {
                if error == .stillWorks { throw error }
                end()
                if error == .timedOut { throw error }
            }
            return .success(try exchange(line, item))
        } catch {
            if error != .stillWorks { end() }
            return .failure(error)
        }
    }

    func end() {
        if input >= 0 { close(input) }
        if output >= 0 { close(output) }
        (input, output) = (-1, -1)
        received = []
        lock = nil
        guard let child else { return }
        self.child = nil
        // Its input has ended: it may leave by itself for a moment before it is killed.
        if child.wait(seconds: 0.2) == nil {
            kill(-child.pid, SIGKILL)
            _ = child.wait(seconds: 10)
        }
    }

    private func exchange(_ line: String, _ item: String) throws(ProgramServer.Failure) -> String {
        if child == nil { try start() }
        let isFree: Bool
        do throws(ProcessError) { isFree = try lock?.take(item) ?? true } catch { throw .died(error.description) }
        guard isFree else { throw .stillWorks }
        defer { lock?.release(item) }
        // What it said unasked is no answer to what is asked now.
        received = []
        var rest = Array((line + "\n").utf8)[...]
        let deadline = limit.map { Monotonic.now() + $0.inSeconds }
        while !rest.isEmpty {
            try wait(for: POLLOUT, on: input, until: deadline)
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw .died("it does not read: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard received.count < Self.longestAnswer else { throw .died("its answer has no end") }
            try wait(for: POLLIN, on: output, until: deadline)
            let count = read(output, &buffer, buffer.count)
            if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
            guard count > 0 else { throw .died("it ended without an answer") }
            received += buffer[..<count]
        }
    }

    private func wait(for events: Int32, on descriptor: Int32, until deadline: Double?) throws(ProgramServer.Failure) {
        while true {
            var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let left = deadline.map { Int32(clamping: Int(max(0, ($0 - Monotonic.now()) * 1000).rounded(.up))) } ?? -1
            let ready = poll(&polled, 1, left)
            if ready > 0 { return }
            if ready == 0 { throw .timedOut }
            guard errno == EINTR else { throw .died("cannot wait for it: \(String(cString: strerror(errno)))") }
        }
    }

    private func start() throws(ProgramServer.Failure) {
        // One that cannot live is not started in a tight loop.
        let pause = startedAt + 1 - Monotonic.now()
        if pause > 0, pause < 1 { usleep(UInt32(pause * 1_000_000)) }
        startedAt = Monotonic.now()
        if let locks {
            do throws(ProcessError) { lock = try ItemLock(locks) } catch { throw .died(error.description) }
        }
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard dd_pipe(&toChild) == 0, dd_pipe(&fromChild) == 0 else {
            for descriptor in toChild + fromChild where descriptor >= 0 { close(descriptor) }
            throw .died("no pipe: \(String(cString: strerror(errno)))")
        }
        var launch = ChildProcess.Launch(words[0], Array(words.dropFirst()))
        launch.searchesPath = true
        launch.kept = lock?.descriptor
        launch.input = .descriptor(toChild[0])
        launch.output = .descriptor(fromChild[1])
        launch.error = errors
        let result: Result<ChildProcess, ProcessError>
        do throws(ProcessError) { result = .success(try ChildProcess.start(launch)) } catch { result = .failure(error) }
        close(toChild[0])
        close(fromChild[1])
        switch result {
        case .success(let started):
            child = started
            (input, output) = (toChild[1], fromChild[0])
            // A program that does not read must not hold this thread beyond the limit.
            _ = dd_set_nonblocking(input)
        case .failure(let error):
            close(toChild[1])
            close(fromChild[0])
            throw .died(error.description)
        }
    }
}
