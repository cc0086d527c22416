import DDCore
import DDTestSupport
import Glibc
import Testing

/// What a server shows no longer: dd_poll with `remove` must not take for gone what is only not shown.
@Suite("what a server shows no longer", .serialized, .enabled(if: SwitchTests.installed && RunningServer.hasListingServers))
struct LostTests {
    /// A tree that dd_poll looks at as alice.
    private struct Poll {
        let parties: Parties
        let url: String
        let config: String

        init(_ parties: Parties, _ url: String, credentials: String = "", _ lines: String = "remove on") throws {
            (self.parties, self.url) = (parties, url)
            let accounts = SmallFile.text(parties.running.folder + "/etc/credentials.conf") ?? ""
            _ = try parties.write(accounts + credentials, to: "config/credentials.conf", mode: 0o600)
            config = try parties.write(
                "broker \(parties.broker("alice"))\npoll_url \(url)\nonce on\nmandatory off\nwait 10\n\(lines)\n", to: "poll.conf"
            )
        }

        /// One look: exit status, what was posted (removals with a minus before), what was said.
        func look(_ words: String...) throws -> (status: Int32, posts: [String], errors: String) {
            var command = parties.command("dd_poll")
            command.environment["DD_CONFIG_HOME"] = parties.path("config")
            let outcome = try command.run([config] + words)
            let posts = outcome.output.split(separator: "\n").map { line in
                let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                return (fields.last?.hasPrefix("R") == true ? "-" : "") + String(fields[0].dropFirst(url.utf8.count))
            }
            return (outcome.status, posts.sorted(), outcome.errors)
        }
    }

    @Test(
        "a folder that an ftp server cannot read, or that is moved away, loses nothing; what has really gone is announced",
        arguments: RunningServer.FTPKind.allCases)
    func ftp(kind: RunningServer.FTPKind) throws {
        let parties = try Parties("lost\(kind.rawValue)")
        let home = try TemporaryFolder()
        chmod(home.path, 0o755)
        for name in ["a", "b", "c", "sub/x"] { try home.write(name, to: "data/\(name)") }
        let (server, credentials) = try RunningServer.ftp(kind, home: home.path)
        let poll = try Poll(parties, "ftp://127.0.0.1:\(server.port)/data/", credentials: credentials)
        let first = try poll.look()
        #expect(first.status == 0 && first.posts == ["a", "b", "c", "sub/x"], "\(first)")

        let (data, sub) = (home.path("data"), home.path("data/sub"))
        let faults: [(String, () -> Int32, () -> Int32)] = [
            ("may not be read", { chmod(data, 0) }, { chmod(data, 0o755) }),
            ("may be entered and not listed", { chmod(data, 0o311) }, { chmod(data, 0o755) }),
            ("is moved away", { rename(data, data + ".old") }, { rename(data + ".old", data) }),
            ("a folder in it may not be read", { chmod(sub, 0) }, { chmod(sub, 0o755) }),
            ("a folder in it may be entered and not listed", { chmod(sub, 0o311) }, { chmod(sub, 0o755) }),
        ]
        for (what, begin, end) in faults {
            #expect(begin() == 0)
            for _ in 0..<2 {
                let look = try poll.look()
                #expect(look.status == 1 && look.posts.isEmpty, "\(what): \(look)")
                #expect(look.errors.split(separator: "\n").count == 1, "\(what): \(look.errors)")
            }
            #expect(end() == 0)
            let back = try poll.look()
            #expect(back.status == 0 && back.posts.isEmpty, "\(what), back: \(back)")
        }

        unlink(data + "/a")
        #expect(try poll.look().posts == ["-a"])
        // All that is left goes: one look is not enough to believe it.
        TemporaryFolder.remove(sub)
        for name in ["b", "c"] { unlink(data + "/" + name) }
        let empty = try poll.look()
        #expect(empty.status == 0 && empty.posts.isEmpty && empty.errors.contains("the next look"), "\(empty)")
        let again = try poll.look()
        #expect(again.status == 0 && again.posts == ["-b", "-c", "-sub/x"], "\(again)")
        let last = try poll.look()
        #expect(last.status == 0 && last.posts.isEmpty && last.errors.isEmpty, "\(last)")
    }

    @Test("a folder that never was is said", arguments: RunningServer.FTPKind.allCases)
    func never(kind: RunningServer.FTPKind) throws {
        let parties = try Parties("never\(kind.rawValue)")
        let home = try TemporaryFolder()
        chmod(home.path, 0o755)
        let (server, credentials) = try RunningServer.ftp(kind, home: home.path)
        let look = try Poll(parties, "ftp://127.0.0.1:\(server.port)/nonsense/", credentials: credentials).look()
        #expect(look.status == 1 && look.posts.isEmpty && look.errors.contains("not there"), "\(look)")
    }

