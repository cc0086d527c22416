import DDCore
import Glibc

/// A RabbitMQ node of the tests' own, empty but for its administrator `guest`, with the management API; accounts may also come from an
/// LDAP server. On loopback, in a temporary folder.
public final class PrivateBroker: Sendable {
    /// AMQP.
    public let port: UInt16
    /// The management API.
    public let managementPort: UInt16
    /// Where it looks for an LDAP server, with users `uid=NAME,dc=example`.
    public let ldapPort: UInt16

    private let files: TemporaryFolder
    private let processes: [ChildProcess]

    private static let one = Guarded<Result<PrivateBroker, any Error>?>(nil)

    /// The node that all tests of this process share.
    public static func shared() throws -> PrivateBroker {
        try one.withLock { known in
            if let known { return try known.get() }
            let result = Result { try PrivateBroker() }
            known = result
            atexit {
                PrivateBroker.one.withLock { known in
                    try? known?.get().stop()
                    known = nil  // and with it its folder
                }
            }
            return try result.get()
        }
    }

    /// Starts a node. Takes some seconds.
    public init() throws {
        let files = try TemporaryFolder()
        self.files = files
        var ports: [UInt16] = []
        for _ in 0..<5 {
            guard let port = FreePort.find(notIn: ports) else { throw ProcessError("cannot find a free port", EADDRINUSE) }
            ports.append(port)
        }
        let (mapper, distribution) = (ports[3], ports[4])
        (port, managementPort, ldapPort) = (ports[0], ports[1], ports[2])
        try files.write(Self.configuration(ports), to: "rabbitmq.conf")
        try files.write("[rabbitmq_management,rabbitmq_auth_backend_ldap].\n", to: "plugins")
        for name in ["home", "data", "log", "generated"] { try files.makeFolder(name) }
        let environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": files.path("home"),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": "\(mapper)", "RABBITMQ_NODENAME": "test\(port)@localhost",
            "RABBITMQ_DIST_PORT": "\(distribution)", "RABBITMQ_MNESIA_BASE": files.path("data"),
            "RABBITMQ_LOG_BASE": files.path("log"), "RABBITMQ_CONFIG_FILE": files.path("rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": files.path("advanced.config"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": files.path("plugins"), "RABBITMQ_GENERATED_CONFIG_DIR": files.path("generated"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
            "RUNNING_UNDER_SYSTEMD": "true",
        ]
        func start(_ program: String, _ arguments: [String]) throws -> ChildProcess {
            var launch = ChildProcess.Launch(program, arguments, environment: environment)
            (launch.output, launch.error) = (.append(files.path("out")), .append(files.path("out")))
            return try TiedProcess.start(launch)
        }
        processes = [
            try start(RabbitMQ.mapper, ["-port", "\(mapper)", "-address", "127.0.0.1"]),
            try start(RabbitMQ.server, []),
        ]
        var ended = false
        let stands = waitUntil(seconds: 120) { [processes, port, managementPort] in
            ended = processes.contains { $0.pollStatus() != nil }
            return ended || FreePort.answers(port, greeting: FreePort.amqpGreeting) && FreePort.answers(managementPort)
        }
        guard stands, !ended else {
            throw Command.Overdue(description: "the broker does not answer: \(SmallFile.text(files.path("out")) ?? "")")
        }
    }

    /// Ends it.
    public func stop() {
        for process in processes.reversed() {
            process.send(SIGTERM)
            if process.wait(seconds: 30) == nil { process.send(SIGKILL) }
        }
    }

    /// The URL of the broker for an account.
    public func url(_ user: String, _ password: String, vhost: String = "") -> String {
        "amqp://\(user):\(password)@127.0.0.1:\(port)/\(vhost)"
    }

    private static func configuration(_ ports: [UInt16]) -> String {
        """
        listeners.tcp.1 = 127.0.0.1:\(ports[0])
        management.tcp.ip = 127.0.0.1
        management.tcp.port = \(ports[1])
        auth_backends.1 = internal
        auth_backends.2.authn = ldap
        auth_backends.2.authz = internal
        auth_ldap.servers.1 = 127.0.0.1
        auth_ldap.port = \(ports[2])
        auth_ldap.user_dn_pattern = uid=${username},dc=example

        """
    }
}
