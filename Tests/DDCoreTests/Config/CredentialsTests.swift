import DDCore
import Testing

@Suite("credentials")
struct CredentialsTests {
    private let text = """
        # accounts
        amqps://alice:p%40ss@broker.example
        amqps://bob:b@broker.example:5671/
        amqp://carol:c@[::1]:5673   
        sftp://dave@data.example ssh_keyfile=/k/id
        ftp://erin:e@data.example binary,tls  passive
        https://data.example/ bearer_token=a=b
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

    @Test("options behind the URL are those of its server")
    func options() throws {
        var credentials = Credentials()
        try credentials.add(text, path: "c")
        func options(_ url: String) throws -> AccountOptions? { credentials.entry(for: try URLParts(url))?.options }
        #expect(try options("sftp://data.example")?.keyFile == "/k/id")
        #expect(try options("ftp://data.example")?.startsTLS == true)
        #expect(try options("https://data.example")?.bearerToken?.reveal() == "a=b")
        #expect(try options("amqps://broker.example") == AccountOptions())
        #expect(try options("http://data.example") == nil)
    }

    @Test(
        "an option that is not known, or cannot be, is refused without its value",
        arguments: [
            ("sftp://a:b@h passive", "unknown option 'passive' for sftp: known are ssh_keyfile"),
            ("ftp://a:b@h active", "unknown option 'active' for ftp: known are passive, binary, tls, prot_p"),
            ("amqp://a:b@h heartbeat=5", "unknown option 'heartbeat' for amqp: there are none"),
            ("http://h bearer_token", "option 'bearer_token' needs a value: bearer_token=..."),
            ("http://h bearer=secret", "unknown option 'bearer' for http: known are bearer_token"),
            ("ftps://a:b@h tls=off", "option 'tls' takes no value"),
            ("ftps://a:b@h implicit_ftps,tls", "implicit_ftps contradicts tls and prot_p, which begin without TLS"),
        ])
    func badOptions(_ line: String, _ reason: String) {
        var credentials = Credentials()
        let message = failure { () throws(ConfigError) in try credentials.add(line, path: "c") }
        #expect(message == "78: c:1: \(reason)")
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
