import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("programs that are started")
struct ChildProcessTests {
    @Test("a program gets its words, its folder and its environment, and its status comes back")
    func run() throws {
        let folder = try TemporaryFolder()
        let script = "echo \"$1|$DD_WORD|$PWD\"; echo wrong >&2; exit 7"
        var launch = ChildProcess.Launch("/bin/sh", ["-c", script, "sh", "a b'c"], environment: ["DD_WORD": "käse"])
        launch.folder = folder.path
        launch.output = .append(folder.path("out"))
        launch.error = .append(folder.path("err"))
        #expect(try ChildProcess.start(launch).wait(seconds: 10) == 7)
        #expect(SmallFile.text(folder.path("out")) == "a b'c|käse|\(folder.path)\n")
        #expect(SmallFile.text(folder.path("err")) == "wrong\n")
    }

    @Test("a program inherits no descriptor and no blocked signal")
    func clean() throws {
        let folder = try TemporaryFolder()
        let descriptor = open("/dev/null", O_RDONLY)
        defer { close(descriptor) }
        var launch = ChildProcess.Launch("/bin/sh", ["-c", "exec ls /proc/self/fd"])
        launch.output = .append(folder.path("out"))
        #expect(try ChildProcess.start(launch).wait(seconds: 10) == 0)
        // The fourth is the one by which ls reads the folder.
        #expect(SmallFile.text(folder.path("out")) == "0\n1\n2\n3\n")
    }

    @Test("a program that is not there is an error with its name")
    func absent() {
        let error = #expect(throws: ProcessError.self) { try ChildProcess.start(ChildProcess.Launch("/nowhere/program")) }
        #expect(error?.description == "cannot start /nowhere/program: no such file or directory")
    }

    @Test("a program that a signal ended has the status 128 and the signal's number")
    func killed() throws {
        let child = try ChildProcess.start(ChildProcess.Launch("/bin/sleep", ["100"]))
        child.send(SIGKILL)
        #expect(child.wait(seconds: 10) == 128 + SIGKILL)
    }

    @Test("a lock is held once, and free again when its owner is gone")
    func lock() throws {
        let folder = try TemporaryFolder()
        var first = try FileLock(folder.path("lock"))
        #expect(first != nil)
        #expect(try FileLock(folder.path("lock")) == nil)
        first = nil
        #expect(try FileLock(folder.path("lock")) != nil)
    }

    @Test("a port that is found is free, is not one that was named, and is the preferred one when that is free")
    func ports() throws {
        let port = try #require(FreePort.find())
        #expect(FreePort.range.contains(port) && FreePort.isFree(port) && !FreePort.answers(port))
        #expect(FreePort.find(preferring: port) == port)
        #expect(FreePort.find(preferring: port, notIn: [port]) != port)
        // Another process is not given it, though nobody listens yet.
        let script = "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind(chr(0) + 'dd.port.\(port)')"
        #expect(try Command(path: "/usr/bin/python3").run(["-c", script]).errors.contains("in use"))
    }
}
