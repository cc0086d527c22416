/// What the administrator has said about one account, beyond what RabbitMQ keeps of it.
///
/// As JSON it stands on the broker as the global parameter `dd_user_<name>`, and in every `ControlMessage` about the user:
///
///     {"name":"alice","role":"source","urls":["https://alice.example/data/"],"stopped":"hold",
///      "quota":{"bytes":1000000,"files":500,"rate":100000,"messages":50},"limits":{"connections":20}}
///     {"name":"link_b","role":"link","reaches":{"c":1,"d":2},"web":"{SHA}..."}
///
/// Only `name` and `role` are always there. Unknown members are passed over, so that newer tools can add some.
public struct UserRecord: Sendable, Equatable {
    /// What an account is for.
    public enum Role: String, Sendable, CaseIterable {
        /// Posts and subscribes.
        case user
        /// Posts; has the same permissions as `user`.
        case source
        /// Subscribes, and posts nothing but its reports.
        case consumer
        /// Subscribes, sees what the administrator changes, and may stop and resume sources.
        case `operator`
        /// Owns the broker.
        case admin
        /// Another switch, called `link_<cluster>`, which takes posts from here and brings reports.
        case link

        /// Whether the posts of such a user are taken in: there is an ingest queue for them.
        public var posts: Bool { self == .user || self == .source }
    }

    /// What becomes of the posts of a source that is stopped.
    public enum Stop: String, Sendable, CaseIterable {
        /// They wait in its queue.
        case hold
        /// They are acknowledged and refused.
        case discard
    }

    /// What a source may use of the switch. `nil`: no bound.
    public struct Quota: Sendable, Equatable {
        /// Bytes on disk.
        public var bytes: Int64?
        /// Files on disk.
        public var files: Int64?
        /// Bytes fetched per second.
        public var rate: Int64?
        /// Messages per second.
        public var messages: Int64?

        /// No bounds.
        public init() {}

        /// Whether nothing is bounded.
        public var isEmpty: Bool { self == Quota() }
    }

    /// What RabbitMQ itself enforces. `nil`: what `dd_switch init` sets for all users.
    public struct Limits: Sendable, Equatable {
        /// Connections at a time.
        public var connections: Int64?
        /// Channels at a time.
        public var channels: Int64?
        /// Bytes in each of the user's queues.
        public var queueBytes: Int64?

        /// Those for all users.
        public init() {}

        /// Whether nothing is said for this user.
        public var isEmpty: Bool { self == Limits() }
    }

    /// The account; see `AccountName`.
    public var name: String
    /// What it is for.
    public var role: Role
    /// Below which URLs this source's data may be fetched, each as `allow_url` takes it. Not checked here.
    public var urls: [String] = []
    /// Set while the source is stopped.
    public var stopped: Stop?
    /// What dd_sara enforces.
    public var quota = Quota()
    /// What the broker enforces.
    public var limits = Limits()
    /// Of another switch: the clusters that lie behind it, each with how many links are between.
    public var reaches: [String: Int] = [:]
    /// What the web server compares the account's web secret with (`WebSecret.hash`); `nil`: it can fetch no private data.
    public var web: String?
    /// May declare its own `xs_` exchange, which exists already, as older clients insist on.
    public var isLegacy = false
    /// Set when the account was removed: until 30 days later the name is not given again.
    public var removed: Timestamp?

    /// A record in which nothing more is said.
    public init(name: String, role: Role) {
        self.name = name
        self.role = role
    }

    /// What the names of accounts of other switches begin with.
    public static let linkPrefix = "link_"

    /// The other switch whose account this is, while it may connect; `nil`: it is none.
    public var link: String? {
        guard role == .link, removed == nil, stopped == nil, name.hasPrefix(Self.linkPrefix) else { return nil }
        return String(name.dropFirst(Self.linkPrefix.count))
    }
}
