extension Administration {
    /// What `user add` was told; `nil`: as it is, or the default for a new user.
    public struct Addition: Sendable {
        /// What the account is for.
        public var role: UserRecord.Role?
        /// Replaces the list of URLs.
        public var urls: [String]?
        /// May declare its own exchange.
        public var isLegacy: Bool?
        /// Of another switch: replaces what lies behind it.
        public var reaches: [String: Int]?
        /// Where the password comes from.
        public var password: PasswordSource
        /// The name may be one that was removed a short time ago.
        public var reuses = false

        init(role: UserRecord.Role?, urls: [String]?, password: PasswordSource) {
            (self.role, self.urls, self.password) = (role, urls, password)
        }

        /// What the options say.
        public init(_ settings: Settings) throws(ConfigError) {
            role = try settings.given("role") == nil ? nil : settings.choice("role", as: UserRecord.Role.self)
            let given = settings.all("url").map(\.value)
            for url in given { do { _ = try AllowedURL(url, withSource: false) } catch { throw ConfigError(.usage, error.text) } }
            urls = given.isEmpty ? nil : given
            isLegacy = try settings.boolIfAny("legacy")
            password = try PasswordSource(settings)
            reuses = try settings.bool("reuse")
        }
    }

    /// `user add`: makes the account and all that belongs to it, or what of it is missing.
    public func add(_ name: String, _ addition: Addition) throws {
        try requireSwitch()
        let records = try records()
        let accounts = try (api.get("users", query: "?columns=name").array ?? []).compactMap { $0["name"]?.string }
        let present = records.filter { $0.removed == nil }
        try NameRules.check(
            name, others: accounts + present.map(\.name) + [layout.feeder], records: records, reuses: addition.reuses)
        guard name != layout.feeder else { throw ConfigError(.usage, "'\(name)' is the switch's own account") }

        var user = present.first { $0.name == name } ?? UserRecord(name: name, role: addition.role ?? .user)
        if let role = addition.role { user.role = role }
        if let urls = addition.urls { user.urls = urls }
        if let legacy = addition.isLegacy { user.isLegacy = legacy }
        if let reaches = addition.reaches { user.reaches = reaches }
        if user.role == .link, !name.hasPrefix(UserRecord.linkPrefix) {
            throw ConfigError(.usage, "the account of another switch is called link_CLUSTER: use dd_switch link add CLUSTER")
        }
        let isNew = !accounts.contains(name)
        let wantsPassword = addition.password != .unsaid || isNew
        // A dry run asks nobody and writes no file.
        let password = wantsPassword && !isDryRun ? try addition.password.password(for: name, mayMake: true) : nil

        if let password { user.web = password.webHash(for: name) }
        let differences = try Difference.all(layout.objects(of: user, passwordHash: password?.hash), api.find)
        var done: [Difference] = []
        // Also when a later step fails: the account may be there already.
        defer { show(password, of: name) }
        let changed = try audited("user add \(name)") { done = try settle(differences) }
        if changed { try announce(.add, user) }
        if done.contains(where: { !$0.isAddition && $0.wanted.kind != .record }) { try disconnect(name) }
    }

    /// An account that is to be there: made with this role and password where there is none, otherwise only what of it, and which of
    /// `urls`, is missing. One that was removed stays so.
    public func provide(_ name: String, _ role: UserRecord.Role, urls: [String], password: Secret) throws {
        let record = try records().first { $0.name == name }
        guard record?.removed == nil else { return }
        let known = record?.urls ?? []
        let missing = urls.filter { !known.contains($0) }
        let addition = Addition(
            role: record == nil ? role : nil, urls: missing.isEmpty ? nil : known + missing,
            password: record == nil ? .given(password) : .unsaid)
        try add(name, addition)
    }

