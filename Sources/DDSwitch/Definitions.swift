import DDCore

/// What stands on the broker of a fresh switch, in the form that RabbitMQ loads at its start.
struct Definitions {
    let cluster: String
    /// RabbitMQ's hash of an account's password.
    let passwordHash: (String) -> String

    /// The JSON text. No password is in it.
    var text: String {
        object([
            "vhosts": array([object(["name": quote("/")])]),
            "users": array(Accounts.all.map(user)),
            "permissions": array(Accounts.all.map(permissions)),
            "exchanges": array(exchanges.map(exchange)),
            "queues": array(queues),
            "bindings": array(bindings),
        ])
    }

    private var users: [String] { [Accounts.source, Accounts.consumer] }
    private var ingest: String { QueueName.ingest(source: Accounts.source) }
    private var routing: String { QueueName.logRouting(cluster: cluster) }

    private func user(_ name: String) -> String {
        object([
            "name": quote(name), "tags": quote(name == Accounts.admin ? "administrator" : ""),
            "password_hash": quote(passwordHash(name)), "hashing_algorithm": quote("rabbit_password_hashing_sha256"),
        ])
    }

    private func permissions(_ name: String) -> String {
        let role: Permissions.Role =
            switch name {
            case Accounts.feeder: .feeder
            case Accounts.admin: .administrator
            default: .user
            }
        let allowed = Permissions(role, name: name)
        return object([
            "user": quote(name), "vhost": quote("/"),
            "configure": quote(allowed.configure), "write": quote(allowed.write), "read": quote(allowed.read),
        ])
    }

    private var exchanges: [String] {
        let shared = [ExchangeName.publicPosts, ExchangeName.log, ExchangeName.control, ExchangeName.data(of: Accounts.source)]
        return shared
            + users.flatMap { [ExchangeName.posts(of: $0), ExchangeName.reports(of: $0), ExchangeName.privatePosts(of: $0)] }
    }

    private func exchange(_ name: String) -> String {
        object([
            "name": quote(name), "vhost": quote("/"), "type": quote("topic"), "durable": "true", "auto_delete": "false",
            "internal": "false", "arguments": "{}",
        ])
    }

    private var queues: [String] {
        // A full queue refuses what its source publishes: the source waits, nobody else does.
        let bounded = object(["x-max-length": "1000000", "x-overflow": quote("reject-publish")])
        let stream = object([
            "x-queue-type": quote("stream"), "x-max-age": quote("7D"), "x-max-length-bytes": "1000000000",
            "x-stream-max-segment-size-bytes": "50000000",
        ])
        // The last word about each user counts: no message goes because of its age.
        let control = object([
            "x-queue-type": quote("stream"), "x-max-length-bytes": "1000000000", "x-stream-max-segment-size-bytes": "50000000",
        ])
        let queues = [
            (ingest, bounded), (routing, bounded), (QueueName.reports(of: Accounts.source), stream),
            (QueueName.control(), control),
        ]
        return queues.map { name, arguments in
            object([
                "name": quote(name), "vhost": quote("/"), "durable": "true", "auto_delete": "false", "arguments": arguments,
            ])
        }
    }

    private var bindings: [String] {
        let source = Accounts.source
        var result = [
            binding(ExchangeName.data(of: source), "exchange", ExchangeName.publicPosts, "#"),
            binding(ExchangeName.reports(of: source), "queue", QueueName.reports(of: source), "#"),
            binding(ExchangeName.control, "queue", QueueName.control(), "#"),
        ]
        for topic in Topic.ofPosts { result.append(binding(ExchangeName.posts(of: source), "queue", ingest, topic)) }
        for user in users {
            for topic in ["v02.log.#", "v02.report.#"] {
                result.append(binding(ExchangeName.posts(of: user), "queue", routing, topic))
            }
        }
        return result
    }

    private func binding(_ from: String, _ kind: String, _ to: String, _ topic: String) -> String {
        object([
            "source": quote(from), "vhost": quote("/"), "destination": quote(to), "destination_type": quote(kind),
            "routing_key": quote(topic), "arguments": "{}",
        ])
    }

    private func object(_ fields: KeyValuePairs<String, String>) -> String {
        JSONText.object(fields.map { (name: $0.key, value: $0.value) })
    }

    private func array(_ elements: [String]) -> String { "[\n" + elements.joined(separator: ",\n") + "\n]" }

    private func quote(_ text: String) -> String { JSONText.quoted(text) }
}
