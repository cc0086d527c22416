import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("passwords typed at a terminal", .enabled(if: RabbitMQ.isInstalled))
struct TerminalTests {
    private static let question = "New password of "

    private func atTerminal(_ desk: Desk, _ words: String...) throws -> TerminalProgram {
        let environment = ["DD_CONFIG_HOME": desk.files.path, "DD_STATE_HOME": desk.files.path("state")]
        return try TerminalProgram(Command("dd_switch", environment: environment), words)
    }

    @Test("a password is asked for twice, not shown, and holds")
    func typed() throws {
        let desk = try Desk()
        let bob = desk.name("bob")
        let adding = try atTerminal(desk, "user", "add", bob, "--role", "consumer")
        try #require(adding.shows(Self.question + bob))
        #expect(!adding.echoes)
        adding.type("typed-password\n")
        try #require(adding.shows("The same again"))
        adding.type("typed-password\n")
        #expect(adding.outcome() == 0)
        #expect(adding.echoes && !adding.shown.contains("typed-password"), "\(adding.shown)")
        #expect(RequestSender.refusal(try desk.settings("bob", "typed-password")) == nil)

        let changing = try atTerminal(desk, "user", "passwd", bob)
        try #require(changing.shows(Self.question + bob))
        changing.type("second-password\n")
        try #require(changing.shows("The same again"))
        changing.type("mistyped\n")
        #expect(changing.outcome() == 64)
        #expect(changing.shown.contains("not the same") && changing.echoes)
        #expect(RequestSender.refusal(try desk.settings("bob", "typed-password")) == nil)

        let made = try atTerminal(desk, "user", "passwd", bob)
        try #require(made.shows(Self.question + bob))
        made.type("\n")
        #expect(made.outcome() == 0)
        let password = made.shown.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        #expect(RequestSender.refusal(try desk.settings("bob", password)) == nil)
    }

    @Test(
        "who interrupts at the question has changed nothing, and his terminal as it was",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(signal: Int32) throws {
        let desk = try Desk()
        let bob = desk.name("bob")
        for isTyped in [false, true] where !isTyped || signal == SIGINT {
            let adding = try atTerminal(desk, "user", "add", bob)
            try #require(adding.shows(Self.question + bob))
            adding.type("half")
            if isTyped { adding.type("\u{3}") } else { adding.send(signal) }
            #expect(adding.outcome() == 128 + signal, "\(adding.shown)")
            #expect(adding.echoes && !adding.shown.contains("half"), "\(adding.shown)")
        }
        #expect(try !desk.definitions().contains(bob))
    }

    @Test("the end of input at the question is no password")
    func ended() throws {
        let desk = try Desk()
        let bob = desk.name("bob")
        let adding = try atTerminal(desk, "user", "add", bob)
        try #require(adding.shows(Self.question + bob))
        adding.type("\u{4}")
        #expect(adding.outcome() == 64)
        #expect(adding.shown.contains("no password was given for \(bob)") && adding.echoes, "\(adding.shown)")
        #expect(try !desk.definitions().contains(bob))
    }

    @Test("who stops at the question and goes on is asked again")
    func stopped() throws {
        let desk = try Desk()
        let bob = desk.name("bob")
        let adding = try atTerminal(desk, "user", "add", bob)
        try #require(adding.shows(Self.question + bob))
        // A leader of a session has nobody to wake it: the system lets it go on at once.
        adding.send(SIGTSTP)
        #expect(waitUntil(seconds: 20) { adding.shows(Self.question) && adding.shown.split(separator: Self.question).count >= 2 })
        #expect(!adding.echoes)
        adding.type("after-all-so\n")
        try #require(adding.shows("The same again"))
        adding.type("after-all-so\n")
        #expect(adding.outcome() == 0)
        #expect(RequestSender.refusal(try desk.settings("bob", "after-all-so")) == nil)
    }

    @Test("a removal is carried out after a yes on the terminal, and only then")
    func confirmed() throws {
        let desk = try Desk()
        try desk.add("bob")
        let bob = desk.name("bob")
        for (answer, status) in [("no\n", 1), ("yes\n", 0)] as [(String, Int32)] {
            let removing = try atTerminal(desk, "user", "remove", bob)
            try #require(removing.shows("Delete all this?"))
            removing.type(answer)
            #expect(removing.outcome() == status)
            #expect(try desk.definitions().contains("xs_\(bob)") == (status != 0))
        }
    }
}
