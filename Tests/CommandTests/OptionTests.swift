import DDCore
import DDTestSupport
import Glibc
import Testing

/// What users ask for with options, on the real programs.
@Suite("options", .serialized, .enabled(if: SwitchTests.installed))
struct OptionTests {
    @Test("-n prints what would be posted, and posts nothing")
    func dryRun() throws {
        let parties = try Parties("dry")
        for name in ["one", "t w o"] { try Tree.write(Array("dry".utf8), to: parties.source + "/" + name) }
        let config = try parties.configure()
        try parties.prepare(config)
        // No broker is needed for that.
        let outcome = try parties.post(["-n", "-b", "amqp://alice:any@127.0.0.1:1/"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        let url = parties.running["DD_SOURCE_URL"]
        let lines = outcome.output.split(separator: "\n").sorted()
        #expect(lines.map { $0.split(separator: "\t")[0] } == ["\(url)dry/one", "\(url)dry/t%20w%20o"])
        #expect(lines.allSatisfy { $0.contains("\t1,3,1,0,0\td,") })
        let bob = try parties.command("dd_subscribe").run([config, "--exit_idle", "1"])
        #expect(bob.status == 0 && TemporaryFolder.tree(parties.received) == [])
    }

    @Test("-n prints URLs, fetches nothing, and is clean when its reader has had enough")
    func notify() throws {
        let parties = try Parties("notify")
        // More lines than a pipe holds.
        for number in 0..<2_000 { try Tree.write([1], to: "\(parties.source)/é \(number)") }
        let config = try parties.configure()
        try parties.prepare(config)
        let output = parties.path("head")
        let line = "\(quoted(parties.command("dd_subscribe").path)) -n bob.conf 2>said | head -1 >\(quoted(output)); cat said >&2"
        let looking = try shellStart(parties, line)
        #expect(waitUntil(seconds: 20) { SmallFile.text(parties.path("said"))?.contains("connected to") == true })
        #expect(try parties.post().status == 0)
        let outcome = try looking.outcome(seconds: 30)
        let head = (status: outcome.status, output: SmallFile.text(output) ?? "")
        #expect(head.status == 0 && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        _ = try parties.reports { $0.count { $0.user == "feeder" } >= 2_000 }
        #expect(head.output.split(separator: "\n").count == 1 && head.output.hasPrefix(parties.running["DD_URL"]))
        #expect(head.output.contains("/alice/notify/%C3%A9%20"))
        #expect(TemporaryFolder.tree(parties.received) == [])
        // Looking has taken nothing: all of it waits for the configuration, which here is one that prints.
        _ = try parties.configure("mirror on\nstrip 2\nnotify_only on")
        let rest = try parties.command("dd_subscribe").run(["bob.conf", "--exit_idle", "1"])
        #expect(rest.status == 0 && rest.output.split(separator: "\n").count == 2_000, "\(rest.errors)")

        let words = parties.postWords(["-n"]).map(quoted).joined(separator: " ")
        let post = try shell(parties, "\(quoted(parties.command("dd_post").path)) \(words) | head -1", seconds: 10)
        #expect(post.status == 0 && post.errors.isEmpty && post.output.split(separator: "\n").count == 1, "\(post)")
    }

    @Test("-d fetches and stores nothing")
    func discard() throws {
        let parties = try Parties("discard")
        try Tree.write([UInt8](repeating: 7, count: 100_000), to: parties.source + "/folder/file")
        #expect(symlink("file", parties.source + "/folder/link") == 0)
        let bob = try parties.subscribe([try parties.configure(), "-d"])
        #expect(try parties.post().status == 0)
        let reports = try parties.reports { $0.count { $0.user == "bob" } >= 2 }
        #expect(reports.count { $0.user == "bob" && $0.code == "201" } == 2)
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        #expect(TemporaryFolder.names(in: parties.received) == [])
    }

    @Test("accept, reject and directory lines are taken in order, and the nearest directory above decides")
    func selection() throws {
        let parties = try Parties("selection")
        for name in ["a.txt", "a.bin", "sub/b.txt", "sub/c.grib", "sub/no.txt", "d.grib"] {
            try Tree.write(Array(name.utf8), to: parties.source + "/" + name)
        }
        let (text, grib) = (parties.path("text"), parties.path("grib"))
        let rules = [
            "mirror off", "reject .*/no\\.", "directory \(text)", "accept .*\\.txt$", "directory \(grib)", "accept .*\\.grib$",
            "reject .*", "accept .*\\.bin$",
        ]
        let bob = try parties.subscribe([try parties.configure(rules.joined(separator: "\n"))])
        #expect(try parties.post().status == 0)
        _ = try parties.reports { $0.count { $0.user == "bob" } >= 4 }
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
        #expect(TemporaryFolder.tree(text) == ["a.txt", "b.txt"])
        #expect(TemporaryFolder.tree(grib) == ["c.grib", "d.grib"])
        #expect(TemporaryFolder.tree(parties.received) == [])
    }

    @Test("flatten makes one name of the path")
    func flatten() throws {
        let parties = try Parties("flatten")
        for name in ["a", "b/c", "b/d e/f"] { try Tree.write(Array(name.utf8), to: parties.source + "/" + name) }
        let bob = try parties.subscribe([try parties.configure("flatten +\nstrip 3")])
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { TemporaryFolder.tree(parties.received) == ["a", "b+c", "b+d e+f"] })
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    @Test("host:path DESTINATION needs no configuration, and a second run goes on where the first ended")
    func direct() throws {
        let parties = try Parties("direct")
        try Tree.write([1], to: parties.source + "/with #/a b/file")
        try Tree.write([1], to: parties.source + "/other")
        let host = "127.0.0.1:\(parties.running["DD_AMQP_PORT"])"
        let words = ["--plain", "bob@\(host):*/alice/direct/with #", parties.path("into")]
        let bob = try parties.subscribe(words)
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { TemporaryFolder.tree(parties.path("into")) == ["a b/file"] }, "\(bob.errors)")
        bob.send(SIGINT)
        #expect(try bob.outcome().status == 0)

        try Tree.write([2], to: parties.source + "/with #/second")
        #expect(try parties.post(paths: [parties.source + "/with #/second"]).status == 0)
        _ = try parties.reports { $0.count { $0.user == "feeder" } >= 3 }
        let next = try parties.command("dd_subscribe").run(words + ["--exit_idle", "1"])
        #expect(next.status == 0 && TemporaryFolder.tree(parties.path("into")) == ["a b/file", "second"], "\(next.errors)")
        let wrong = try parties.command("dd_subscribe").run(["--plain", "bob:wrong@\(host):*/alice", parties.path("into")])
        #expect(wrong.status == 77 && !wrong.errors.contains("wrong"), "\(wrong.errors)")
    }

    @Test("a removed file that is posted with --remove goes at bob's, where he wants that")
    func removal() throws {
        let parties = try Parties("removal")
        for name in ["stays", "goes é", "folder/goes"] { try Tree.write([1], to: parties.source + "/" + name) }
        #expect(symlink("stays", parties.source + "/link goes") == 0)
        let config = try parties.configure()
        let bob = try parties.subscribe([config, "--remove"])
        #expect(try parties.post().status == 0)
        let copy = parties.received + "/removal"
        #expect(waitUntil(seconds: 20) { TemporaryFolder.tree(copy).count == 4 })

        let gone = ["goes é", "folder/goes", "link goes"].map { parties.source + "/" + $0 }
        for path in gone { unlink(path) }
        let without = try parties.post(paths: gone)
        #expect(without.status == 1 && without.output.isEmpty)
        let posted = try parties.post(["--remove"], paths: gone)
        #expect(posted.status == 0 && posted.output.split(separator: "\n").allSatisfy { $0.contains("\tR,") }, "\(posted.errors)")
        #expect(waitUntil(seconds: 20) { TemporaryFolder.tree(copy) == ["stays"] }, "\(TemporaryFolder.tree(copy))")
        #expect(parties.stored.flatMap { TemporaryFolder.tree($0) } == ["stays"])
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)

        // One who did not ask for it keeps what he has.
        let keeper = try parties.subscribe([config])
        #expect(try parties.post(["--remove"], paths: gone).status == 0)
        unlink(parties.source + "/stays")
        #expect(try parties.post(["--remove"], paths: [parties.source + "/stays"]).status == 0)
        let reports = try parties.reports { $0.contains { $0.user == "bob" && $0.code == "503" } }
        #expect(reports.contains { $0.user == "bob" && $0.code == "503" } && TemporaryFolder.tree(copy) == ["stays"])
        keeper.kill()
    }

