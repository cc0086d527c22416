import DDCore
import Glibc

/// The RabbitMQ that the tests run: Debian's, or another one.
public enum RabbitMQ {
    /// The folder with the programs `rabbitmq-server` and `rabbitmqctl`: what `DD_TEST_RABBITMQ` says, or where Debian has them.
    public static let programs = chosen ?? "/usr/lib/rabbitmq/bin"

    /// The port mapper of Erlang.
    public static let mapper = "/usr/bin/epmd"

    /// What `DD_TEST_RABBITMQ` says.
    static let chosen = getenv("DD_TEST_RABBITMQ").map { String(cString: $0) }

    /// Its server.
    public static let server = programs + "/rabbitmq-server"

    /// Its tool for administrators.
    public static let control = programs + "/rabbitmqctl"

    /// Whether it is there.
    public static var isInstalled: Bool { Installed.has(server, mapper) }
}
