import DDTestSupport
import Glibc
import Testing

@testable import DDCore

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
