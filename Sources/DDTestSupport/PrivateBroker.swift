import DDCore
import Glibc

/// A RabbitMQ node of the tests' own, empty but for its administrator `guest`, with the management API; accounts may also come from an
/// LDAP server. On loopback, in a temporary folder. It may be one of a cluster.
public final class PrivateBroker: Sendable {
    /// AMQP.
    public let port: UInt16
    /// The management API.
    public let managementPort: UInt16
    /// Where it looks for an LDAP server, with users `uid=NAME,dc=example`.
    public let ldapPort: UInt16
    /// Its name among nodes.
    public let node: String

    private let ground: BrokerGround
    private let folder: String
    private let environment: [String: String]
    private let server = Guarded<ChildProcess?>(nil)

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

    /// Starts a node. Takes some seconds. `lines` are added to its `rabbitmq.conf`.
    public convenience init(_ lines: String = "") throws {
        try self.init(on: try BrokerGround(), lines: lines)
        try start()
    }

    /// A node that does not run yet; it joins the cluster of the node called `first`, which must run then.
    init(on ground: BrokerGround, joining first: String? = nil, lines: String = "") throws {
        self.ground = ground
        let ports = try (0..<4).map { _ in try ground.port() }
        (port, managementPort, ldapPort) = (ports[0], ports[1], ports[2])
        let node = "test\(ports[0])@localhost"
        self.node = node
        let (files, name) = (ground.files, "\(ports[0])")
        folder = files.path(name)
        let folder = folder
        let nodes = first.map { [$0, node] } ?? []
        try files.write(Self.configuration(ports, nodes) + lines + "\n", to: "\(name)/rabbitmq.conf")
        try files.write("[rabbitmq_management,rabbitmq_auth_backend_ldap].\n", to: "\(name)/plugins")
        for part in ["data", "log", "generated"] { try files.makeFolder("\(name)/\(part)") }
        environment = ground.environment.merging([
            "RABBITMQ_NODENAME": node, "RABBITMQ_DIST_PORT": "\(ports[3])", "RABBITMQ_MNESIA_BASE": folder + "/data",
            "RABBITMQ_LOG_BASE": folder + "/log", "RABBITMQ_CONFIG_FILE": folder + "/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": folder + "/advanced.config", "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": folder + "/plugins", "RABBITMQ_GENERATED_CONFIG_DIR": folder + "/generated",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
            "RUNNING_UNDER_SYSTEMD": "true",
        ]) { $1 }
    }

    /// Starts it, with what it had when it was stopped, and waits until it answers.
    public func start() throws {
        let started = try BrokerGround.start(RabbitMQ.server, [], environment, output: folder + "/out")
        server.withLock { $0 = started }
        var hasEnded = false
        let stands = waitUntil(seconds: 120) {
            hasEnded = started.pollStatus() != nil
            return hasEnded || FreePort.answers(port, greeting: FreePort.amqpGreeting) && FreePort.answers(managementPort)
        }
        guard stands, !hasEnded else {
            throw Command.Overdue(description: "the broker does not answer: \(SmallFile.text(folder + "/out") ?? "")")
        }
    }

    /// Ends it.
    public func stop() {
        server.withLock { server in
            if let server { BrokerGround.end(server) }
            server = nil
        }
    }

    /// Runs RabbitMQ's own tool at the node.
    func control(_ words: [String]) throws {
        let tool = try BrokerGround.start(RabbitMQ.control, ["-n", node] + words, environment, output: folder + "/tool")
        guard tool.wait(seconds: 60) == 0 else {
            throw Command.Overdue(description: "rabbitmqctl \(words): \(SmallFile.text(folder + "/tool") ?? "")")
        }
    }

    /// The URL of the broker for an account.
    public func url(_ user: String, _ password: String, vhost: String = "") -> String {
        "amqp://\(user):\(password)@127.0.0.1:\(port)/\(vhost)"
    }

    private static func configuration(_ ports: [UInt16], _ nodes: [String]) -> String {
        let peers = nodes.enumerated().map { "cluster_formation.classic_config.nodes.\($0.offset + 1) = \($0.element)\n" }
        return """
            listeners.tcp.1 = 127.0.0.1:\(ports[0])
            management.tcp.ip = 127.0.0.1
            management.tcp.port = \(ports[1])
            auth_backends.1 = internal
            auth_backends.2.authn = ldap
            auth_backends.2.authz = internal
            auth_ldap.servers.1 = 127.0.0.1
            auth_ldap.port = \(ports[2])
            auth_ldap.user_dn_pattern = uid=${username},dc=example
            \(peers.joined())
            """
    }
}
