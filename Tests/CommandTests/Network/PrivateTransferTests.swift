import DDCore
import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("private transfers", .serialized, .enabled(if: SwitchTests.installed))
struct PrivateTransferTests {
    /// Three switches in a row with alice at a and bob at each, eve at b, mallory at c. What alice gives to bob@c goes over b.
    private final class Ground {
        let network: Network
        private var bobs: [RunningCommand] = []
        private var others: [RunningCommand] = []

        init() throws {
            network = try Network(["a", "b", "c"])
            try network.link(from: "a", to: "b", reaches: "c")
            try network.link(from: "b", to: "c")
            for (name, at) in [("eve", "b"), ("mallory", "c")] {
                let words = ["user", "add", name, "--role", "consumer", "--password", "secret-of-\(name)"]
                let made = try network.command("dd_switch", at: at).run(words)
                try #require(made.status == 0, "\(made)")
                let command = network.command("dd_subscribe", at: at)
                let folder = network[at].folder + "/got-" + name
                let broker = network[at].broker(name, password: "secret-of-\(name)")
                let reader = try command.start(["-b", broker, ":", folder])
                try #require(waitUntil(seconds: 20) { reader.errors.contains("connected") }, "\(reader.errors)")
                others.append(reader)
            }
            bobs = try ["a", "b", "c"].map { try network.subscribe(at: $0) }
        }

        deinit { for reader in bobs + others { reader.send(SIGTERM) } }

        /// What a stranger has been sent.
        func got(_ name: String, at cluster: String) -> [String] {
            TemporaryFolder.tree(network[cluster].folder + "/got-" + name)
        }

        /// The path of a private file below the document root of a switch; the group is in it.
        func path(_ file: String, of source: String, at cluster: String) -> String? {
            TemporaryFolder.tree(network[cluster]["DD_DOCUMENT_ROOT"]).first {
                $0.hasSuffix("/" + file) && $0.contains("/\(source)/dd-private/")
            }
        }

        /// What the web server of a switch answers to `account`.
        func answer(_ path: String, at cluster: String, _ account: (user: String, password: String)? = nil) throws -> String {
            var words = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is"]
            if let account {
                let secret = try #require(WebSecret.make(user: account.user, password: account.password))
                words += ["-u", "\(account.user):\(secret)"]
            }
            return try Command(path: "/usr/bin/curl").run(words + [network[cluster]["DD_URL"] + path]).output
        }

        /// The password of bob at a switch.
        func bob(at cluster: String) throws -> (user: String, password: String) {
            let url = try BrokerURL(network[cluster]["DD_BROKER_BOB"])
            return ("bob", url.password.reveal())
        }
    }

