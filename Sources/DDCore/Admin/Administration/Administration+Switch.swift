extension Administration {
    /// `init`: makes what the switch needs and is not there. What differs is changed only when its name is in `names`.
    public func initialise(names: [String], feederPassword: Secret?) throws {
        let state = try state()
        var password: NewPassword?
        let account = BrokerObject.user(layout.feeder, tags: [], passwordHash: nil)
        // The feeder's password is asked of nobody: the credentials have it, or one is made.
        if state.find(account) == nil { password = try Self.password(feederPassword) }
        let differences = Difference.all(layout.common(feederHash: password?.hash)) { state.find($0) }
        let known = Set(differences.flatMap { $0.wanted.key })
        if let stranger = names.first(where: { !known.contains($0) }) {
            tell("'\(LogLine.plain(stranger))' is as it should be, or not a part of the switch")
        }
        let changed = try audited("init") {
            let done = try settle(differences) { difference in difference.wanted.key.contains { names.contains($0) } }
            try restoreUsers(after: done, state)
        }
        if !changed && !isIncomplete { tell("the switch '\(layout.cluster)' stands: nothing to change") }
        if let password, password.isMade, !isDryRun, let secret = password.secret {
            tell("password of \(layout.feeder): \(secret.reveal()) (put it into credentials.conf of the switch's programs)")
        }
    }

    /// What was deleted has taken the bindings of users with it: they are made again where both ends are there. A control stream that was
    /// made again knows nobody: what holds for each user is announced once more.
    private func restoreUsers(after done: [Difference], _ state: BrokerState) throws {
        let made = Set(done.filter { $0.isAddition && [.exchange, .queue].contains($0.wanted.kind) }.map { $0.wanted.key[0] })
        guard !made.isEmpty else { return }
        let standing = Set((state.all(.exchange) + state.all(.queue)).map { $0.key[0] }).union(made)
        // Records are common to all vhosts of the broker.
        for user in state.users where standing.contains(ExchangeName.posts(of: user.name)) {
            let lost = layout.objects(of: user, passwordHash: nil).filter { object in
                guard object.kind == .binding else { return false }
                let ends = [object.key[0], object.key[2]]
                return ends.contains(where: made.contains) && ends.allSatisfy(standing.contains)
            }
            try settle(Difference.all(lost, api.find))
            guard made.contains(QueueName.control(feeder: layout.feeder)) else { continue }
            tell("  \(user.name) is announced again")
            try announce(.add, user)
        }
    }

    private static func password(_ known: Secret?) throws(ConfigError) -> NewPassword {
        guard let known, !known.isEmpty else { return try .made() }
        return try NewPassword(known.reveal())
    }

    /// `export`: definitions of what belongs to the switch, in RabbitMQ's own form, with the hashes of passwords.
    public func exported() throws -> String {
        let state = try state()
        let users = state.users
        var names = Set(users.map(\.name))
        names.insert(layout.feeder)
        let ours = BrokerObject.Kind.allCases.flatMap { kind in
            state.all(kind).filter { Self.isOurs($0, users: names, feeder: layout.feeder) }
        }
        return BrokerState.definitions(ours, vhost: api.vhost).text + "\n"
    }

    /// `restore`: makes what a file of definitions has and the broker has not. What differs is shown and left.
    public func restore(_ text: String, path: String) throws {
        let json: JSONValue
        do { json = try JSONParser.parse(text) } catch {
            throw ConfigError(.configuration, "cannot read the definitions in \(path): \(error)")
        }
        let wanted = BrokerState(definitions: json, vhost: api.vhost)
        let objects = BrokerObject.Kind.allCases.flatMap(wanted.all)
        guard !objects.isEmpty else {
            throw ConfigError(.configuration, "\(path) has no definitions for the vhost \(api.vhost)")
        }
        let state = try state()
        let differences = Difference.all(objects) { state.find($0) }
        let changed = try audited("restore \(path)") { try settle(differences) { _ in false } }
        if !changed && !isIncomplete { tell("everything in \(path) stands: nothing to change") }
    }

    /// All that stands on the broker.
    func state() throws -> BrokerState {
        BrokerState(definitions: try api.get("definitions"), vhost: api.vhost)
    }

    private static func isOurs(_ object: BrokerObject, users: Set<String>, feeder: String) -> Bool {
        func isOurExchange(_ name: String) -> Bool {
            [ExchangeName.publicPosts, ExchangeName.log, ExchangeName.unrouted, ExchangeName.control].contains(name)
                || ["xs_", "xl_", "xd_", "xp_", "xq_", "xr_"].contains { name.hasPrefix($0) }
        }
        func isOurQueue(_ name: String) -> Bool {
            name.hasPrefix(QueueName.prefix(of: feeder))
                || users.contains { name == QueueName.reports(of: $0) || name == QueueName.link(ofAccount: $0) }
        }
        switch object.kind {
        case .user, .permissions, .topicPermissions, .limits: return users.contains(object.key[0])
        case .exchange: return isOurExchange(object.key[0])
        case .queue: return isOurQueue(object.key[0])
        case .binding:
            let isOurTarget = object.key[1] == "queue" ? isOurQueue(object.key[2]) : isOurExchange(object.key[2])
            return isOurExchange(object.key[0]) && isOurTarget
        case .policy, .operatorPolicy: return object.key[0].hasPrefix("dd_")
        case .record:
            return object.key[0].hasPrefix(BrokerObject.recordPrefix) || object.key[0].hasPrefix(BrokerObject.upstreamPrefix)
        }
    }
}
