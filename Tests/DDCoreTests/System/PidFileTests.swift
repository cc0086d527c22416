import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("processes by number")
struct PidFileTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test("a file that is held names its holder and carries its note, until it is let go")
    func held() throws {
        let path = folder.path("x.pid")
        #expect(PidFile.holder(of: path) == nil)
        var file = try PidFile(path)
        #expect(file != nil)
        #expect(PidFile.holder(of: path)?.process.pid == getpid())
        file?.write("a long note\nof two lines\n")
        #expect(PidFile.holder(of: path)?.note == "a long note\nof two lines\n")
        file?.write("short\n")
        #expect(PidFile.holder(of: path)?.note == "short\n")
        #expect(try PidFile(path) == nil)
        file = nil
        // The file is still there; nobody holds it.
        #expect(access(path, F_OK) == 0 && PidFile.holder(of: path) == nil)
        #expect(try PidFile(path) != nil)
    }

    @Test("a number that another process has by now is not taken for the one that was meant")
    func stranger() throws {
        let mine = try #require(ProcessHandle.startTime(of: getpid()))
        #expect(ProcessHandle(pid: getpid(), start: mine) != nil)
        #expect(ProcessHandle(pid: getpid(), start: mine - 1) == nil)
        let path = folder.path("x.pid")
        let file = try PidFile(path)
        // As a crash between the lock and the writing would leave it: the text is a dead process's.
        _ = try folder.write("1 2\nnote", to: "x.pid.copy")
        #expect(PidFile.holder(of: folder.path("x.pid.copy")) == nil)
        for text in ["", "x", "1", "1 2 3\n", "-1 5\n", "99999999999 5\n", "1 2\n"] {
            let raw = open(path, O_WRONLY | O_TRUNC)
            _ = Array(text.utf8).withUnsafeBytes { write(raw, $0.baseAddress, $0.count) }
            close(raw)
            #expect(PidFile.holder(of: path) == nil, "'\(text)'")
        }
        withExtendedLifetime(file) {}
    }

    // Found before: a restart that read the file in the moment between its lock and its text took the word of the process before for its own.
    @Test("a process that has ended and that nobody has waited for is none any more")
    func zombie() throws {
        let child = try ChildProcess.start(ChildProcess.Launch("/bin/sleep", ["100"]))
        let start = try #require(ProcessHandle.startTime(of: child.pid))
        let handle = try #require(ProcessHandle(pid: child.pid, start: start))
        child.send(SIGKILL)
        #expect(handle.waitForEnd(seconds: 10))
        #expect(ProcessHandle(pid: child.pid, start: start) == nil)
        #expect(child.wait(seconds: 10) == 128 + SIGKILL)
    }

    @Test("a handle tells the end of its process, and signals nobody after it")
    func end() throws {
        let child = try ChildProcess.start(ChildProcess.Launch("/bin/sleep", ["100"]))
        let handle = try #require(ProcessHandle(pid: child.pid))
        #expect(!handle.waitForEnd(seconds: 0.05))
        #expect(handle.send(SIGTERM))
        #expect(handle.waitForEnd(seconds: 10))
        #expect(child.wait(seconds: 10) == 128 + SIGTERM)
        #expect(!handle.send(0))
        #expect(ProcessHandle(pid: child.pid) == nil && ProcessHandle.startTime(of: 0) == nil)
    }
}
