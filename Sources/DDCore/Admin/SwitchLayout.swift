/// What is to stand on the broker of a switch: the one generator of its objects, permissions and limits.
public struct SwitchLayout: Sendable {
    /// The switch's name in the network.
    public var cluster: String
    /// The account that the switch uses for its own work.
    public var feeder: String
    /// The configuration of the dd_sara that takes the sources' posts in: a word in the names of their queues.
    public var ingest: String
    /// Where in a cluster the queues of the switch are.
    public var queueType = QueueType.classic
    /// For each user who has none of his own: connections, channels, bytes in each queue.
    public var limits: UserRecord.Limits
    /// How long a message may wait in a user's queue, in milliseconds.
    public var queueAge: Int64
    /// How many queues a user may have, and bindings of them, before `check` names the account: the broker has no bound for that.
    public var mostQueues: Int64 = 200
    /// See `mostQueues`.
    public var mostBindings: Int64 = 2000

    /// A layout with the usual limits: 100 connections, 500 channels, 2 GiB in each queue, 14 days.
    public init(cluster: String, feeder: String = "feeder", ingest: String = "ingest") {
        self.cluster = cluster
        self.feeder = feeder
        self.ingest = ingest
        limits = UserRecord.Limits()
        limits.connections = 100
        limits.channels = 500
        limits.queueBytes = 2 << 30
        queueAge = 14 * 86_400_000
    }

    /// The layout that `switch.conf` asks for.
    public init(_ options: SwitchOptions) {
        self.init(cluster: options.cluster, feeder: options.broker?.user ?? "feeder", ingest: options.ingest)
        queueType = options.queueType
        limits = options.limits
        queueAge = options.queueAge.components.seconds * 1000
        (mostQueues, mostBindings) = (options.mostQueues, options.mostBindings)
    }

    /// The queue in which a user's reports wait to be routed.
    public func routingQueue(of user: String) -> String { QueueName.logRouting(feeder: feeder, user: user) }
    /// The queue of reports that have no way to a source.
    public var unrouted: String { QueueName.unrouted(feeder: feeder) }
    /// How many of them it keeps.
    static let unroutedKept: Int64 = 100_000
    /// The queue in which what users ask of the administrator's tool waits.
    public var requests: String { QueueName.requests(feeder: feeder, cluster: cluster) }
    /// The queue from which a source's posts are taken in.
    public func ingestQueue(of source: String) -> String {
        QueueName.ingest(feeder: feeder, config: ingest, source: source)
    }

    /// The queue that is there while dd_sara holds a source's posts on purpose.
    public func hold(of source: String) -> String { QueueName.hold(feeder: feeder, config: ingest, source: source) }

    /// What the switch has without any user.
    public func common(feederHash: String?) -> [BrokerObject] {
        let others = Permissions.escaped(feeder)
        return [
            .user(feeder, tags: [], passwordHash: feederHash), .permissions(feeder, Permissions(.feeder, name: feeder)),
            .exchange(ExchangeName.publicPosts), .exchange(ExchangeName.log), .exchange(ExchangeName.control),
            .boundedQueue(requests, queueType),
            .exchange(ExchangeName.unrouted), .lastMessages(unrouted, Self.unroutedKept, queueType),
            .binding(ExchangeName.unrouted, queue: unrouted, "#"),
            // The last word about each user counts: no message goes because of its age.
            .stream(QueueName.control(feeder: feeder), bytes: 1_000_000_000, age: nil),
            .binding(ExchangeName.control, queue: QueueName.control(feeder: feeder), "#"),
            // A policy that a stream does not know all of does not hold for it: of those that match, the other one does.
            .operatorPolicy("dd_queues", "^q_(?!\(others)[._])", priority: 0, bounds(limits.queueBytes)),
            .operatorPolicy(
                "dd_streams", "^q_(?!\(others)[._])", priority: -1,
                [JSONMember("max-length-bytes", .integer(max(Self.reportBytes, limits.queueBytes ?? 0)))]),
        ]
    }

    /// What the stream of a source's reports keeps.
    static let reportBytes: Int64 = 1_000_000_000
    /// What may wait in a user's queue, whatever its length in bytes: bodies may be empty.
    static let queueMessages: Int64 = 10_000_000
    /// Days after which a user's queue without a consumer is deleted, at least: nothing has waited in it for as long.
    static let daysUnused: Int64 = 28

    /// The most milliseconds that the broker takes for a time.
    static let longest: Int64 = 4_294_967_295

    /// The bounds of users' queues.
    private func bounds(_ bytes: Int64?) -> [JSONMember] {
        [
            JSONMember("max-length-bytes", bytes.map(JSONValue.integer) ?? .null),
            JSONMember("max-length", .integer(Self.queueMessages)),
            JSONMember("message-ttl", .integer(queueAge)),
            JSONMember("expires", .integer(min(max(Self.daysUnused * 86_400_000, queueAge), Self.longest))),
        ]
    }

