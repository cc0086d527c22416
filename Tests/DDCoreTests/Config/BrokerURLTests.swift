import Testing

@testable import DDCore

@Suite("broker URL")
struct BrokerURLTests {
    @Test(
        "a URL is taken apart",
        arguments: [
            ("amqp://alice:pw@host", "amqp://alice@host:5672/", "pw"),
            ("AMQPS://alice:pw@Host.Example", "amqps://alice@host.example:5671/", "pw"),
            ("amqps://alice:pw@host:1234/", "amqps://alice@host:1234/", "pw"),
            ("amqp://al%40ice:p%3Aw%2F%40@host/%2Fprod", "amqp://al%40ice@host:5672/%2Fprod", "p:w/@"),
            ("amqp://a:b:c@host/prod", "amqp://a@host:5672/prod", "b:c"),
            ("amqp://host", "amqp://anonymous@host:5672/", "anonymous"),
            ("amqp://alice@host//", "amqp://alice@host:5672/", ""),
            ("amqp://alice:@[2001:db8::1]:5673/v", "amqp://alice@[2001:db8::1]:5673/v", ""),
        ])
    func parts(_ text: String, _ description: String, _ password: String) throws {
        let url = try BrokerURL(text)
        #expect(url.description == description)
        #expect(url.password.reveal() == password)
        #expect(try BrokerURL(description).host == url.host)
    }

    @Test(
        "what is no broker URL is refused without showing a password",
        arguments: [
            "", "host", "http://a:hunter2@h", "amqp://", "amqp:///v", "amqp://a:hunter2@", "amqp://a:hunter2@h:0",
            "amqp://a:hunter2@h:65536",
            "amqp://a:hunter2@h:12x", "amqp://a:hunter2@h/a/b", "amqp://a:hunter2@h/v?x=1", "amqp://a:hunter2%zz@h",
            "amqp://a:hunter2%ff@h",
            "amqp://a:hunter2@[::1", "amqp://a:hunter2@[host]", "amqp://a:hunter2/x@h", "amqp://a:hunter2 @h",
            "amqp://:hunter2@h",
            "amqp://a:hunter2@h@", "amqp://a:hunter2\n@h", "amqp://a:hunter2#@h", "://a:hunter2@h", "a:hunter2@h",
            "amqp://a:hunter2@\u{212A}", "amqp://a:\u{301}hunter2@h:x",
        ])
    func refused(_ text: String) {
        let message = failure { () throws(ConfigError) in _ = try BrokerURL(text) }
        #expect(message.hasPrefix("78: "))
        #expect(!message.contains("hunter2"))
        #expect(!message.contains("\n"))
    }

    @Test("no print, dump, interpolation or reflection shows the password")
    func hidden() throws {
        let parts = try URLParts("amqp://alice:hunter2@host/v")
        let url = try BrokerURL(parts)
        let credentials = try credentials("amqp://alice:hunter2@host")
        let setting = Secret("hunter2")
        let subjects: [Any] = [url, parts, setting, url.password, [url], ["k": url], Optional(url) as Any, credentials]
        for subject in subjects {
            var dumped = ""
            dump(subject, to: &dumped)
            for text in ["\(subject)", String(describing: subject), String(reflecting: subject), dumped] {
                #expect(!text.contains("hunter2"))
            }
            #expect(!children(of: subject, depth: 6).contains("hunter2"))
        }
        #expect(parts.description == "amqp://alice@host/v")
    }

    private func credentials(_ text: String) throws -> Credentials {
        var credentials = Credentials()
        try credentials.add(text, path: "c")
        return credentials
    }

    private func children(of subject: Any, depth: Int) -> String {
        if depth == 0 { return "" }
        return Mirror(reflecting: subject).children.map { "\($0.value)" + children(of: $0.value, depth: depth - 1) }.joined()
    }

    @Test(
        "what could hold a password is masked in quotes",
        arguments: [
            ("amqp://a:b@h/x", "amqp://***@h/x"), ("a:b@h:path", "***@h:path"), ("amqp://h/x", "amqp://h/x"), ("plain", "plain"),
            ("alice@h:path", "alice@h:path"), ("amqp://a:b@c@h", "amqp://***@h"),
            ("amqp://a:\u{301}b@\u{301}h", "amqp://***@\u{301}h"),
        ])
    func masked(_ text: String, _ shown: String) {
        #expect(Redaction.masked(text) == shown)
    }
}
