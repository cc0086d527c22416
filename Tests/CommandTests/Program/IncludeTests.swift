import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("configurations from the web", .enabled(if: SwitchTests.installed))
struct IncludeTests {
    @Test(
        "what a source publishes of its directories holds from its next version on, is shown, and is kept when the server is away"
    )
    func moves() throws {
        let parties = try Parties("included")
        // The web server of alice's files also has what she says of them.
        let root = parties.running["DD_SOURCE_ROOT"]
        let name = "included-snippet.conf"
        let url = parties.running["DD_SOURCE_URL"] + name
        func publish(_ text: String, _ age: Int) throws {
            try SmallFile.write(text, to: "\(root)/\(name)")
            let time = timespec(tv_sec: Int(Timestamp.now().seconds) - age, tv_nsec: 0)
            utimensat(AT_FDCWD, "\(root)/\(name)", [time, time], 0)
        }
        let lines = """
            broker \(parties.broker("bob"))
            mirror on
            directory \(parties.path("got"))
            include_interval 1
            include \(url)
            reject .*

            """
        let config = try parties.write(lines, to: "included.conf")
        // Not there yet, and no copy.
        let none = try parties.command("dd_subscribe").run([config])
        #expect(
            none.status == 78 && none.errors.contains("include \(url): ") && none.errors.contains("has not been fetched yet"),
            "\(none)")
        try publish("accept .*/included/old/.*\n", 100)
        let bob = try parties.command("dd_subscribe").start([config])
        defer { bob.send(SIGTERM) }
        try #require(waitUntil(seconds: 20) { bob.errors.contains("connected") }, "\(bob.errors)")
        #expect(bob.errors.contains("include \(url): 1 lines"), "\(bob.errors)")
        func has(_ file: String) -> Bool {
            TemporaryFolder.tree(parties.path("got")).contains { $0.hasSuffix("included/" + file) }
        }
        for file in ["old/1", "new/1"] { try Tree.write([1], to: "\(parties.source)/\(file)") }
        func post(_ files: String...) throws {
            let outcome = try parties.command("dd_post").run(parties.postWords([]) + files.map { "\(parties.source)/\($0)" })
            #expect(outcome.status == 0, "\(outcome)")
        }
        try post("old/1", "new/1")
        #expect(waitUntil(seconds: 20) { has("old/1") })
        // Something that nobody may say from there changes nothing.
        try publish("on_file /bin/false\n", 50)
        #expect(waitUntil(seconds: 20) { bob.errors.contains("'on_file' may not come from the web") }, "\(bob.errors)")
        #expect(!bob.errors.contains("was read again"))
        try publish("accept .*/included/new/.*\n", 10)
        #expect(waitUntil(seconds: 20) { bob.errors.contains("was read again") }, "\(bob.errors)")
        #expect(
            bob.errors.contains("include \(url) has changed: - accept .*/included/old/.*; + accept .*/included/new/.*"),
            "\(bob.errors)")
        for file in ["old/2", "new/2"] { try Tree.write([2], to: "\(parties.source)/\(file)") }
        try post("old/2", "new/2")
        #expect(waitUntil(seconds: 20) { has("new/2") }, "\(bob.errors)")
        #expect(!has("new/1") && !has("old/2"))
        // Away: the copy holds.
        unlink("\(root)/\(name)")
        #expect(waitUntil(seconds: 20) { bob.errors.contains("what it said before holds on") }, "\(bob.errors)")
        bob.send(SIGTERM)
        _ = try bob.outcome()
        let again = try parties.command("dd_subscribe").start([config])
        #expect(waitUntil(seconds: 20) { again.errors.contains("connected") }, "\(again.errors)")
        again.send(SIGTERM)
        #expect(try again.outcome().status == 0)
    }
}
