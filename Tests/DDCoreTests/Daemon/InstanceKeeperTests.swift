import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("who keeps the instances running")
struct InstanceKeeperTests {
    /// What the keeper notes of an instance that ends with `status`, as soon as it has ended, and what it ends with itself after a stop.
    private func note(_ status: Int32) throws -> (note: String, status: Int32?) {
        let folder = try TemporaryFolder()
        let files = DaemonFiles(program: "dd_test", configuration: "c", stateName: StateName("c"), stateHome: folder.path)
        let (stop, ended) = (try StopSignal(), Guarded<Int32?>(nil))
        try Thread.start(for: "a test") {
            let log = Log(program: "test", level: .error)
            let keeper = try? InstanceKeeper(files, count: 2, isPatient: true, stop: stop, log: log) { number in
                ChildProcess.Launch("/bin/sh", ["-c", number == 1 ? "exit \(status)" : "exec sleep 60"])
            }
            let result = keeper?.run { 2 } ?? -1
            ended.withLock { $0 = result }
        }
        var note = ""
        let isNoted = waitUntil(seconds: 10) {
            note = PidFile.holder(of: files.keeper)?.note ?? ""
            return note.contains("ended")
        }
        #expect(isNoted)
        stop.receive(SIGTERM)
        #expect(waitUntil(seconds: 10) { ended.withLock { $0 } != nil })
        return (note, ended.withLock { $0 })
    }

    // Found before: an error of the disk was 1, as an end on purpose, and nothing ran any more.
    @Test("what did not end on purpose is started again", arguments: [71, 69, 77, 78, 137, 143] as [Int32])
    func fallen(status: Int32) throws {
        #expect(try note(status).note.contains("ended with status \(status), is started again at"))
    }

    @Test("what ended on purpose has ended", arguments: [0, 1, 64] as [Int32])
    func ended(status: Int32) throws {
        #expect(try note(status).note.hasPrefix("1 ended with status \(status)\n"))
    }

    @Test("an error of the system is no end on purpose")
    func errors() {
        for error in [FileError("x", errno: ENOSPC), ProcessError("x", EMFILE)] as [any Error] {
            #expect(Program.status(of: error) == ExitStatus.system)
        }
    }
}