    @Test("what alice gives to bob at c he has, and nobody else on the way, neither the post nor a byte; her trace shows the way")
    func bob() throws {
        let ground = try Ground()
        let network = ground.network
        try network.post(at: "a", ["secret/f"], to: nil, ["--private", "bob@c"])
        try network.post(at: "a", ["open/f"], to: "a,b,c")
        func secret(_ path: String) -> Bool { path.contains("secret/f") }
        #expect(
            waitUntil(seconds: 30) { network.received(at: "c").contains(where: secret) },
            "\(network.said("a", "b")) \(network.said("b", "c"))")
        for cluster in ["a", "b", "c"] {
            #expect(waitUntil(seconds: 30) { network.received(at: cluster).contains { $0.hasSuffix("open/f") } })
        }
        for (name, cluster) in [("eve", "b"), ("mallory", "c")] {
            #expect(waitUntil(seconds: 30) { ground.got(name, at: cluster).contains { $0.hasSuffix("open/f") } })
            #expect(!ground.got(name, at: cluster).contains(where: secret))
        }
        for cluster in ["a", "b"] { #expect(!network.received(at: cluster).contains(where: secret)) }

        // Every URL that can be made of it, and every account but the right ones.
        let names = ["a": "alice", "b": "alice@a", "c": "alice@a"]
        for (cluster, source) in names {
            let path = try #require(ground.path("secret/f", of: source, at: cluster), "\(cluster)")
            #expect(try ground.answer(path, at: cluster) == "401")
            #expect(try ground.answer(path, at: cluster, ("mallory", "secret-of-mallory")) == "401")
            #expect(try ground.answer(path, at: cluster, ("eve", "secret-of-eve")) == "401")
            #expect(try ground.answer(path, at: cluster, ground.bob(at: cluster)) == (cluster == "c" ? "200" : "401"))
            #expect(try ground.answer(path, at: cluster, ("bob", "wrong")) == "401")
            let folder = path.split(separator: "/").prefix(4).joined(separator: "/")
            let encoded = path.replacing("dd-private", with: "%64d-private")
            let doubled = path.replacing("/dd-private/", with: "//dd-private//")
            for other in [folder + "/", encoded, doubled, path + "/", path + "/.", "x/../" + path] {
                #expect(["401", "301"].contains(try ground.answer(other, at: cluster)), "\(other)")
            }
            let above = path.split(separator: "/").prefix(3).joined(separator: "/")
            for other in [folder, above, above + "/", above + "//", "./" + above + "/"] {
                #expect(try ground.answer(other, at: cluster) == "403", "\(other)")
            }
            #expect(try ground.answer(path.replacing("secret/f", with: "open/f"), at: cluster) == "401")
        }
        // The account is not the broker's password.
        let plain = try Command(path: "/usr/bin/curl").run([
            "-s", "-o", "/dev/null", "-w", "%{http_code}", "-u", "bob:\(ground.bob(at: "c").password)",
            network["c"]["DD_URL"] + (ground.path("secret/f", of: "alice@a", at: "c") ?? ""),
        ])
        #expect(plain.output == "401")

        let wanted = ["201 bob@c", "201 feeder", "201 link_b", "201 link_c@b"]
        var told: [String] = []
        #expect(
            waitUntil(seconds: 30) {
                told = (try? network.reports(at: "a", about: "secret/f")) ?? []
                return told == wanted
            }, "\(told)")
        let trace = try network.trace("secret/f", at: "a")
        #expect(
            trace.contains("201 switch b on ") && trace.contains("201 switch c on ") && trace.contains("201 bob@c on "),
            "\(trace)")
    }

    @Test("who is not known is named to the source, a new password ends the old account, and who is stopped is let in no more")
    func accounts() throws {
        let ground = try Ground()
        let network = ground.network
        try network.post(at: "a", ["some/f"], to: nil, ["--private", "bob@c,nobody@c,carla@a"])
        #expect(waitUntil(seconds: 30) { network.received(at: "c").contains { $0.hasSuffix("some/f") } })
        var told: [String] = []
        #expect(
            waitUntil(seconds: 30) {
                told = (try? network.reports(at: "a", about: "some/f")) ?? []
                return told.filter { $0.hasPrefix("406") } == ["406 feeder", "406 link_c@b"]
            }, "\(told)")
        // For nobody who is known: nothing is fetched.
        try network.post(at: "a", ["none/f"], to: nil, ["--private", "carla@a"])
        #expect(waitUntil(seconds: 30) { (try? network.reports(at: "a", about: "none/f")) == ["406 feeder"] })
        #expect(ground.path("none/f", of: "alice", at: "a") == nil)

        let path = try #require(ground.path("some/f", of: "alice@a", at: "c"))
        let old = try ground.bob(at: "c")
        #expect(try ground.answer(path, at: "c", old) == "200")
        let admin = network.command("dd_switch", at: "c")
        #expect(try admin.run(["user", "passwd", "bob", "--password", "another-secret"]).status == 0)
        #expect(waitUntil(seconds: 20) { (try? ground.answer(path, at: "c", ("bob", "another-secret"))) == "200" })
        #expect(try ground.answer(path, at: "c", old) == "401")
        #expect(try admin.run(["user", "stop", "bob"]).status == 0)
        #expect(waitUntil(seconds: 20) { (try? ground.answer(path, at: "c", ("bob", "another-secret"))) == "401" })
    }
}

