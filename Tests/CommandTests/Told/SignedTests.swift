import DDCore
import DDTestSupport
import Glibc
import Testing

@Suite("signed announcements", .enabled(if: SwitchTests.installed))
struct SignedTests {
    @Test("with verify only what its source has signed is stored, over a switch and in blocks; of the rest its source is told")
    func verified() throws {
        let parties = try Parties("signed")
        for name in ["alice", "other"] {
            let words = ["genpkey", "-algorithm", "ed25519", "-out", parties.path(name + ".pem")]
            #expect(try Command(path: "/usr/bin/openssl").run(words).status == 0)
            chmod(parties.path(name + ".pem"), 0o600)
        }
        let key = try parties.command("dd_seal").run(["public", parties.path("alice.pem")])
        #expect(key.status == 0)
        _ = try parties.write("alice@\(parties.running["DD_CLUSTER"]) \(key.output)", to: "signers")
        let config = try parties.write(
            """
            broker \(parties.broker("bob"))
            subtopic *.alice.\(parties.name).#
            mirror on
            strip 3
            directory \(parties.received)
            verify on
            signers \(parties.path("signers"))

            """, to: "verify.conf")
        let bob = try parties.command("dd_subscribe").start([config])
        defer { bob.send(SIGTERM) }
        try #require(waitUntil(seconds: 20) { bob.errors.contains("connected") }, "\(bob.errors)")
        func post(_ name: String, _ content: [UInt8], _ options: [String]) throws {
            try Tree.write(content, to: parties.source + "/" + name)
            let posted = try parties.command("dd_post").run(parties.postWords(options, paths: [parties.source + "/" + name]))
            #expect(posted.status == 0, "\(posted)")
        }
        let large = [UInt8](repeating: 7, count: 3 << 20)
        try post("bare", [1], [])
        try post("forged", [2], ["--signing_key", parties.path("other.pem")])
        try post("good", [3], ["--signing_key", parties.path("alice.pem")])
        try post("large", large, ["--signing_key", parties.path("alice.pem"), "-p", "i,1M"])
        #expect(
            waitUntil(seconds: 30) { TemporaryFolder.names(in: parties.received).sorted().suffix(2) == ["good", "large"] },
            "\(TemporaryFolder.names(in: parties.received)) \(bob.errors)")
        #expect(waitUntil(seconds: 20) { (try? SmallFile.contents(parties.received + "/large")) == large })
        #expect(TemporaryFolder.names(in: parties.received).filter { !$0.hasPrefix(".") }.sorted() == ["good", "large"])
        #expect(bob.errors.contains("/bare: 403 it is not signed") && bob.errors.contains("/forged: 403 alice@"), "\(bob.errors)")
        let told = try parties.command("dd_log").run(
            ["-b", parties.broker("alice"), "--since", "1h", "--exit_idle", "2", ".*/\(parties.name)/(bare|forged)"])
        #expect(told.output.split(separator: "\n").count { $0.contains(" 403 bob@") } == 2, "\(told)")
    }
}
