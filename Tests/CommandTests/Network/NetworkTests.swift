import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("switches joined by links", .serialized, .enabled(if: SwitchTests.installed))
struct NetworkTests {
    @Test("a post goes where its source says, over any number of switches, and its reports come home and nowhere else")
    func chain() throws {
        let network = try Network(["a", "b", "c"])
        try network.link(from: "a", to: "b", reaches: "c")
        try network.link(from: "b", to: "c")
        let bobs = try ["a", "b", "c"].map { try network.subscribe(at: $0) }
        defer { for bob in bobs { bob.send(SIGTERM) } }

        // Through b, whose consumers do not hear of it.
        try network.post(at: "a", ["far/f"], to: "c")
        #expect(network.comes("far/f", of: "alice@a", at: "c"), "\(network.said("a", "b")) \(network.said("b", "c"))")
        #expect(waitUntil(seconds: 20) { network.received(at: "c") == ["alice@a/far/f"] }, "\(network.received(at: "c"))")
        #expect(network.stored("far/f", of: "alice@a", at: "b") != nil)
        let file = try #require(network.stored("far/f", of: "alice@a", at: "c"))
        #expect(SmallFile.text(file) == "far/f of a\n")
        let wanted = ["201 bob@c", "201 feeder", "201 link_b", "201 link_c@b"]
        var told: [String] = []
        #expect(
            waitUntil(seconds: 30) {
                told = (try? network.reports(at: "a", about: "far/f")) ?? []; return told == wanted
            }, "\(told)")
        let trace = try network.trace("far/f", at: "a")
        #expect(
            trace.contains("201 switch b on ") && trace.contains("201 switch c on ") && trace.contains("201 bob@c on "),
            "\(trace)")
        #expect(trace.hasPrefix("far/f, announced ") && !trace.contains("no word yet"), "\(trace)")
        // Another alice, elsewhere, sees none of it.
        for other in ["b", "c"] { #expect(try network.reports(at: other, about: "far/f") == []) }

        // To several at once, one of which nobody knows.
        try network.post(at: "a", ["both/f"], to: "a,b,nowhere")
        #expect(waitUntil(seconds: 20) { network.received(at: "b") == ["alice@a/both/f"] }, "\(network.received(at: "b"))")
        #expect(waitUntil(seconds: 20) { network.received(at: "a") == ["alice/both/f"] })
        #expect(waitUntil(seconds: 30) { (try? network.reports(at: "a", about: "both/f"))?.contains("406 feeder") ?? false })

        #expect(try network.trace("both/f", at: "a").contains("  no word yet from nowhere\n"))

        // The administrator asks for a file as it is stored, or as it was posted.
        func explain(_ file: String, at name: String) throws -> Command.Outcome {
            try network.command("dd_switch", at: name).run(["route", "explain", file])
        }
        let path = try #require(network.stored("far/f", of: "alice", at: "a"))
        let explained = try explain(path, at: "a")
        #expect(
            explained.status == 0 && explained.output.contains("201 bob@c on ")
                && explained.output.contains("c: over the link to b, 2 links away: the link b reaches it"), "\(explained)")
        let partly = try explain("alice/both/f", at: "a")
        #expect(
            partly.status == 1 && partly.output.contains("a is this switch")
                && partly.output.contains("no way from a to nowhere"),
            "\(partly)")
        #expect(try explain("alice/none/f", at: "a").errors.contains("no report about none/f of alice is kept here"))
        #expect(try explain("far/f", at: "a").errors.contains("YYYYMMDD/SOURCE/PATH or SOURCE/PATH is expected"))
        let passed = try #require(network.stored("far/f", of: "alice@a", at: "b"))
        #expect(try explain(passed, at: "b").errors.contains("is of alice@a: what became of it is told there"))

        // The way is told without a file.
        let route = try network.route(to: "a,c", from: "a")
        #expect(route.status == 0, "\(route)")
        let lines = route.output.split(separator: "\n").map {
            $0.split(separator: " ").filter { !$0.hasSuffix("ms") }.joined(separator: " ")
        }
        #expect(lines.sorted() == ["201 c reached", "202 a reached, carried on to b", "202 b carried on to c"], "\(route)")
        let lost = try network.route(to: "c,nowhere", from: "a")
        #expect(lost.status == 1 && lost.output.contains("406 a ") && lost.output.contains("201 c "), "\(lost)")
        #expect(try network.route(to: "nowhere", from: "a").output.contains("406 a 0ms no way from a to nowhere"))

        // To nobody who is known: refused at once, and nothing is fetched.
        try network.post(at: "a", ["lost/f"], to: "nowhere")
        #expect(waitUntil(seconds: 30) { (try? network.reports(at: "a", about: "lost/f")) == ["406 feeder"] })
        #expect(network.stored("lost/f", of: "alice", at: "a") == nil)

        // Without a destination: for this switch alone. An alice of b has her own folder.
        try network.post(at: "b", ["own/f"], to: nil)
        try network.post(at: "b", ["own/f"], to: "c")
        #expect(network.comes("own/f", of: "alice@b", at: "c"))
        #expect(waitUntil(seconds: 20) { network.received(at: "b") == ["alice/own/f", "alice@a/both/f"] })
        #expect(waitUntil(seconds: 20) { network.received(at: "c") == ["alice@a/far/f", "alice@b/own/f"] })
        #expect(network.received(at: "a") == ["alice/both/f"])
        #expect(try network.reports(at: "a", about: "own/f") == [])
    }

    @Test("what waits for a link that is cut comes when it is back, and both ends say so meanwhile")
    func cut() throws {
        let network = try Network(["a", "b"])
        try network.link(from: "a", to: "b")
        let admin = network.command("dd_switch", at: "a")
        func state() throws -> JSONValue { try JSONParser.parse(admin.run(["link", "show", "b", "--json"]).output) }
        #expect(waitUntil(seconds: 20) { (try? state()["state"]?.string) == "up" })
        try network.cut("a", "b", SIGKILL)
        let names = (0..<200).map { "w/\($0)" }
        try network.post(at: "a", names, to: "b")
        // The management API counts from time to time.
        #expect(waitUntil(seconds: 40) { (try? state()["waiting"]?.integer) == 200 })
        #expect(try state()["state"]?.string == "down")
        let explained = try admin.run(["route", "explain", "b"])
        #expect(explained.status == 0 && explained.output.contains("! the link to b is down"), "\(explained)")
        let check = try admin.run(["check"])
        #expect(check.status == 1 && check.output.contains("link b"), "\(check)")
        try network.start("a", "b")
        for name in names { #expect(network.comes(name, of: "alice@a", at: "b"), "\(name): \(network.said("a", "b"))") }
        #expect(waitUntil(seconds: 20) { (try? state()["state"]?.string) == "up" })
    }

    @Test("a diamond: each way is used for what it was chosen for, and what goes to all arrives once everywhere")
    func diamond() throws {
        let network = try Network(["a", "b", "c", "d"])
        try network.link(from: "a", to: "b", reaches: "d:3")
        try network.link(from: "a", to: "c", reaches: "d")
        try network.link(from: "b", to: "d")
        try network.link(from: "c", to: "d")
        let bob = try network.subscribe(at: "d")
        defer { bob.send(SIGTERM) }
        let names = (0..<50).map { "x/\($0)" }
        try network.post(at: "a", names, to: "d")
        #expect(waitUntil(seconds: 30) { network.received(at: "d").count == 50 }, "\(network.said("c", "d"))")
        #expect(network.stored("x/0", of: "alice@a", at: "b") == nil && network.stored("x/0", of: "alice@a", at: "c") != nil)
        try network.post(at: "a", ["y/all"], to: "ALL")
        for name in ["b", "c", "d"] { #expect(network.comes("y/all", of: "alice@a", at: name)) }
        #expect(network.stored("y/all", of: "alice", at: "a") != nil)
        #expect(waitUntil(seconds: 20) { network.received(at: "d").count == 51 })
        usleep(2_000_000)
        let told = try network.reports(at: "a", about: "y/all").filter { $0 == "201 bob@d" }
        #expect(told.count == 1, "\(told)")
    }

    @Test("links and routes are made, shown and taken away by one command on each side, and what is wrong is said in one line")
    func commands() throws {
        let network = try Network(["a"])
        let admin = network.command("dd_switch", at: "a")
        func fails(_ words: [String], _ status: Int32, _ text: String) throws {
            let outcome = try admin.run(words)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(words): \(outcome)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(words): \(outcome.errors)")
        }
        try fails(["link", "add", "a"], 64, "'a' is this switch itself")
        try fails(["link", "add", "b", "--reaches", "c,c"], 64, "names 'c' twice")
        try fails(["link", "add", "b", "--reaches", "a"], 64, "'a' is this switch itself")
        try fails(["link", "add", "b", "--reaches", "c:0"], 64, "bad value 'c:0'")
        try fails(["link", "add", "b/c"], 64, "is no name for a cluster")
        try fails(["link", "add", "b", "--from", "amqp://bob:x@127.0.0.1:1/"], 64, "'link_a' is expected")
        try fails(["link", "add", "b", "--from", "amqp://link_a@127.0.0.1:1/"], 64, "no password for")
        try fails(["link", "remove", "b"], 64, "there is no link 'b'")
        try fails(["link", "show", "b"], 64, "there is no link 'b'")
        try fails(["link", "frob"], 64, "link: one of add, list, show, remove is expected")
        try fails(["user", "add", "carl", "--role", "link"], 64, "use dd_switch link add CLUSTER")
        #expect(try admin.run(["route", "explain", "b"]).status == 1)
        #expect(try admin.run(["link", "list"]).output.contains("no links yet"))

        let dry = try admin.run(["link", "add", "b", "--reaches", "cc,d:2", "--dry_run"])
        #expect(dry.status == 0 && dry.output.contains("xq_b") && !dry.output.contains("password"), "\(dry)")
        #expect(try admin.run(["link", "list"]).output.contains("no links yet"))
        let made = try admin.run(["link", "add", "b", "--reaches", "cc,d:2"])
        #expect(made.status == 0 && made.output.contains("password of link_b: "), "\(made)")
        // Again: nothing changes.
        #expect(try admin.run(["link", "add", "b"]).output == "")
        #expect(try admin.run(["route", "list"]).output == "CLUSTER LINK LINKS\nb b 1\ncc b 2\nd b 3\n")
        #expect(try admin.run(["link", "list"]).output.contains("b to down 0 posts cc(2) d(3)"))
        #expect(
            try admin.run(["route", "explain", "d"]).output.contains("d: over the link to b, 3 links away: the link b reaches it")
        )
        let misspelt = try admin.run(["route", "explain", "ccc"])
        #expect(misspelt.status == 1 && misspelt.output.contains("is cc meant?"), "\(misspelt)")
        let audit = try admin.run(["audit", "link_b"]).output
        #expect(audit.contains("user add link_b"))

        let taken = try admin.run(["link", "add", "up", "--from", "amqp://link_a:pw@127.0.0.1:1/", "--origins", "up,x"])
        #expect(taken.status == 0 && !taken.output.contains("pw"), "\(taken)")
        let file = try #require(SmallFile.text(network["a"].folder + "/etc/sara/link_up.conf"))
        #expect(file.contains("from_clusters up,x\n") && !file.contains("pw"))
        let loaded = try network.command("dd_sara", at: "a").run(["link_up", "--wait", "0", "--exit_idle", "0"])
        #expect(loaded.status == 69, "\(loaded)")
        #expect(try admin.run(["link", "add", "up", "--from", "amqp://link_a@127.0.0.1:1/", "--origins", "up,x"]).status == 0)
        let exported = try admin.run(["export"]).output
        for name in ["\"q_link_b.posts\"", "\"xq_b\"", "\"xr_up\"", "\"dd_link_up\"", "\"dd_user_link_b\""] {
            #expect(exported.contains(name), "\(name)")
        }
        #expect(
            try admin.run(["check"]).output.contains("link from up is down: 0 reports wait for it")
                || admin.run(["doctor"]).output.contains("link from up is down"))
        try fails(["link", "add", "up", "--from", "amqp://link_a:other@127.0.0.1:1/"], 78, "has another password")
        #expect(try admin.run(["link", "remove", "up", "--yes"]).status == 0)
        #expect(try admin.run(["link", "remove", "b", "--yes"]).status == 0)
        #expect(try admin.run(["link", "list"]).output.contains("no links yet"))
    }
}