    /// Whether all queues that belong to known users are there.
    public func isRecovered() throws -> Bool {
        let users = try records().filter { $0.removed == nil }
        let queues = users.flatMap { layout.objects(of: $0, passwordHash: nil) }.filter { $0.kind == .queue }
        return try queues.allSatisfy { try api.find($0) != nil }
    }

    private func show(_ password: NewPassword?, of name: String) {
        if let secret = password?.secret, password?.isMade == true { tell("password of \(name): \(secret.reveal())") }
    }

    /// `user passwd`: another password, or none.
    public func changePassword(_ name: String, _ source: PasswordSource) throws {
        let user = try record(of: name)
        let password = isDryRun ? nil : try source.password(for: name, mayMake: true)
        defer { show(password, of: name) }
        try setPassword(of: user, hash: password?.hash ?? "", web: password?.webHash(for: name))
    }

    /// Puts RabbitMQ's hash of a new password in the place of the old one, and `web`, what the web server compares with. `asked`: the user
    /// himself wants it.
    func setPassword(of user: UserRecord, hash: String, web: String?, asked: Bool = false) throws {
        var user = user
        user.web = web
        let tags = SwitchLayout.tags(of: user.role)
        try audited("user passwd \(user.name)" + (asked ? ", asked for by the user" : "")) {
            try change("~ user \(user.name): another password") {
                try api.make(.record(user))
                try api.make(.user(user.name, tags: tags, passwordHash: hash))
            }
        }
        // At once: who signs in with the new password in between is disconnected, too.
        try disconnect(user.name)
        try announce(.passwd, user)
    }

    /// `user stop`: he cannot connect, and what he has posted is held, or discarded. `asker`: the operator who wants it.
    public func stop(_ name: String, _ stop: UserRecord.Stop, asker: String? = nil) throws {
        var user = try record(of: name)
        guard user.role != .admin else { throw ConfigError(.usage, "'\(name)' is an administrator: remove the account instead") }
        user.stopped = stop
        if try settle("user stop \(name)", user, asker: asker) {
            try announce(.stop, user)
            try disconnect(name)
        }
    }

    /// `user resume`.
    public func resume(_ name: String, asker: String? = nil) throws {
        var user = try record(of: name)
        user.stopped = nil
        if try settle("user resume \(name)", user, asker: asker) { try announce(.resume, user) }
    }

    private func settle(_ action: String, _ user: UserRecord, asker: String?) throws -> Bool {
        try audited(action + (asker.map { ", asked for by \($0)" } ?? "")) {
            try settle(Difference.all([layout.limits(of: user), .record(user)], api.find))
        }
    }

    /// `user list`: one line for each user, and one for each account that is nobody's.
    public func list(json: Bool) throws {
        let users = try records().filter { $0.removed == nil }.sorted { $0.name < $1.name }
        if !json { tell(users.isEmpty ? "no users yet: dd_switch user add makes one" : "NAME ROLE STATE URL") }
        let held = try held()
        for user in users {
            let isHeld = user.stopped == nil && held.contains(user.name)
            tell(json ? Self.json(user, isHeld: isHeld).text : Self.line(user, isHeld: isHeld))
        }
        let known = Set(users.map(\.name) + [layout.feeder])
        for account in try (api.get("users", query: "?columns=name,tags").array ?? []) where !json {
            guard let name = account["name"]?.string, !known.contains(name) else { continue }
            tell("\(LogLine.plain(name)) - an account of the broker that dd_switch did not make")
        }
    }

    private static func json(_ user: UserRecord, isHeld: Bool) -> JSONValue {
        guard isHeld, let members = user.json.members else { return user.json }
        return .object(members + [JSONMember("held", .string("quota"))])
    }

    private static func line(_ user: UserRecord, isHeld: Bool) -> String {
        let standing = user.stopped.map { "stopped (\($0.rawValue))" } ?? (isHeld ? "held (quota)" : "active")
        var words = [user.name, user.role.rawValue, standing]
        if user.isLegacy { words.append("legacy") }
        return (words + user.urls).joined(separator: " ")
    }
}
