import DDCore

/// Three RabbitMQ nodes of the tests' own as one cluster; each can be stopped and started.
public final class PrivateCluster: Sendable {
    /// The nodes, of which the first made the cluster.
    public let nodes: [PrivateBroker]

    /// Starts the nodes, the second and the third at the same time. Takes 20 seconds and more.
    public init() throws {
        let ground = try BrokerGround()
        let first = try PrivateBroker(on: ground)
        try first.start()
        let others = try (0..<2).map { _ in try PrivateBroker(on: ground, joining: first.node) }
        nodes = [first] + others
        let results = Guarded<[Result<Void, any Error>]>([])
        for other in others {
            try Thread.start(for: "a node") {
                let result = Result { try other.start() }
                results.withLock { $0.append(result) }
            }
        }
        _ = waitUntil(seconds: 150) { results.withLock(\.count) == others.count }
        for result in results.withLock({ $0 }) { try result.get() }
        // A vhost that is made before a node counts as running does not start there.
        try first.control(["await_online_nodes", "3"])
    }

    deinit { stop() }

    /// Ends the nodes, the first last: a cluster starts again with the node that was the last to run.
    public func stop() {
        for node in nodes.reversed() { node.stop() }
    }
}