@Suite("private data at Apache", .enabled(if: Installed.has("/usr/sbin/apache2")))
struct ApachePrivateTests {
    @Test("the sections of etc/web let in who stands in the group's file, and nobody else, also before there is one")
    func sections() throws {
        let folder = try TemporaryFolder()
        let (group, none) = (String(repeating: "0a", count: 16), String(repeating: "0b", count: 16))
        let path = "20261127/alice/dd-private/\(group)/d/f"
        try folder.write("private", to: "root/" + path)
        try folder.write("public", to: "root/20261127/alice/d/f")
        let privates = PrivateAccess(folder.path("accounts"), cluster: "here", log: Log(program: "test"))
        for name in ["bob", "ob", "eve"] {
            var record = UserRecord(name: name, role: .consumer)
            record.web = WebSecret.make(user: name, password: "secret of " + name).flatMap(WebSecret.hash)
            privates.apply(record)
        }
        try privates.admit(["bob"], to: group, of: "here")
        // Apache started by root reads as nobody.
        for file in [group, ".users"] { chmod(folder.path("accounts/" + file), 0o644) }
        for path in [folder.path, folder.path("accounts")] { chmod(path, 0o755) }
        let home = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let sections = try #require(SmallFile.text(home + "/etc/web/apache.conf"))
        let server = try RunningServer.apache(
            folder.path("root"), "", modules: ["authn_core", "authn_file", "authz_user", "auth_basic"],
            sections: sections.replacing("/srv/dd-private", with: folder.path("accounts")))
        defer { server.stop() }
        func answer(_ path: String, _ user: String?) throws -> String {
            let secret = try user.map { try #require(WebSecret.make(user: $0, password: "secret of " + $0)) }
            let account = user.flatMap { name in secret.map { ["-u", "\(name):\($0)"] } } ?? []
            let more = ["--path-as-is", "http://127.0.0.1:\(server.port)/" + path]
            return try Command(path: "/usr/bin/curl").run(["-s", "-o", "/dev/null", "-w", "%{http_code}"] + account + more).output
        }
        #expect(waitUntil(seconds: 20) { (try? answer("20261127/alice/d/f", nil)) == "200" }, "\(server.log)")
        for other in [path, path.replacing("dd-p", with: "%64d-p"), path.replacing("/dd-private/", with: "//dd-private//")] {
            #expect(try answer(other, "bob") == "200")
            for user in [nil, "ob", "eve"] { #expect(try answer(other, user) == "401", "\(other) \(user ?? "")") }
        }
        #expect(try answer("20261127/alice/dd-private/", "bob") == "403")
        // A group of which nothing is known: Apache cannot say who is in it, and lets nobody in.
        try folder.write("private", to: "root/20261127/alice/dd-private/\(none)/f")
        #expect(try answer("20261127/alice/dd-private/\(none)/f", "bob") == "500")
    }
}

/// `dd_permit`, over the same switches.
extension PrivateTransferTests {
    @Test("a tree that is given to users is theirs alone until it is taken back, also where a switch is away meanwhile")
    func trees() throws {
        let ground = try Ground()
        let network = ground.network
        func permit(_ words: [String]) throws -> Command.Outcome {
            try network.command("dd_permit", at: "a").run(["-b", network["a"]["DD_BROKER_ALICE"]] + words)
        }
        func has(_ cluster: String, _ file: String) -> Bool {
            network.received(at: cluster).contains { $0.hasSuffix("/" + file) }
        }

        let granted = try permit(["grant", "/t/secret/", "bob@c", "bob@a"])
        #expect(granted.status == 0, "\(granted)")
        #expect(
            granted.output.contains("202 a ") && granted.output.contains("reached: bob may have t/secret; carried on to b")
                && granted.output.contains("202 b ") && granted.output.contains("201 c ")
                && granted.output.contains("reached: bob may have t/secret\n"), "\(granted)")
        #expect(try permit(["list"]).output == "t/secret\tbob@a bob@c\n")
        let json = try JSONParser.parse(permit(["--json", "list"]).output)
        #expect(json["tree"]?.string == "t/secret" && json["users"]?.array?.count == 2)

        // In the tree, beside it, and for other clusters than its users are at.
        try network.post(at: "a", ["t/secret/d/f", "t/secrets", "t/open"], to: "a,b,c")
        for cluster in ["a", "b", "c"] { #expect(waitUntil(seconds: 30) { has(cluster, "t/open") && has(cluster, "t/secrets") }) }
        #expect(waitUntil(seconds: 30) { has("a", "t/secret/d/f") && has("c", "t/secret/d/f") })
        #expect(!has("b", "t/secret/d/f"))
        for (name, cluster) in [("eve", "b"), ("mallory", "c")] {
            #expect(!ground.got(name, at: cluster).contains { $0.contains("t/secret/") })
        }
        let path = try #require(ground.path("t/secret/d/f", of: "alice@a", at: "c"))
        #expect(try ground.answer(path, at: "c", ground.bob(at: "c")) == "200")

        // To somebody whom nobody knows, and to whom there is no way.
        let strange = try permit(["grant", "t/secret", "nobody@c", "x@nowhere"])
        #expect(strange.status == 1 && strange.output.contains("406 c ") && strange.output.contains("406 a "), "\(strange)")
        #expect(try permit(["revoke", "t/secret", "nobody@c", "x@nowhere"]).status == 1)
        #expect(try permit(["revoke", "t/other", "bob@c"]).output.contains("404 a 0ms t/other was given to nobody"))

        // Taken back while c is away: it holds there as soon as it is back, before what comes after it.
        try network.cut("b", "c")
        let late = try permit(["--wait", "3", "revoke", "t/secret", "bob@c"])
        #expect(late.status == 1 && late.errors.contains("no word from c"), "\(late)")
        try network.post(at: "a", ["t/secret/d/g"], to: nil)
        #expect(waitUntil(seconds: 30) { has("a", "t/secret/d/g") })
        #expect(try ground.answer(path, at: "c", ground.bob(at: "c")) == "200")
        try network.start("b", "c")
        #expect(waitUntil(seconds: 30) { (try? ground.answer(path, at: "c", ground.bob(at: "c"))) == "401" })
        #expect(ground.path("t/secret/d/g", of: "alice@a", at: "c") == nil && !has("c", "t/secret/d/g"))
        // b carries nothing more of it.
        let between = try #require(ground.path("t/secret/d/f", of: "alice@a", at: "b"))
        let link = try #require(SmallFile.text(network["c"].folder + "/etc/credentials.conf")).firstMatch(of: /link_c:([^@]+)@/)
        #expect(try ground.answer(between, at: "b", ("link_c", String(try #require(link).1))) == "401")

        // The last one: nobody has it, and it is no public tree therefore.
        #expect(try permit(["revoke", "t/secret", "bob@a"]).status == 0)
        try network.post(at: "a", ["t/secret/d/h"], to: nil)
        #expect(waitUntil(seconds: 30) { (try? network.reports(at: "a", about: "d/h")) == ["406 feeder"] })
        #expect(try permit(["list"]).output == "t/secret\tnobody\n")
    }
}

/// `dd_seal`, over the same switches.
extension PrivateTransferTests {
    @Test("what is sealed for bob no switch on the way can read, and bob has it as it was")
    func sealed() throws {
        let ground = try Ground()
        let network = ground.network
        let files = try TemporaryFolder()
        func run(_ program: String, _ words: [String]) throws -> Command.Outcome {
            let outcome = try Command(program, environment: ["DD_STATE_HOME": files.path("state")]).run(words)
            try #require(outcome.status == 0, "\(outcome)")
            return outcome
        }
        for (program, words) in [
            ("/usr/bin/age-keygen", ["-o", files.path("bob.key")]),
            ("/usr/bin/openssl", ["genpkey", "-algorithm", "ed25519", "-out", files.path("alice.pem")]),
        ] { #expect(try Command(path: program).run(words).status == 0) }
        chmod(files.path("alice.pem"), 0o600)
        let keys = try run("dd_seal", ["public", files.path("bob.key"), files.path("alice.pem")]).output.split(separator: "\n")
        try files.write("# readers\nbob@c \(keys[0])\n", to: "recipients")
        try files.write("alice@a \(keys[1])\n", to: "signers")

        let root = network["a"]["DD_SOURCE_ROOT"]
        let secret = "nobody but bob reads this, which is said again and again. "
        let text = String(repeating: secret, count: 60_000)
        try Tree.write(Array(text.utf8), to: root + "/plain/radar/f")
        let sealed = try run(
            "dd_seal",
            [
                "--source", "alice@a", "--signing_key", files.path("alice.pem"), "-R", files.path("recipients"), "-dr",
                root + "/plain",
                "--into", root + "/radar-for-bob", "seal", root + "/plain",
            ])
        #expect(sealed.output == "\(root)/radar-for-bob/radar/f.sealed\n")

        // bob's program opens what comes.
        let config = network["c"].folder + "/etc/subscribe/opens.conf"
        try SmallFile.write(
            """
            broker \(network["c"]["DD_BROKER_BOB"])
            subtopic #
            mirror on
            directory \(network["c"].folder)/sealed
            accept .*\\.sealed$
            on_file \(Command.folderOfBundle)/dd_seal open --identity \(files.path("bob.key")) --signers \(files.path("signers")) --into \(files.path("opened"))

            """, to: config, mode: 0o600)
        let bob = try network.command("dd_subscribe", at: "c").start(["opens"])
        defer { bob.send(SIGTERM) }
        try #require(waitUntil(seconds: 20) { bob.errors.contains("connected") }, "\(bob.errors)")
        let posted = try network.command("dd_post", at: "a").run(
            [
                "-b", network["a"]["DD_BROKER_ALICE"], "-u", network["a"]["DD_SOURCE_URL"], "-dr", root, "-p", "i,1M",
                "--private", "bob@c", "-",
            ], input: sealed.output)
        #expect(posted.status == 0, "\(posted)")
        #expect(
            waitUntil(seconds: 60) { SmallFile.text(files.path("opened/radar/f")) == text },
            "\(bob.errors) \(network.said("b", "c"))")

        // The administrator of b looks through all that b has: disk, broker, logs.
        let looked = try Command(path: "/bin/grep").run(["-rlaF", secret, network["b"].folder])
        #expect(looked.status == 1 && looked.output.isEmpty, "\(looked)")
        #expect(try Command(path: "/bin/grep").run(["-rlaF", secret, files.path("opened")]).status == 0)
        #expect(ground.path("f.sealed", of: "alice@a", at: "b") != nil)

        // Somebody else's seal is refused, and alice hears of it.
        #expect(
            try Command(path: "/usr/bin/openssl").run(["genpkey", "-algorithm", "ed25519", "-out", files.path("other.pem")])
                .status == 0)
        chmod(files.path("other.pem"), 0o600)
        try Tree.write(Array("forged".utf8), to: root + "/plain/radar/g")
        let forged = try run(
            "dd_seal",
            [
                "--source", "alice@a", "--signing_key", files.path("other.pem"), "-R", files.path("recipients"), "-dr",
                root + "/plain",
                "--into", root + "/radar-for-bob", "seal", root + "/plain/radar/g",
            ])
        _ = try network.command("dd_post", at: "a").run(
            ["-b", network["a"]["DD_BROKER_ALICE"], "-u", network["a"]["DD_SOURCE_URL"], "-dr", root, "--private", "bob@c", "-"],
            input: forged.output)
        #expect(
            waitUntil(seconds: 30) { (try? network.reports(at: "a", about: "radar/g"))?.contains("424 bob@c") == true },
            "\(bob.errors)")
        #expect(access(files.path("opened/radar/g"), F_OK) != 0)
    }
}
