import DDCore

/// The accounts of the switch and their passwords, made at the first start and kept.
struct Accounts {
    static let feeder = "feeder"
    static let admin = "admin"
    /// The example source.
    static let source = "alice"
    /// The example consumer.
    static let consumer = "bob"
    static let all = [feeder, admin, source, consumer]

    private let passwords: [String: String]

    /// Reads `DIR/secrets`, adds the accounts that are missing there and writes it (0600).
    init(_ folder: SwitchFolder) throws {
        var known: [String: String] = [:]
        for line in try SmallFile.lines(folder.secrets) {
            let words = line.split(separator: " ")
            if words.count == 2 { known[String(words[0])] = String(words[1]) }
        }
        for name in Self.all where known[name] == nil { known[name] = NewPassword.freshText() }
        let lines = known.map { "\($0.key) \($0.value)\n" }.sorted()
        try SmallFile.write(lines.joined(), to: folder.secrets, mode: 0o600)
        passwords = known
    }

    /// The password of an account.
    func password(_ name: String) -> String { passwords[name] ?? "" }

    /// RabbitMQ's hash of an account's password.
    func hash(_ name: String) -> String { PasswordHash.rabbitMQ(password(name)) ?? "" }

    /// The URL of the broker for an account. With the password only where it goes to a file that is kept secret.
    func url(_ name: String, port: UInt16, withPassword: Bool) -> String {
        "amqp://\(name)\(withPassword ? ":" + password(name) : "")@127.0.0.1:\(port)/"
    }
}
