import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("private transfers", .serialized, .enabled(if: SwitchTests.installed))
struct PrivateTransferTests {
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
