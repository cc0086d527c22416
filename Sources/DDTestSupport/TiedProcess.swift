import DDCore
import Glibc

/// Servers that tests start: they are told to end when this process does, also when it is killed.
enum TiedProcess {
    /// Starts a program whose output is added to the file `log`. The system watches the thread that starts it, so that is one that
    /// never ends.
    static func start(_ program: String, _ arguments: [String], log: String) throws -> ChildProcess {
        var launch = ChildProcess.Launch(Command("dd_switch").path, ["child", "\(getpid())", program] + arguments)
        (launch.output, launch.error) = (.append(log), .append(log))
        let box = Starter(launch)
        guard Thread.start({ box.run() }) else { throw ProcessError("cannot start a thread", EAGAIN) }
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
