/// Links to other switches, and what lies behind them.
extension Administration {
    /// `link add CLUSTER`: another switch may take posts from here, with the account `link_<cluster>`. `reaches` replaces what lies behind it;
    /// `nil`: as it is, or nothing.
    public func addLink(_ cluster: String, reaches: [String: Int]?, password: PasswordSource) throws {
        try check(cluster)
        let name = UserRecord.linkPrefix + cluster
        if let known = try records().first(where: { $0.name == name && $0.removed == nil }), known.role != .link {
            throw ConfigError(.usage, "'\(name)' is the account of a \(known.role.rawValue): dd_switch user remove \(name) first")
        }
        for target in (reaches ?? [:]).keys.sorted() {
            guard target != layout.cluster else { throw ConfigError(.usage, "reaches: '\(target)' is this switch itself") }
            guard target != cluster else {
                throw ConfigError(.usage, "reaches: '\(target)' is the link itself, and need not be said")
            }
        }
        var addition = Addition(role: .link, urls: nil, password: password)
        addition.reaches = reaches
        // The same switch comes back under its name.
        addition.reuses = true
        try add(name, addition)
    }

    /// `link add CLUSTER --from URL`: posts come from there. Makes here what reports wait in that go back; the configuration of the dd_sara that
    /// takes the posts is the caller's to write. `url` is that switch's broker with the account that it gave.
    public func addUpstream(_ cluster: String, _ url: BrokerURL) throws {
        try check(cluster)
        let wanted = UserRecord.linkPrefix + layout.cluster
        guard url.user == wanted else {
            throw ConfigError(
                .usage,
                "'\(url.user)' is no account for this link: '\(wanted)' is expected, which 'dd_switch link add \(layout.cluster)' makes at "
                    + cluster)
        }
        try requireSwitch()
        try audited("link add \(cluster)") { try settle(Difference.all(layout.upstream(cluster), api.find)) }
    }

    private func check(_ cluster: String) throws(ConfigError) {
        guard AccountName.isValid(cluster), AccountName.isValid(UserRecord.linkPrefix + cluster) else {
            throw ConfigError(
                .usage, "'\(LogLine.plain(cluster))' is no name for a cluster: 1 to 59 letters, digits, '-', '_', '.' or '@'")
        }
        guard cluster != layout.cluster else {
            throw ConfigError(.usage, "'\(cluster)' is this switch itself: no link leads to oneself")
        }
    }

    /// `link remove CLUSTER`: both directions of it. What waits in its queues is listed, and goes. Returns whether it was done.
    public func removeLink(_ cluster: String, confirm: () throws -> Bool) throws -> Bool {
        let name = UserRecord.linkPrefix + cluster
        let objects = layout.upstream(cluster)
        let isThere = try records().contains { $0.name == name && $0.removed == nil && $0.role == .link }
        let isUpstream = try upstreams().contains(cluster)
        guard isThere || isUpstream else {
            throw ConfigError(.usage, "there is no link '\(LogLine.plain(cluster))' (dd_switch link list shows them)")
        }
        if isThere, try !remove(name, confirm: confirm) { return false }
        guard isUpstream else { return true }
        let waiting = try api.messages(in: QueueName.reports(to: cluster, feeder: layout.feeder)) ?? 0
        tell("\(waiting) reports wait for \(cluster) and go")
        if isDryRun { return true }
        guard try isThere || confirm() else { return false }
        try audited("link remove \(cluster)") {
            for object in objects.reversed() where object.kind != .binding && object.kind != .record {
                try change("- \(object.name)") { try api.remove(object) }
            }
            for object in objects where object.kind == .record { try change("- \(object.name)") { try api.remove(object) } }
        }
        tell(
            "delete the configuration of its dd_sara (sara/link_\(cluster).conf), and the line of its account in credentials.conf"
        )
        return true
    }

    /// The switches that data comes from.
    func upstreams() throws -> [String] {
        try (api.get("global-parameters").array ?? []).compactMap { BrokerObject(.record, $0)?.upstreamCluster }.sorted()
    }

    /// One direction of a link, as `link list` shows it.
    struct LinkState: Sendable {
        let cluster: String
        /// Posts go there; otherwise they come from there.
        let isOutgoing: Bool
        /// Somebody takes what waits.
        let isUp: Bool
        /// Posts that wait for the other switch, or reports.
        let waiting: Int64
        let reaches: [String: Int]
        let isStopped: Bool

        /// `up`, `down` or `stopped`.
        var word: String { isStopped ? "stopped" : isUp ? "up" : "down" }
    }

