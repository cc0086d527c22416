import DDCore

/// What stands on the broker of a fresh switch, in the form that RabbitMQ loads at its start.
struct Definitions {
    let layout: SwitchLayout
    /// RabbitMQ's hash of an account's password.
    let passwordHash: (String) -> String
    /// Where the example source's data is fetched.
    let sourceURL: String

    /// The JSON text. No password is in it.
    var text: String {
        let objects =
            layout.common(feederHash: passwordHash(layout.feeder))
            + users.flatMap { layout.objects(of: $0, passwordHash: passwordHash($0.name)) }
        return BrokerState.definitions(objects, vhost: "/").text
    }

    private var users: [UserRecord] {
        var source = UserRecord(name: Accounts.source, role: .source)
        source.urls = [sourceURL]
        return [
            UserRecord(name: Accounts.admin, role: .admin), source, UserRecord(name: Accounts.consumer, role: .consumer),
        ]
    }
}
