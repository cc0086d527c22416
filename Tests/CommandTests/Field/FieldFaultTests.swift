import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// The faults of the field's tools, one after the other: what ours does instead. A table in `docs/interop.md` names the tests of those that are
/// not here.
@Suite("the faults of the field's tools", .serialized, .enabled(if: SwitchTests.installed))
struct FieldFaultTests {
    @Test("1: a broker that is away, or that has no queue for a post, is an error with a status and a word")
    func broker() throws {
        let parties = try Parties("away")
        try Tree.write([1], to: parties.source + "/file")
        let nobody = try #require(FreePort.find())
        let url = "amqp://alice:any@127.0.0.1:\(nobody)/"
        let theirs = try FieldHome(parties).post(.sr3, "v02", parties.source + "/file", "post_broker \(url)")
        #expect(theirs.status == 0, "the fault is mended: \(theirs.errors)")
        let ours = try parties.post(["-b", url, "--wait", "1"])
        #expect(ours.status == 69)
        #expect(ours.errors.contains("1 of 1"), "\(ours.errors)")
        let unbound = try parties.post(["--topic_prefix", "v02.nobody"])
        #expect(unbound.status == 1)
        #expect(unbound.errors.contains("no queue"), "\(unbound.errors)")
    }

    @Test("2: a queue lasts a week without its consumer, and drops nothing meanwhile")
    func queue() throws {
        let files = try TemporaryFolder()
        let options = try load(files, "broker amqp://bob:any@h/\n")
        #expect(options.queue.expire == .seconds(7 * 86_400))
        #expect(options.queue.messageTTL == nil)
        #expect(options.queue.durable)
    }

    @Test("4: bytes that are not those announced are never seen under the file's name, and are no success")
    func otherBytes() throws {
        let parties = try Parties("otherbytes")
        let announced = parties.path("announced")
        for (name, here) in [("same length", "what was summed"), ("longer", "what was summed and more")] {
            try Tree.write(Array("what is served!".utf8), to: "\(parties.source)/\(name)")
            try Tree.write(Array(here.utf8), to: "\(announced)/\(parties.name)/\(name)")
        }
        let words = ["-b", parties.broker("alice"), "-u", parties.running["DD_SOURCE_URL"], "-dr", announced, announced]
        #expect(try parties.command("dd_post").run(words).status == 0)
        let reports = try parties.reports { $0.count >= 2 }
        #expect(reports.count == 2)
        for report in reports { #expect(report.code.hasPrefix("4"), "\(report)") }
        for folder in parties.stored { #expect(TemporaryFolder.tree(folder) == []) }
    }

    @Test("5: a file posted in blocks by the older tool arrives whole")
    func blocks() throws {
        let parties = try Parties("inblocks")
        var generator = Seed().generator()
        try Tree.write(Tree.bytes(10_000, &generator), to: parties.source + "/file")
        let bob = try parties.subscribe([try parties.configure()])
        let posted = try FieldHome(parties).post(.v2, "v02", parties.source + "/file", "parts i,4096")
        #expect(posted.status == 0, "\(posted.errors)")
        let reports = try parties.reports { $0.count { $0.user == "feeder" } >= 3 }
        #expect(reports.count { $0.user == "feeder" } >= 3, "three blocks were posted: \(reports)")
        let whole = Tree.content(parties.source + "/file")
        #expect(waitUntil(seconds: 20) { Tree.content(parties.received + "/inblocks/file") == whole }, "\(bob.errors)")
        for folder in parties.stored + [parties.received + "/inblocks"] {
            #expect(TemporaryFolder.tree(folder) == ["file"] && Tree.content(folder + "/file") == whole)
        }
        bob.send(SIGTERM)
        #expect(try bob.outcome().status != 143)
    }

    @Test("6: a link without a target is refused by name; nothing is fetched in its place")
    func link() throws {
        let parties = try Parties("lostlink")
        try Tree.write(Array("content".utf8), to: parties.source + "/target")
        let made = symlink("target", parties.source + "/link")
        #expect(made == 0)
        let home = try FieldHome(parties)
        #expect(try home.post(.sr3, "v02", parties.source + "/link").status == 0)
        let reports = try parties.reports { !$0.isEmpty }
        #expect(reports.map(\.code) == ["417"], "\(reports)")
        #expect(reports.first?.description.contains("/lostlink/link ") == true, "\(reports)")
        for folder in parties.stored { #expect(TemporaryFolder.tree(folder) == []) }
        // Ours says where it leads, and a hop later it still is a link.
        #expect(try parties.post(paths: [parties.source + "/link"]).status == 0)
        let stored = waitUntil(seconds: 20) { parties.stored.contains { Tree.facts($0)["link"] == "a link to target" } }
        #expect(stored)
    }

    @Test("10: the order of the lines of a configuration that are no rules says nothing")
    func order() throws {
        let files = try TemporaryFolder()
        let lines = [
            "broker amqp://bob:any@h/", "subtopic a.#", "queue q_bob.mine", "exchange xd_alice", "topic_prefix v03", "expire 2d",
        ]
        let one = try load(files, lines.joined(separator: "\n"))
        let other = try load(files, lines.reversed().joined(separator: "\n"))
        for options in [one, other] {
            #expect(options.queue.name == "q_bob.mine")
            #expect(options.subtopics == ["a.#"])
            #expect((options.exchange, options.topicPrefix) == ("xd_alice", "v03"))
            #expect(options.queue.expire == .seconds(2 * 86_400))
        }
    }

    @Test("12: the value of a removal's sum is not checked: the tools do not agree on it")
    func removal() throws {
        for value in ["", "00", "sha512 of something else", String(repeating: "0", count: 128)] {
            let message = WireMessage(
                topic: "v02.post", headers: ["sum": "R,\(value)"], body: "20151020152000.5 http://h/ a")
            #expect(try PostCodec.decode(message).event == .removed)
        }
    }

    @Test("13: only the configuration that was named is read")
    func neighbours() throws {
        let parties = try Parties("neighbours")
        let home = parties.path("etc")
        try SmallFile.makeFolder(home + "/subscribe")
        try SmallFile.write(parties.running["DD_BROKER_BOB"] + "\n", to: home + "/credentials.conf", mode: 0o600)
        try SmallFile.write("broker \(parties.broker("bob"))\n", to: home + "/subscribe/good.conf")
        try SmallFile.write("nonsense ((\n", to: home + "/subscribe/bad.conf")
        let environment = ["DD_CONFIG_HOME": home, "DD_STATE_HOME": parties.path("state")]
        let outcome = try Command("dd_subscribe", environment: environment).run(["good", "--exit_idle", "0"])
        #expect(outcome.status == 0)
        #expect(!outcome.errors.contains("bad"), "\(outcome.errors)")
    }

    private func load(_ files: TemporaryFolder, _ text: String) throws -> SubscribeOptions {
        let path = try files.write(text, to: "test.conf")
        let environment = ["DD_CONFIG_HOME": files.path("etc"), "DD_STATE_HOME": files.path("state")]
        guard case .run(let options) = try SubscribeOptions.load(arguments: [path], environment: environment) else {
            throw ConfigError(.usage, "neither help nor version was asked for")
        }
        return options
    }
}
