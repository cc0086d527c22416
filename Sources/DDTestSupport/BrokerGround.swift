import DDCore
import Glibc

/// What nodes of RabbitMQ share: a folder, the cookie by which they trust each other, and the port mapper that knows where each listens.
final class BrokerGround: Sendable {
    let files: TemporaryFolder
    /// For the nodes and their tools.
    let environment: [String: String]

    private let mapper: ChildProcess
    private let taken = Guarded<[UInt16]>([])

    init() throws {
        files = try TemporaryFolder()
        guard let port = FreePort.find() else { throw ProcessError("cannot find a free port", EADDRINUSE) }
        taken.withLock { $0 = [port] }
        environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": try files.makeFolder("home"),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": "\(port)",
        ]
        mapper = try Self.start(
            RabbitMQ.mapper, ["-port", "\(port)", "-address", "127.0.0.1"], environment, output: files.path("mapper"))
    }

    deinit { Self.end(mapper) }

    /// A free port that no other node of this ground has.
    func port() throws -> UInt16 {
        try taken.withLock { taken in
            guard let port = FreePort.find(notIn: taken) else { throw ProcessError("cannot find a free port", EADDRINUSE) }
            taken.append(port)
            return port
        }
    }

    /// Starts a program that ends when the test does, in the folder of `output`: what Erlang writes where it was started when it cannot go on
    /// must not lie where the tests are run.
    static func start(
        _ program: String, _ arguments: [String], _ environment: [String: String], output: String
    ) throws -> ChildProcess {
        var launch = ChildProcess.Launch(program, arguments, environment: environment)
        (launch.output, launch.error) = (.append(output), .append(output))
        launch.folder = String(output.prefix(upTo: output.lastIndex(of: "/") ?? output.endIndex))
        return try TiedProcess.start(launch)
    }

    /// Ends a program, within 30 seconds in order.
    static func end(_ process: ChildProcess) {
        process.send(SIGTERM)
        if process.wait(seconds: 30) == nil { process.send(SIGKILL) }
    }
}
