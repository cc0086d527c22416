import DDCore
import Testing

@Suite("credentials")
struct CredentialsTests {
    private let text = """
        # accounts
        amqps://alice:p%40ss@broker.example
        amqps://bob:b@broker.example:5671/
        amqp://carol:c@[::1]:5673   
        sftp://dave@data.example ssh_keyfile=/k/id,passive  limit=2
        """

    private func completed(_ url: String) throws -> String {
        var credentials = Credentials()
        try credentials.add(text, path: "c")
        let parts = credentials.complete(try URLParts(url))
        return "\(parts.user ?? "-"):\(parts.password?.reveal() ?? "-")"
    }

    @Test(
        "scheme, user where given, host and port have to be equal",
        arguments: [
            ("amqps://broker.example", "alice:p@ss"), ("amqps://BROKER.example:5671/v", "alice:p@ss"),
            ("amqps://bob@broker.example", "bob:b"),
            ("amqps://alice:own@broker.example", "alice:own"), ("amqp://alice@broker.example", "alice:-"),
            ("amqps://eve@broker.example", "eve:-"),
            ("amqps://alice@broker.example:5672", "alice:-"), ("amqps://alice@broker.example.org", "alice:-"),
            ("amqp://[::1]:5673", "carol:c"),
            ("sftp://data.example/x", "dave:-"),
        ])
    func completion(_ url: String, _ account: String) throws {
        #expect(try completed(url) == account)
    }

    @Test("options behind the URL are kept")
    func options() throws {
        var credentials = Credentials()
        try credentials.add(text, path: "c")
        let options = credentials.entry(for: try URLParts("sftp://data.example"))?.options ?? []
        #expect(options.map { "\($0.key)=\($0.value)" } == ["ssh_keyfile=/k/id", "passive=", "limit=2"])
    }

    @Test("a file that others may read is refused", arguments: [0o600, 0o400, 0o640, 0o604, 0o660, 0o610])
    func mode(_ mode: UInt32) throws {
        let folder = try ScratchFolder()
        let path = try folder.write(text, to: "credentials.conf", mode: mode)
        let message = failure { () throws(ConfigError) in _ = try Credentials(files: [path, folder.path + "/none"]) }
        #expect(message == (mode & 0o077 == 0 ? "" : "78: credentials \(path) can be read by others: chmod 600 \(path)"))
    }

    @Test("a bad line is named without its password")
    func bad() {
        var credentials = Credentials()
        let message = failure { () throws(ConfigError) in try credentials.add("\namqp://a:hunter2%zz@h", path: "c") }
        #expect(message == "78: c:2: bad URL 'amqp://***@h': the password is badly encoded")
    }
}
