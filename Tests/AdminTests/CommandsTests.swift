import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("the administrator's commands", .enabled(if: RabbitMQ.isInstalled))
struct CommandsTests {
    @Test("init shows what it would make, makes it, and a second run changes nothing")
    func initialise() throws {
        let desk = try Desk(initialised: false)
        let before = try desk.members()
        let dry = try desk("init", "--dry_run")
        #expect(dry.status == 0, "\(dry.errors)")
        #expect(dry.output.contains("+ exchange xpublic\n"))
        #expect(try desk.members() == before)

        let first = try desk("init")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output == dry.output)
        let after = try desk.definitions()
        for name in ["xpublic", "xlog", "xctl", "q_feeder\(desk.word).control", "dd_queues"] {
            #expect(after.contains("\"\(name)\""))
        }

        let stands = try desk.members()
        let second = try desk("init")
        #expect(second.output.contains("nothing to change") && second.status == 0)
        #expect(try desk.members() == stands)
    }

    @Test("init leaves what somebody has changed, until it is named")
    func named() throws {
        let desk = try Desk()
        let policy = #"{"pattern":"^q_","apply-to":"queues","priority":0,"definition":{"max-length-bytes":5000000000}}"#
        _ = try desk.curl("PUT", "operator-policies/\(desk.word)/dd_queues", policy)
        let left = try desk("init")
        #expect(left.status == 1)
        #expect(left.output.contains("! ~ operator policy dd_queues:") && left.output.contains("name it"))
        #expect(try desk.definitions().contains("5000000000"))
        #expect(try desk("init", "dd_queues").status == 0)
        #expect(try !desk.definitions().contains("5000000000"))
    }

    @Test("user add makes everything, shows the password once, and again changes nothing")
    func add() throws {
        let desk = try Desk()
        let bob = desk.name("bob")
        let dry = try desk("user", "add", bob, "-n", "--role", "source", "--url", "http://127.0.0.1:8000/data/")
        #expect(dry.output.contains("+ exchange xs_\(bob)\n") && !dry.output.contains("password"))
        #expect(try !desk.definitions().contains("xs_\(bob)"))

        let first = try desk("user", "add", bob, "--role", "source", "--url", "http://127.0.0.1:8000/data/")
        #expect(first.status == 0, "\(first.errors)")
        let password = first.output.split(separator: "\n").last?.split(separator: " ").last.map(String.init) ?? ""
        #expect(password.count == 24)
        let settings = BrokerSettings(url: try BrokerURL(desk.broker.url(bob, password, vhost: desk.word)), name: "test")
        #expect(RequestSender.refusal(settings) == nil)
        let standing = try desk.definitions()
        for name in ["xs_", "xl_", "xd_", "xp_", "q_feeder\(desk.word).dd_sara.ingest."] {
            #expect(standing.contains(name + bob))
        }
        #expect(standing.contains("q_\(bob).reports"))

        let second = try desk("user", "add", bob)
        #expect(second.output == "" && second.status == 0)
        #expect(try desk.definitions() == standing)
        #expect(try desk("user", "list").output.contains("\(bob) source active http://127.0.0.1:8000/data/"))
        #expect(try !desk("audit").output.contains(password))
    }

    @Test("names that share a prefix with another's queues are refused, in both directions")
    func collisions() throws {
        let desk = try Desk()
        try desk.add("bob")
        for name in [desk.name("bob") + "_b", desk.name("bob") + ".x"] {
            let outcome = try desk("user", "add", name)
            #expect(outcome.status == 64 && outcome.errors.contains("cannot be beside"))
        }
        let long = desk.name("eve") + "_b"
        #expect(try desk("user", "add", long).status == 0)
        #expect(try desk("user", "add", desk.name("eve")).status == 64)
        #expect(try desk("user", "add", desk.name("bob") + "by").status == 0)
        for name in ["a/b", "", ".x", "é", "feeder\(desk.word)"] {
            #expect(try desk("user", "add", "--", name).status == 64, "\(name)")
        }
    }

    @Test("what is removed is listed, wants a yes, and its name rests for 30 days")
    func remove() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "source")
        let bob = desk.name("bob")
        _ = try desk.curl("PUT", "queues/\(desk.word)/q_\(bob)_old", #"{"durable":true}"#)
        let unsure = try desk("user", "remove", bob)
        #expect(unsure.status == 64 && unsure.errors.contains("--yes"))
        #expect(unsure.output.contains("  exchange xs_\(bob)\n") && unsure.output.contains("q_\(bob)_old (0 messages)"))
        #expect(try desk.definitions().contains("xs_\(bob)"))

        #expect(try desk("user", "remove", "--yes", bob).status == 0)
        #expect(try !desk.definitions().contains(bob))
        let again = try desk("user", "add", bob)
        #expect(again.status == 64 && again.errors.contains("30 days"))
        #expect(try desk("user", "remove", "--yes", bob).status == 64)
    }

    @Test("every change leaves a line in the audit trail, which only its owner reads")
    func audit() throws {
        let desk = try Desk()
        let bob = desk.name("bob")
        try desk.add("bob")
        _ = try desk("quota", bob, "--bytes", "10G", "--connections", "3")
        _ = try desk("user", "stop", bob, "-n")
        _ = try desk("user", "stop", bob)
        let lines = try desk("audit", bob).output.split(separator: "\n")
        #expect(lines.count == 3, "\(lines)")
        #expect(lines.allSatisfy { $0.contains(" guest (") })
        #expect(lines.last?.contains("user stop \(bob): ~ limits \(bob): max-connections 3 -> 0") == true)
        var facts = stat()
        #expect(stat(desk.files.path("state/switch/\(desk.word).audit"), &facts) == 0 && facts.st_mode & 0o777 == 0o600)
    }

    @Test("a password comes from a file, or is made and written to one that only its owner reads")
    func passwordFile() throws {
        let desk = try Desk()
        let path = desk.files.path("pw")
        #expect(try desk("user", "add", desk.name("bob"), "--password_file", path).status == 0)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
        let password = String((SmallFile.text(path) ?? "").dropLast())
        #expect(RequestSender.refusal(try desk.settings("bob", password)) == nil)
        chmod(path, 0o644)
        let open = try desk("user", "passwd", desk.name("bob"), "--password_file", path)
        #expect(open.status == 78 && open.errors.contains("chmod 600"))
    }

    @Test("what was exported is restored where it is missing, and nothing else is touched")
    func restore() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "source")
        let bob = desk.name("bob")
        let file = desk.files.path("export")
        #expect(try desk("export", file).status == 0)
        let standing = try desk.definitions()
        #expect(try desk("restore", file).output.contains("nothing to change"))
        _ = try desk.curl("DELETE", "exchanges/\(desk.word)/xs_\(bob)")
        _ = try desk.curl("PUT", "permissions/\(desk.word)/\(bob)", #"{"configure":"","write":"","read":""}"#)
        let dry = try desk("restore", "-n", file)
        #expect(dry.output.contains("+ exchange xs_\(bob)\n") && dry.output.contains("! ~ permissions \(bob)"))
        let restored = try desk("restore", file)
        #expect(restored.status == 1, "\(restored)")
        #expect(try desk.definitions().contains("\"xs_\(bob)\""), "\(restored)")
        _ = try desk("user", "add", bob)
        #expect(try desk.definitions().utf8.count == standing.utf8.count)
    }

    @Test("check has one line and the exit status of Nagios; doctor says what to do")
    func check() throws {
        let desk = try Desk()
        try desk.add("bob", "--role", "source")
        let bob = desk.name("bob")
        let idle = try desk("check")
        #expect(idle.status == 2 && idle.output.contains("nobody consumes"))
        #expect(idle.output.split(separator: "\n").count == 1 && idle.output.contains(" | deepest=0;10000;100000;0 "))
        _ = try desk.curl("POST", "bindings/\(desk.word)/e/xpublic/e/xs_\(bob)", ##"{"routing_key":"#"}"##)
        _ = try desk.curl("PUT", "permissions/\(desk.word)/\(bob)", #"{"configure":"","write":".*","read":".*"}"#)
        let advice = try desk("doctor")
        #expect(advice.status == 1)
        #expect(advice.output.contains("posts of others arrive in that user's name"))
        #expect(advice.output.contains("\(bob) has other permissions than generated"))
        #expect(advice.output.contains("start dd_sara ingest"))
        let away = try desk("check", "--management", "http://guest:guest@127.0.0.1:1/")
        #expect(away.status == 2 && away.output.hasPrefix("DD_SWITCH CRITICAL - cannot reach the management API"))
        #expect(!away.output.contains("guest:guest"))
    }

    @Test("a wrong password of the administrator is refused, and said without it")
    func refused() throws {
        let desk = try Desk()
        let outcome = try desk(
            "user", "list", "--management", "http://guest:wrong-secret@127.0.0.1:\(desk.broker.managementPort)/")
        #expect(outcome.status == 77 && outcome.errors.contains("401") && !outcome.errors.contains("wrong-secret"))
    }
}