    /// What one user has. `passwordHash` nil: the password is not touched, and a new account has none.
    public func objects(of user: UserRecord, passwordHash: String?) -> [BrokerObject] {
        let name = user.name
        var result: [BrokerObject] = [
            .user(name, tags: Self.tags(of: user.role), passwordHash: passwordHash),
            .permissions(name, Self.permissions(of: user)),
        ]
        if user.role == .admin { return result + [.record(user)] }
        let posts = ExchangeName.posts(of: name)
        result += [
            .topicPermissions(name, on: posts, write: Self.topics(of: user.role)), limits(of: user),
        ]
        // Asked at each binding, also of an exchange of the user's own.
        result += [ExchangeName.publicPosts, ExchangeName.reports(of: name), ExchangeName.privatePosts(of: name)].map {
            .topicPermissions(name, on: $0, write: "^$", read: BindingTopic.permitted)
        }
        result += [
            .exchange(posts), .exchange(ExchangeName.reports(of: name)), .exchange(ExchangeName.privatePosts(of: name)),
            // As with posts: a full queue refuses what its user reports, and nobody else's.
            .boundedQueue(routingQueue(of: name), queueType),
            .binding(posts, queue: routingQueue(of: name), "v02.log.#"),
            .binding(posts, queue: routingQueue(of: name), "v02.report.#"),
            .binding(posts, queue: requests, UserRequest.topicPrefix + ".#"),
        ]
        if user.role.posts { result += source(name) }
        if user.role == .link { result += link(name) }
        if let policy = queuePolicy(of: user) { result.append(policy) }
        return result + [.record(user)]
    }

    private func source(_ name: String) -> [BrokerObject] {
        let reports = QueueName.reports(of: name)
        return [
            .exchange(ExchangeName.data(of: name)),
            .binding(ExchangeName.data(of: name), exchange: ExchangeName.publicPosts, "#"),
            // A full queue refuses what its source publishes: the source waits, nobody else does.
            .boundedQueue(ingestQueue(of: name), queueType),
            .stream(reports, bytes: Self.reportBytes, age: "7D"),
            .binding(ExchangeName.reports(of: name), queue: reports, "#"),
        ] + Topic.ofPosts.map { .binding(ExchangeName.posts(of: name), queue: ingestQueue(of: name), $0) }
    }

    /// What another switch takes from here waits while it is away, bounded, and is refused to the switch's own programs when it is full.
    private func link(_ name: String) -> [BrokerObject] {
        let cluster = String(name.dropFirst(UserRecord.linkPrefix.count))
        return [
            .exchange(ExchangeName.link(to: cluster)), .boundedQueue(QueueName.link(to: cluster), queueType),
            .binding(ExchangeName.link(to: cluster), queue: QueueName.link(to: cluster), "#"),
        ]
    }

    /// What is here for a switch from which data comes: reports wait for it.
    public func upstream(_ cluster: String) -> [BrokerObject] {
        let queue = QueueName.reports(to: cluster, feeder: feeder)
        return [
            .exchange(ExchangeName.reports(to: cluster)), .boundedQueue(queue, queueType),
            .binding(ExchangeName.reports(to: cluster), queue: queue, "#"), .upstream(cluster),
        ]
    }

    /// Somebody who is stopped cannot connect.
    func limits(of user: UserRecord) -> BrokerObject {
        .limits(
            user.name, connections: user.stopped == nil ? user.limits.connections ?? limits.connections : 0,
            channels: user.limits.channels ?? limits.channels)
    }

    private func queuePolicy(of user: UserRecord) -> BrokerObject? {
        guard let bytes = user.limits.queueBytes else { return nil }
        return .operatorPolicy(
            Self.queuePolicy(of: user.name), "^q_\(Permissions.escaped(user.name))[._]", priority: 10, bounds(bytes))
    }

    /// The operator policy for the queues of a user with limits of his own.
    static func queuePolicy(of user: String) -> String { "dd_queues_" + user }

    /// What an account of this role may do.
    public static func permissions(of user: UserRecord) -> Permissions {
        switch user.role {
        case .admin: return Permissions(.administrator, name: user.name)
        case .operator: return Permissions(.operator, name: user.name)
        case .link: return Permissions(.link, name: user.name)
        case .user, .source, .consumer:
            var allowed = Permissions(.user, name: user.name)
            if user.isLegacy {
                allowed.configure = "^(q_\(Permissions.escaped(user.name))[._].*|xs_\(Permissions.escaped(user.name)))$"
            }
            return allowed
        }
    }

    /// RabbitMQ's tags: who may use its management API.
    static func tags(of role: UserRecord.Role) -> [String] {
        switch role {
        case .admin: ["administrator"]
        case .operator: ["monitoring"]
        case .user, .source, .consumer, .link: []
        }
    }

    /// The topics with which a role may publish on its own exchange: those of the forms v00 to v03 that clients of all ages write.
    private static func topics(of role: UserRecord.Role) -> String {
        role.posts ? "^v0[0-3](\\..*)?$" : "^v02\\.(log|report|permit|request)(\\..*)?$"
    }
}
