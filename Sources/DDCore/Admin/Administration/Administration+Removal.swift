extension Administration {
    /// `user remove`: lists what is under the name, asks `confirm`, and deletes it. Returns whether it was done.
    public func remove(_ name: String, confirm: () throws -> Bool) throws -> Bool {
        let user = try record(of: name)
        let objects = try belongings(of: user)
        tell("what is under the name \(name):")
        for (object, remark) in objects { tell("  \(object.name)\(remark)") }
        if isDryRun { return true }
        guard try confirm() else { return false }
        var gone = user
        gone.removed = .now()
        try audited("user remove \(name)") {
            // Closed out first, so that nothing is made again under the name while the rest goes.
            for (object, _) in objects where object.kind == .user { try change("- \(object.name)") { try api.remove(object) } }
            try disconnect(name)
            // Told before his queues go: nobody is to make them again.
            try announce(.remove, gone)
            for (object, _) in objects where object.kind != .user { try change("- \(object.name)") { try api.remove(object) } }
            try api.make(.record(gone))
        }
        tell(
            "\(name) is removed; what was stored from this user stays, and the name is free again in 30 days, or with user add --reuse"
        )
        return true
    }

    /// All that stands under a user's name, with a remark on what it holds. Bindings and limits go with what they belong to.
    private func belongings(of user: UserRecord) throws -> [(BrokerObject, String)] {
        var wanted = layout.objects(of: user, passwordHash: nil)
        // What an earlier role has left.
        var before = user
        before.role = .source
        wanted += layout.objects(of: before, passwordHash: nil).filter { !wanted.map(\.identity).contains($0.identity) }
        wanted.append(.operatorPolicy(SwitchLayout.queuePolicy(of: user.name), "", priority: 0, []))
        var result: [(BrokerObject, String)] = []
        var seen: Set<String> = []
        let prefixes = ["q_\(user.name).", "q_\(user.name)_"]
        let feeders = [layout.ingestQueue(of: user.name), layout.routingQueue(of: user.name)]
        for queue in try api.get("queues", api.vhost, query: "?columns=name,messages").array ?? [] {
            guard let name = queue["name"]?.string,
                feeders.contains(name) || prefixes.contains(where: { name.utf8.starts(with: $0.utf8) })
            else { continue }
            let object = BrokerObject(.queue, name, facts: [:])
            seen.insert(object.identity)
            result.append((object, " (\(queue["messages"]?.integer ?? 0) messages)"))
        }
        for object in wanted where seen.insert(object.identity).inserted {
            guard ![.binding, .limits, .record, .topicPermissions].contains(object.kind), try api.find(object) != nil else {
                continue
            }
            result.append((object, ""))
        }
        return result
    }

    /// What `quota` was told about one bound: a number, or that there is none.
    private static func bound(_ name: String, _ settings: Settings) throws(ConfigError) -> Int64?? {
        guard let setting = settings.given(name) else { return nil }
        if setting.value == "none" { return .some(nil) }
        guard let number = Values.size(setting.value) else { throw settings.bad(setting, "a number, a size like 1G, or none") }
        return .some(number)
    }

    /// `quota`: changes the bounds that were named; without any, shows those that hold.
    public func quota(_ name: String, _ settings: Settings) throws {
        var user = try record(of: name)
        let before = user
        func set(_ path: WritableKeyPath<UserRecord, Int64?>, _ option: String) throws {
            if let bound = try Self.bound(option, settings) { user[keyPath: path] = bound }
        }
        try set(\.quota.bytes, "bytes")
        try set(\.quota.files, "files")
        try set(\.quota.rate, "rate")
        try set(\.quota.messages, "messages")
        try set(\.limits.connections, "connections")
        try set(\.limits.channels, "channels")
        try set(\.limits.queueBytes, "queue_bytes")
        guard user != before else {
            tell(
                "\(name): \(user.json["quota"]?.text ?? "no quota"), limits \(user.json["limits"]?.text ?? "those of all users")")
            return
        }
        let wanted = layout.objects(of: user, passwordHash: nil).filter { [.limits, .operatorPolicy, .record].contains($0.kind) }
        let changed = try audited("quota \(name)") {
            try settle(Difference.all(wanted, api.find))
            if before.limits.queueBytes != nil && user.limits.queueBytes == nil {
                let policy = BrokerObject.operatorPolicy(SwitchLayout.queuePolicy(of: name), "", priority: 0, [])
                try change("- \(policy.name)") { try api.remove(policy) }
            }
        }
        if changed { try announce(.quota, user) }
        if user.limits.connections != before.limits.connections || user.limits.channels != before.limits.channels {
            try disconnect(name)
        }
    }
}