    @Test(
        "what users of the field's tools ask for: a pattern to strip, the time of arrival, what is left, figures, a source that selects"
    )
    func fromTheField() throws {
        let parties = try Parties("field-options")
        for name in ["a/data/one.txt", "a/data/two.tmp", "a/data/three.txt"] {
            try Tree.write([1], to: "\(parties.source)/\(name)")
            utimensat(
                AT_FDCWD, "\(parties.source)/\(name)",
                [timespec(tv_sec: 1_000, tv_nsec: 0), timespec(tv_sec: 1_000, tv_nsec: 0)], 0)
        }
        let lines = "mirror on\nstrip .*/data/\npreserve_time off\nlog_reject on\nlog_figures 1\nreject .*three.*\ninstances 1\n"
        let bob = try parties.subscribe([try parties.configure(lines)])
        let posted = try parties.post(["--reject", ".*\\.tmp$"])
        #expect(posted.status == 0 && posted.output.split(separator: "\n").count == 2, "\(posted)")
        #expect(posted.errors.contains("1 posts are left out by accept and reject lines"), "\(posted)")
        #expect(waitUntil(seconds: 20) { TemporaryFolder.tree(parties.received) == ["one.txt"] }, "\(bob.errors)")
        var info = stat()
        #expect(stat(parties.received + "/one.txt", &info) == 0 && info.st_mtim.tv_sec > 1_000_000)
        #expect(waitUntil(seconds: 20) { bob.errors.contains("three.txt is left: reject .*three.*") }, "\(bob.errors)")
        #expect(
            waitUntil(seconds: 30) { bob.errors.contains("received, 1 done, 1 passed over, 0 failed, 1 B;") }, "\(bob.errors)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    /// Runs a line of bash, where a failure anywhere in a pipe counts, in the test's folder.
    private func shell(_ parties: Parties, _ line: String, seconds: Double) throws -> Command.Outcome {
        try shellStart(parties, line).outcome(seconds: seconds)
    }

    private func shellStart(_ parties: Parties, _ line: String) throws -> RunningCommand {
        let ours = parties.command("dd_post")
        let bash = Command(path: "/bin/bash", environment: ours.environment, folder: ours.folder)
        return try bash.start(["-c", "set -o pipefail; " + line])
    }

    private func quoted(_ word: String) -> String { "'" + word + "'" }
}
