import DDTestSupport
import Glibc
import Testing

@testable import DDCore

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
        let script = "import json, sys\nfor line in sys.stdin: t = json.loads(line); print(t['tree'], *t['users'], sep='|')"
        let read = try Command(path: "/usr/bin/python3").run(["-c", script], input: permit(["--json", "list"]).output)
        #expect(read.output == "t/secret|bob@a|bob@c\n", "\(read)")

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
