import DDCore
import Glibc

/// Programs that are told to end when the test process does, even when that one is killed.
enum TiedProcess {
    /// Starts a program by way of `dd_switch child`. The system watches the thread that starts it, so that is one that never ends.
    static func start(_ launch: ChildProcess.Launch) throws -> ChildProcess {
        var tied = launch
        tied.program = Command("dd_switch").path
        tied.arguments = ["child", "\(getpid())", launch.program] + launch.arguments
        let box = Starter(tied)
        try Thread.start(for: "programs") { box.run() }
        while true {
            if let result = box.result.withLock({ $0 }) { return try result.get() }
            usleep(1_000)
        }
    }

    private final class Starter: Sendable {
        let launch: ChildProcess.Launch
        let result = Guarded<Result<ChildProcess, ProcessError>?>(nil)

        init(_ launch: ChildProcess.Launch) { self.launch = launch }

        func run() {
            let result: Result<ChildProcess, ProcessError>
            do throws(ProcessError) {
                result = .success(try ChildProcess.start(launch))
            } catch {
                result = .failure(error)
            }
            self.result.withLock { $0 = result }
            while true { pause() }
        }
    }
}
