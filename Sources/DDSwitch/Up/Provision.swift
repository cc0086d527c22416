import DDCore

/// What stands on the broker of `up`, made through its management API with the administrator's own commands: a second start changes
/// nothing, and what an administrator has changed since stays.
struct Provision {
    let folder: SwitchFolder
    let accounts: Accounts
    /// Where the example source's data is fetched.
    let sourceURL: String

    /// What the broker loads at its start: the administrator's account, who makes the rest. RabbitMQ 4.0 does not start with definitions of
    /// streams that it has already.
    func administrator(_ layout: SwitchLayout) -> String {
        let record = UserRecord(name: Accounts.admin, role: .admin)
        let objects = layout.objects(of: record, passwordHash: accounts.hash(Accounts.admin))
        return BrokerState.definitions(objects, vhost: "/").text
    }

    /// Whether the broker has again what it had before: its streams come a moment after it answers.
    func isRecovered() throws -> Bool { try administration(options()).isRecovered() }

    /// Makes what is missing, and notes it in the audit trail.
    func make() throws {
        let options = try options()
        let administration = try administration(options)
        try administration.initialise(names: [], feederPassword: options.broker?.password)
        for (name, role, url) in [
            (Accounts.source, UserRecord.Role.source, [sourceURL]), (Accounts.consumer, .consumer, []),
        ] {
            try administration.provide(name, role, urls: url, password: Secret(accounts.password(name)))
        }
    }

    private func options() throws -> SwitchOptions {
        let environment = ["DD_CONFIG_HOME": folder.etc, "DD_STATE_HOME": folder.state]
        return try SwitchOptions.load(configuration: "switch", settings: [], environment: environment)
    }

    private func administration(_ options: SwitchOptions) throws -> Administration {
        try Admin.administration(options, changes: true) { _ in }
    }
}