    /// All links, each direction by itself.
    func linkStates() throws -> [LinkState] {
        func state(_ cluster: String, _ queue: String, _ record: UserRecord?) throws -> LinkState {
            let found = try api.get(ManagementRequest("GET", ["queues", api.vhost, queue], query: "?columns=messages,consumers"))
            return LinkState(
                cluster: cluster, isOutgoing: record != nil, isUp: found?["consumers"]?.integer ?? 0 > 0,
                waiting: found?["messages"]?.integer ?? 0, reaches: record?.reaches ?? [:], isStopped: record?.stopped != nil)
        }
        let users = try records().filter { $0.role == .link && $0.removed == nil }.sorted { $0.name < $1.name }
        let outgoing = try users.map { user in
            let cluster = String(user.name.dropFirst(UserRecord.linkPrefix.count))
            return try state(cluster, QueueName.link(to: cluster), user)
        }
        let incoming = try upstreams().map { try state($0, QueueName.reports(to: $0, feeder: layout.feeder), nil) }
        return outgoing + incoming
    }

    /// `link list`, or `link show CLUSTER`: a line for each direction.
    public func listLinks(_ cluster: String?, json: Bool) throws {
        let links = try linkStates().filter { cluster == nil || $0.cluster == cluster }
        if let cluster, links.isEmpty { throw ConfigError(.usage, "there is no link '\(LogLine.plain(cluster))'") }
        if !json {
            tell(links.isEmpty ? "no links yet: dd_switch link add makes one" : "CLUSTER DIRECTION STATE WAITING REACHES")
        }
        for link in links {
            let reaches = link.reaches.sorted { $0.key < $1.key }
            guard json else {
                let ways = reaches.map { "\($0.key)(\($0.value + 1))" }.joined(separator: " ")
                let waiting = "\(link.waiting) \(link.isOutgoing ? "posts" : "reports")"
                tell([link.cluster, link.isOutgoing ? "to" : "from", link.word, waiting, ways].joined(separator: " "))
                continue
            }
            tell(
                JSONValue.object([
                    JSONMember("cluster", .string(link.cluster)),
                    JSONMember("direction", .string(link.isOutgoing ? "to" : "from")),
                    JSONMember("state", .string(link.word)), JSONMember("waiting", .integer(link.waiting)),
                    JSONMember("reaches", .object(reaches.map { JSONMember($0.key, .integer(Int64($0.value))) })),
                ]).text)
        }
    }

    /// The table of routes that the programs of this switch have.
    private func routes() throws -> RouteTable {
        let table = RouteTable(cluster: layout.cluster)
        for record in try records() { table.apply(record) }
        return table
    }

    /// The accounts of this switch that data may be of.
    public func names() throws -> Set<String> {
        Set(try records().filter { $0.removed == nil && $0.role != .link }.map(\.name))
    }

    /// `route list`: where each cluster lies.
    public func listRoutes(json: Bool) throws {
        let routes = try routes().routes().sorted { $0.key < $1.key }
        if !json { tell(routes.isEmpty ? "no routes: posts for other clusters are refused" : "CLUSTER LINK LINKS") }
        for (target, route) in routes {
            guard json else {
                tell("\(target) \(route.hop) \(route.distance)")
                continue
            }
            tell(
                JSONValue.object([
                    JSONMember("cluster", .string(target)), JSONMember("link", .string(route.hop)),
                    JSONMember("links", .integer(Int64(route.distance))),
                ]).text)
        }
    }

    /// `route explain CLUSTER`: the way there, and what says so. Returns whether there is one.
    public func explainRoute(_ target: String) throws -> Bool {
        let table = try routes()
        guard target != layout.cluster else {
            tell("\(target) is this switch: its consumers get what is posted for it")
            return true
        }
        guard let route = table.routes()[target] else {
            let links = table.hops
            tell(
                table.words(unreachable: [target])
                    + (links.isEmpty
                        ? ": this switch has no links" : ": none of the links (\(links.joined(separator: ", "))) reaches it")
                    + "; posts for it are refused with 406. 'dd_switch link add LINK --reaches \(LogLine.plain(target))' says that it lies behind LINK"
            )
            return false
        }
        let rule =
            route.hop == target
            ? "it is a link of this switch" : "the link \(route.hop) reaches it (dd_switch link add \(route.hop) --reaches …)"
        tell(
            "\(target): over the link to \(route.hop), \(route.distance) \(route.distance == 1 ? "link" : "links") away: \(rule)")
        if let link = try linkStates().first(where: { $0.cluster == route.hop && $0.isOutgoing }), !link.isUp {
            tell("! the link to \(route.hop) is \(link.word): \(link.waiting) posts wait for it")
        }
        return true
    }

    /// What keeps the posts of a source from being taken in: a stop, a hold, others of its own before it. Nothing is said when nothing does.
    public func explainSource(_ name: String) throws {
        let record = try record(of: name)
        if let stop = record.stopped {
            tell("\(name) is stopped: its posts \(stop == .hold ? "wait" : "are refused") (dd_switch user resume \(name))")
        } else if try held().contains(name) {
            tell(
                "the posts of \(name) are held: 'dd_log' of \(name) and the log of dd_sara say why; 'dd_switch quota \(name)' shows its bounds"
            )
        }
        if let count = try api.messages(in: layout.ingestQueue(of: name)), count > 0 {
            tell("\(count) posts of \(name) wait to be taken in")
        }
    }
}
