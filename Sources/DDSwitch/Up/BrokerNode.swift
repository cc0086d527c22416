import DDCore
import Glibc

/// The switch's own RabbitMQ node: nothing of it is outside the folder, and it listens on 127.0.0.1, and for
/// AMQP on one more address where others are to reach it.
struct BrokerNode {
    static let mapper = "/usr/bin/epmd"

    let folder: SwitchFolder
    let ports: Ports
    /// The folder with the program `rabbitmq-server`.
    let programs: String
    /// Another address for AMQP.
    let listen: String?

    private var server: String { programs + "/rabbitmq-server" }

    /// Where the broker's server and its port mapper must be.
    static func check(_ programs: String) throws(SwitchError) {
        for program in [programs + "/rabbitmq-server", mapper] where access(program, X_OK) != 0 {
            throw SwitchError(
                "cannot find \(program): install the Debian package rabbitmq-server, or say with --rabbitmq where it is",
                status: ExitStatus.unavailable)
        }
    }

    /// Writes the configuration, and the definitions that the broker loads.
    func configure(_ definitions: String) throws {
        for name in ["home", "data"] { try SmallFile.makeFolder("\(folder.broker)/\(name)", mode: 0o700) }
        let configuration = """
            listeners.tcp.1 = 127.0.0.1:\(ports.amqp)
            \(listen.map { "listeners.tcp.2 = \($0):\(ports.amqp)" } ?? "")
            management.tcp.ip = 127.0.0.1
            management.tcp.port = \(ports.management)
            max_message_size = \(Delivery.maxBodyBytes)
            load_definitions = \(folder.broker)/definitions.json

            """
        try SmallFile.write(configuration, to: folder.broker + "/rabbitmq.conf")
        try SmallFile.write("[rabbitmq_management].\n", to: folder.broker + "/enabled_plugins")
        try SmallFile.write(definitions, to: folder.broker + "/definitions.json", mode: 0o600)
    }

    /// The port mapper, in the foreground: Erlang would otherwise start one that outlives the switch.
    var mapperLaunch: ChildProcess.Launch {
        let arguments = ["-port", "\(ports.epmd)", "-address", "127.0.0.1"]
        return ChildProcess.Launch(Self.mapper, arguments, environment: environment)
    }

    /// The server. What it writes where it was started when it cannot go on is to be found with the rest.
    var serverLaunch: ChildProcess.Launch {
        var launch = ChildProcess.Launch(server, environment: environment)
        launch.folder = folder.broker
        return launch
    }

    /// Whether the broker answers AMQP, and its management API takes connections.
    var answers: Bool { FreePort.answers(ports.amqp, greeting: FreePort.amqpGreeting) && FreePort.answers(ports.management) }

    private var environment: [String: String] {
        // The distribution stays on loopback, and idle schedulers sleep instead of spinning.
        let erlang = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
        return [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": folder.broker + "/home",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": "\(ports.epmd)",
            "RABBITMQ_NODENAME": ports.node,
            "RABBITMQ_DIST_PORT": "\(ports.distribution)",
            "RABBITMQ_MNESIA_BASE": folder.broker + "/data",
            "RABBITMQ_LOG_BASE": folder.log,
            "RABBITMQ_CONFIG_FILE": folder.broker + "/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": folder.broker + "/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": folder.broker + "/enabled_plugins",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_GENERATED_CONFIG_DIR": folder.broker + "/generated",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": erlang,
            // The start script then becomes the server instead of standing beside it: one process to signal and to wait for.
            "RUNNING_UNDER_SYSTEMD": "true",
        ]
    }
}
