import Testing

@testable import DDCore

@Suite("the form host:path")
struct RemoteSourceTests {
    @Test(
        "account, address and path are told apart",
        arguments: [
            ("h:a/b", "amqps://anonymous:anonymous@h", "a.b.#"),
            ("h:", "amqps://anonymous:anonymous@h", "#"),
            ("h:/a/b/", "amqps://anonymous:anonymous@h", "a.b.#"),
            ("h:2024", "amqps://anonymous:anonymous@h", "2024.#"),
            ("h:2024/x", "amqps://anonymous:anonymous@h", "2024.x.#"),
            ("h:5673:a", "amqps://anonymous:anonymous@h:5673", "a.#"),
            ("h:5673:2024:x", "amqps://anonymous:anonymous@h:5673", "2024:x.#"),
            ("alice@h:a", "amqps://alice@h", "a.#"),
            ("alice:p@h:a", "amqps://alice:p@h", "a.#"),
            ("alice:p@h:5673:a", "amqps://alice:p@h:5673", "a.#"),
            ("alice:p@ss@h:a", "amqps://alice:p@ss@h", "a.#"),
            ("h:a/b@c", "amqps://anonymous:anonymous@h", "a.b@c.#"),
            ("h:/a@b", "amqps://anonymous:anonymous@h", "a@b.#"),
            ("[::1]:a", "amqps://anonymous:anonymous@[::1]", "a.#"),
            ("bob@[::1]:5673:a", "amqps://bob@[::1]:5673", "a.#"),
            ("amqp://h:a", "amqp://anonymous:anonymous@h", "a.#"),
            ("amqp://alice:p@h:5673:a/*/b", "amqp://alice:p@h:5673", "a.*.b.#"),
            ("amqps://alice:p@h:5673/v:a", "amqps://alice:p@h:5673/v", "a.#"),
            ("amqps://alice:p@h/v:a", "amqps://alice:p@h/v", "a.#"),
            ("h:a b/c.d/#x", "amqps://anonymous:anonymous@h", "a%20b.c.d.%23x.#"),
        ])
    func table(_ text: String, _ broker: String, _ subtopic: String) throws {
        let source = try RemoteSource(text, plain: false)
        #expect(source.brokerText?.reveal() == broker)
        #expect(source.subtopic == subtopic)
    }

    @Test("a path alone is for the broker of an option; plain is without TLS")
    func other() throws {
        #expect(try RemoteSource(":a/b", plain: false).brokerText == nil)
        #expect(try RemoteSource(":a/b", plain: false).subtopic == "a.b.#")
        #expect(try RemoteSource("h:a", plain: true).brokerText?.reveal() == "amqp://anonymous:anonymous@h")
    }

    @Test(
        "what is not of the form is an error of usage, without passwords",
        arguments: [
            "amqp://a:hunter2@h", "amqp://a:hunter2@h/v", "a:hunter2@h", "@h:a", "host", "h:../x", "[::1:a",
            "amqps://a:hunter2@:x",
        ])
    func refused(_ text: String) {
        let message = failure { () throws(ConfigError) in _ = try RemoteSource(text, plain: true) }
        #expect(message.hasPrefix("64: "))
        #expect(!message.contains("hunter2"))
    }
}