    @Test(
        "a folder called -la, and others that servers read as options or patterns, are folders",
        arguments: RunningServer.FTPKind.allCases)
    func dashes(kind: RunningServer.FTPKind) throws {
        let parties = try Parties("dash\(kind.rawValue)")
        let home = try TemporaryFolder()
        chmod(home.path, 0o755)
        for name in ["plain/f", "-la/f", "*/f", "~root/f", "top"] { try home.write(name, to: name) }
        let (server, credentials) = try RunningServer.ftp(kind, home: home.path)
        let look = try Poll(parties, "ftp://127.0.0.1:\(server.port)/", credentials: credentials).look()
        #expect(look.status == 0, "\(look.errors)")
        #expect(look.posts == ["*/f", "-la/f", "plain/f", "top", "~root/f"], "\(look.posts)")
    }

    @Test("a page that lists nothing while its files are served is not believed; half of a large folder goes at the second look")
    func pages() throws {
        let parties = try Parties("lostpages")
        let mode = parties.path("mode")
        let names = (0..<30).map { "f\($0)" }
        @Sendable func page(_ names: [String]) -> LyingServer.Answer {
            let lines = names.map { "<a href=\"\($0)\">\($0)</a>  21-Nov-2026 16:39  1\n" }.joined()
            return .http(200, [:], Array("<title>Index of /</title><pre>\n\(lines)</pre></html>".utf8))
        }
        let server = try LyingServer { request in
            let mode = SmallFile.text(mode)
            let isListed = request.path == "/"
            switch mode {
            case "hidden": return isListed ? page([]) : .http(200)
            case "refused": return isListed ? page([]) : .http(403)
            case "half": return isListed ? page(Array(names.prefix(14))) : .http(404)
            case "few": return isListed ? page(Array(names.prefix(10))) : .http(404)
            default: return isListed ? page(names) : .http(200)
            }
        }
        let poll = try Poll(parties, server.url("/"), "remove on\nexact off")
        try SmallFile.write("whole", to: mode)
        #expect(try poll.look().posts.count == 30)
        for bad in ["hidden", "refused"] {
            try SmallFile.write(bad, to: mode)
            for _ in 0..<2 {
                let look = try poll.look()
                #expect(look.status == 1 && look.posts.isEmpty, "\(bad): \(look)")
            }
        }
        try SmallFile.write("half", to: mode)
        let half = try poll.look()
        #expect(half.status == 0 && half.posts.isEmpty && half.errors.contains("16 of the 30"), "\(half)")
        try SmallFile.write("whole", to: mode)
        let back = try poll.look()
        #expect(back.status == 0 && back.posts.isEmpty && back.errors.isEmpty, "\(back)")
        try SmallFile.write("half", to: mode)
        #expect(try poll.look().posts.isEmpty)
        #expect(try poll.look().posts.count == 16)
        try SmallFile.write("few", to: mode)
        #expect(try poll.look().posts.count == 4)
    }

    @Test("links that lead back end, and what is there is announced once; so is the walk of dd_subscribe --existing")
    func rings() throws {
        let parties = try Parties("rings")
        let home = try TemporaryFolder()
        for name in ["f", "deep/er/g"] { try home.write(name, to: "tree/\(name)") }
        for (target, link) in [(".", "a"), (".", "b"), ("..", "deep/up"), ("../..", "deep/er/top")] {
            guard symlink(target, home.path("tree/" + link)) == 0 else { throw ProcessError("cannot make a link", errno) }
        }
        let server = try RunningServer.nginx(home.path, lists: true)
        let look = try Poll(parties, server.url + "tree/").look()
        #expect(look.status == 0 && look.posts == ["deep/er/g", "f"], "\(look)")
        #expect(look.errors.contains("leads back"), "\(look.errors)")
        let config = try parties.configure("mirror on\nexisting on\nindex \(server.url)tree/\nsubtopic #", name: "rings")
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
        #expect(outcome.status == 0 && outcome.errors.contains("2 fetched, 0 unchanged, 0 failed"), "\(outcome.errors)")
        #expect(TemporaryFolder.tree(parties.received).sorted() == ["deep/er/g", "f"])
    }

    @Test("dd_poll says sizes exactly where the page rounds them")
    func exact() throws {
        let parties = try Parties("exactly")
        let home = try TemporaryFolder()
        chmod(home.path, 0o755)
        try home.write(String(repeating: "x", count: 3_000), to: "tree/f")
        let server = try RunningServer.apache(home.path, "IndexOptions FancyIndexing")
        let url = "http://127.0.0.1:\(server.port)/tree/"
        for (name, lines, says) in [("exact", "", "1,3000,1,0,0"), ("rough", "exact off", "")] {
            let config = try parties.write(
                "broker \(parties.broker("alice"))\npoll_url \(url)\nonce on\nmandatory off\n\(lines)\n", to: name + ".conf")
            let outcome = try parties.command("dd_poll").run([config])
            #expect(outcome.output == "\(url)f\t\(says)\tz,d\n", "\(outcome.output)\(outcome.errors)")
        }
    }
}
