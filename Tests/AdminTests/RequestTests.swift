import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("what users and operators ask", .enabled(if: RabbitMQ.isInstalled))
struct RequestTests {
    /// `dd_switch` as somebody who has nothing but an account.
    private func ask(_ desk: Desk, _ user: String, _ words: String..., password: String = "password-of-it") throws
        -> Command.Outcome
    {
        let environment = ["DD_CONFIG_HOME": desk.files.path("none"), "DD_STATE_HOME": desk.files.path("none")]
        let broker = desk.broker.url(desk.name(user), password, vhost: desk.word)
        return try Command("dd_switch", environment: environment).run(words + ["-b", broker])
    }

    private func requests(_ desk: Desk) throws -> RunningCommand {
        let environment = ["DD_CONFIG_HOME": desk.files.path, "DD_STATE_HOME": desk.files.path("state")]
        return try Command("dd_switch", environment: environment).start(["requests"])
    }

    @Test("a user changes his own password, and no other's")
    func passwd() throws {
        let desk = try Desk()
        for user in ["bob", "eve"] { try desk.add(user, "--role", "consumer") }
        let program = try requests(desk)
        defer { program.kill() }
        let file = try desk.files.write("a-new-password\n", to: "new", mode: 0o600)
        let outcome = try ask(desk, "bob", "passwd", "--password_file", file)
        #expect(outcome.status == 0 && outcome.output.contains("holds"), "\(outcome.errors) \(program.errors)")
        // The user's connections are ended once more, it may be a moment later.
        let settings = try desk.settings("bob", "a-new-password")
        #expect(waitUntil(seconds: 20) { RequestSender.refusal(settings) == nil })
        #expect(RequestSender.refusal(try desk.settings("bob")) != nil)
        #expect(RequestSender.refusal(try desk.settings("eve")) == nil)
        #expect(try desk("audit").output.contains("user passwd \(desk.name("bob")), asked for by the user"))
        #expect(!program.errors.contains("a-new-password"))
    }

    @Test("an operator stops and resumes a source; a user who asks for that is let go")
    func operators() throws {
        let desk = try Desk()
        try desk.add("alice", "--role", "source")
        try desk.add("olga", "--role", "operator")
        try desk.add("eve")
        let program = try requests(desk)
        defer { program.kill() }
        let alice = desk.name("alice")
        let isStopped = { try desk("user", "list").output.contains("\(alice) source stopped") }

        #expect(try ask(desk, "eve", "ask", "stop", alice).status == 0)
        #expect(waitUntil(seconds: 20) { program.errors.contains("'\(desk.name("eve"))' is no operator") })
        #expect(try !isStopped())

        #expect(try ask(desk, "olga", "ask", "stop", alice, "--discard").status == 0)
        #expect(try waitUntil(seconds: 20, isStopped))
        #expect(try desk("user", "list").output.contains("\(alice) source stopped (discard)"))
        #expect(try ask(desk, "olga", "ask", "resume", alice).status == 0)
        #expect(try waitUntil(seconds: 20) { try !isStopped() })
        program.send(SIGTERM)
        #expect(try program.outcome(seconds: 20).status == 0)
    }

    @Test("forms that are no request are refused")
    func refused() {
        let bad = [
            ("v02.request.passwd", #"{"password_hash":"short"}"#), ("v02.request.passwd", "x"), ("v02.request.other", "{}"),
            ("v02.request.stop", #"{"user":"alice"}"#), ("v02.request.stop", #"{"user":"a/b","stopped":"hold"}"#),
            ("v02.post", "{}"),
        ]
        for (topic, body) in bad {
            #expect(throws: MessageError.self, "\(topic) \(body)") { try UserRequest(WireMessage(topic: topic, body: body)) }
        }
        for request in [
            UserRequest.stop(user: "a", .discard), .resume(user: "a"), .passwd(hash: PasswordHash.rabbitMQ("x") ?? "", web: nil),
            .passwd(hash: PasswordHash.rabbitMQ("x") ?? "", web: WebSecret.hash("s")),
        ] {
            #expect((try? UserRequest(request.wire)) == request)
        }
    }
}
