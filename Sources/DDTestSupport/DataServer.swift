import DDCore
import Glibc

/// nginx that serves one folder on a port of its own, and can be stopped and started again there. Ends with this object.
public final class DataServer {
    /// The folder that is served.
    public let root: String
    /// Where it listens, also after a restart.
    public let port: UInt16
    private let files: TemporaryFolder
    private var child: ChildProcess?

    /// Whether nginx is installed.
    public static let isInstalled = access(program, X_OK) == 0
    private static let program = "/usr/sbin/nginx"

    /// Writes the configuration, with `locations` in its server; nothing is started.
    public init(_ locations: String = "") throws {
        guard let port = FreePort.find() else { throw ProcessError("cannot find a free port", EADDRINUSE) }
        self.port = port
        files = try TemporaryFolder()
        root = try files.makeFolder("root")
        try files.makeFolder("tmp")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(files.path("tmp/"))\($0);" }
        _ = try files.write(
            """
            daemon off;
            \(geteuid() == 0 ? "user root;" : "")
            error_log \(files.path("log"));
            pid \(files.path("pid"));
            events { worker_connections 256; }
            http {
                \(temporary.joined(separator: " "))
                access_log \(files.path("access"));
                keepalive_requests 100000;
                server {
                    listen 127.0.0.1:\(port);
                    root \(root);
                    \(locations)
                }
            }

            """, to: "nginx.conf")
    }

    deinit { stop() }

    /// `http://127.0.0.1:port/`.
    public var url: String { "http://127.0.0.1:\(port)/" }

    /// The lines of its access log.
    public var accesses: [Substring] { (SmallFile.text(files.path("access")) ?? "").split(separator: "\n") }

    /// Starts it, and waits until it answers.
    public func start() throws {
        stop()
        var launch = ChildProcess.Launch(
            Self.program, ["-p", files.path, "-c", files.path("nginx.conf"), "-e", files.path("log")])
        (launch.output, launch.error) = (.append(files.path("log")), .append(files.path("log")))
        child = try ChildProcess.start(launch)
        guard waitUntil(seconds: 20, { FreePort.answers(port) }) else {
            throw Command.Overdue(description: "nginx does not stand: \(SmallFile.text(files.path("log")) ?? "")")
        }
    }

    /// Ends it; connections are refused from then on.
    public func stop() {
        child?.send(SIGTERM)
        if let child, child.wait(seconds: 10) == nil {
            child.send(SIGKILL)
            _ = child.wait(seconds: 10)
        }
        child = nil
    }

    /// Its processes stand still, or go on: connections are taken, and nobody answers.
    public func freeze(_ isFrozen: Bool) {
        if let child { kill(-child.pid, isFrozen ? SIGSTOP : SIGCONT) }
    }
}
