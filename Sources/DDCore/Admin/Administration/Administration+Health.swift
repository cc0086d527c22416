extension Administration {
    /// Asks the broker for all that `check` and `doctor` look at.
    func health() throws -> Health {
        let state = try state()
        let unrouted = try api.messages(in: layout.unrouted) ?? 0
        let overview = try api.get("overview", query: "?columns=message_stats")
        let unroutable = ["return_unroutable", "drop_unroutable"].compactMap { overview["message_stats"]?[$0]?.integer }
        let all = try api.get("queues", api.vhost, query: Self.queueColumns).array ?? []
        return Health(
            layout: layout, state: state, queues: queues(all, state.users), links: try links(),
            held: held(all.compactMap { $0["name"]?.string }), unrouted: unrouted,
            unroutable: unroutable.reduce(0, +), late: try late(), alarms: try alarms())
    }

    /// What its own processes on this machine say of their work.
    private func late() throws -> [(title: String, why: String)] {
        guard let paths = localPaths else { return [] }
        let list = try ServiceList(paths)
        return list.statuses(list.services, ServiceStatus.Thresholds()).filter { $0.state == .late }.map {
            ($0.service.title, $0.why)
        }
    }

    private static let queueColumns = "?columns=name,messages,consumers,arguments,type,effective_policy_definition"

    private func queues(_ all: [JSONValue], _ users: [UserRecord]) -> [Health.Queue] {
        let names = UserNames(users.map(\.name))
        let own = QueueName.prefix(of: layout.feeder)
        // What these keep is for those who look back: nobody is late.
        let kept = Set(users.filter(\.role.posts).map { QueueName.reports(of: $0.name) })
            .union([QueueName.control(feeder: layout.feeder), layout.unrouted])
        return all.compactMap { queue in
            guard let name = queue["name"]?.string, !kept.contains(name) else { return nil }
            let owner = names.owner(of: name)
            guard owner != nil || name.utf8.starts(with: own.utf8), !isHold(name) else { return nil }
            return Health.Queue(name: name, owner: owner, queue)
        }
    }

    /// What the names of the queues begin with by which dd_sara shows what it holds on purpose.
    private var holdPrefix: String { layout.hold(of: "") }

    private func isHold(_ name: String) -> Bool { name.utf8.starts(with: holdPrefix.utf8) }

    /// The sources whose posts dd_sara holds on purpose, as it shows on the broker.
    private func held(_ queues: [String]) -> Set<String> {
        Set(queues.filter(isHold).map { String($0.dropFirst(holdPrefix.count)) })
    }

    /// Those who are held, for `user list`.
    func held() throws -> Set<String> {
        held((try api.get("queues", api.vhost, query: "?columns=name").array ?? []).compactMap { $0["name"]?.string })
    }

    /// All bindings: the definitions know only those that survive a restart of the broker.
    private func links() throws -> [Health.Link] {
        let columns = "?columns=source,destination,destination_type,routing_key"
        return try (api.get("bindings", api.vhost, query: columns).array ?? []).compactMap { binding in
            guard let source = binding["source"]?.string, !source.isEmpty, let destination = binding["destination"]?.string
            else { return nil }
            return Health.Link(
                source: source, destination: destination, isToQueue: binding["destination_type"]?.string == "queue",
                topic: binding["routing_key"]?.string ?? "")
        }
    }

    private func alarms() throws -> [String] {
        var alarms: [String] = []
        for node in try api.get("nodes", query: "?columns=name,running,mem_alarm,disk_free_alarm").array ?? [] {
            let name = LogLine.plain(node["name"]?.string ?? "a node")
            if node["running"]?.bool == false { alarms.append("\(name) does not run") }
            if node["mem_alarm"]?.bool == true { alarms.append("memory alarm on \(name)") }
            if node["disk_free_alarm"]?.bool == true { alarms.append("disk alarm on \(name)") }
        }
        return alarms
    }
}

extension Health.Queue {
    /// What the management API says of a queue.
    fileprivate init(name: String, owner: String?, _ json: JSONValue) {
        self.init(name: name, messages: json["messages"]?.integer ?? 0, consumers: json["consumers"]?.integer ?? 0)
        self.owner = owner
        let (arguments, policy) = (json["arguments"], json["effective_policy_definition"])
        isStream = json["type"]?.string == "stream" || arguments?["x-queue-type"]?.string == "stream"
        let overflow = arguments?["x-overflow"]?.string ?? policy?["overflow"]?.string ?? ""
        refuses = overflow.hasPrefix("reject-publish")
        guard let policy else { return }
        isBounded = [arguments?["x-max-length-bytes"], policy["max-length-bytes"]].contains { $0?.integer != nil }
    }
}
