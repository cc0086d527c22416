/// What an administrator does to a running broker. Every change is shown as it is made, audited, and announced on `xctl`.
public final class Administration {
    let api: ManagementAPI
    /// What is to stand on the broker.
    public let layout: SwitchLayout
    /// The administrator's account.
    let account: String
    /// `nil`: nothing is changed, only shown.
    private let audit: AuditTrail?
    private let say: (String) -> Void
    /// What the command that runs has done so far.
    private var changes: [String] = []
    /// Where the configurations of this machine are, whose work `check` looks at; `nil`: it does not.
    public var localPaths: ConfigPaths?
    /// Something is not as it should be and was left so.
    public private(set) var isIncomplete = false

    /// Works through `api` as `account`. Without an audit trail nothing is changed: what would be is said.
    public init(
        _ api: ManagementAPI, _ layout: SwitchLayout, account: String, audit: AuditTrail?, say: @escaping (String) -> Void
    ) {
        self.api = api
        self.layout = layout
        self.account = account
        self.audit = audit
        self.say = say
    }

    /// Only shows what would be changed.
    var isDryRun: Bool { audit == nil }

    /// Tells the person who runs the tool.
    func tell(_ text: String) {
        // Names on a broker are anybody's: none may steer the terminal.
        say(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { LogLine.plain(String($0)) }.joined(
                separator: "\n"))
    }

    /// Makes what is not there, and changes what differs and `may` be changed; the rest is said to be left. Returns what was done, or
    /// in a dry run would be.
    @discardableResult
    func settle(_ differences: [Difference], may: (Difference) -> Bool = { _ in true }) throws -> [Difference] {
        var done: [Difference] = []
        for difference in differences {
            if difference.isConflict {
                leave(difference, "it would have to be deleted first, with what it holds")
            } else if !difference.isAddition && !may(difference) {
                leave(difference, "left as it is; name it to have it changed")
            } else {
                try change(difference.text) { try api.make(difference.wanted) }
                done.append(difference)
            }
        }
        return done
    }

    /// Does one thing, unless only to show it, and says so.
    func change(_ text: String, _ step: () throws -> Void) throws {
        if !isDryRun { try step() }
        say(text)
        changes.append(text)
    }

    private func leave(_ difference: Difference, _ why: String) {
        isIncomplete = true
        say("! \(difference.text) (\(why))")
    }

    /// Runs `steps`; what they changed is audited, also when they fail half-way. Returns whether something was changed.
    @discardableResult
    func audited(_ action: String, _ steps: () throws -> Void) throws -> Bool {
        changes = []
        do { try steps() } catch {
            try audit?.note(action, changes + ["failed: \(error)"])
            throw error
        }
        guard !changes.isEmpty else { return false }
        try audit?.note(action, changes)
        return true
    }

    /// Tells the programs that run.
    func announce(_ action: ControlMessage.Action, _ user: UserRecord) throws {
        guard !isDryRun else { return }
        if try !api.publish(ControlMessage(action, user, by: account).wire, to: ExchangeName.control) {
            say("! nothing listens on \(ExchangeName.control): run dd_switch init")
            isIncomplete = true
        }
    }

    /// Ends what the user has open, so that a change takes effect on it.
    func disconnect(_ user: String) throws {
        if !isDryRun { try api.closeConnections(of: user) }
        say("  connections of \(user) closed")
    }

    /// Throws when the switch's own objects are not there.
    func requireSwitch() throws {
        guard try api.find(.exchange(ExchangeName.control)) == nil else { return }
        throw ConfigError(.configuration, "there is no switch in vhost \(api.vhost) of \(api.address): run dd_switch init first")
    }

    /// The records of all users, also of those that were removed.
    func records() throws -> [UserRecord] {
        try (api.get("global-parameters").array ?? []).compactMap { BrokerObject(.record, $0)?.userRecord }
    }

    /// The record of a user that is not removed. Throws when there is none.
    func record(of name: String) throws -> UserRecord {
        guard AccountName.isValid(name) else {
            throw ConfigError(.usage, "'\(LogLine.plain(name))' is no name for an account")
        }
        let wanted = BrokerObject.record(UserRecord(name: name, role: .user))
        guard let found = try api.find(wanted)?.userRecord, found.removed == nil else {
            throw ConfigError(.usage, "there is no user '\(name)' (dd_switch user list shows them; user add makes one)")
        }
        return found
    }
}
