import DDCore
import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("attacks by the account of a link", .serialized, .enabled(if: SwitchTests.installed))
struct NetworkAttackTests {
    /// A switch with links to b and c, and what an attacker with the password of `link_b` has.
    private struct Ground {
        let network: Network
        let url: String
        var feeder: RawClient { get throws { try RawClient(network["a"]["DD_BROKER_FEEDER"]) } }

        init() throws {
            network = try Network(["a"])
            let admin = network.command("dd_switch", at: "a")
            for name in ["b", "c"] {
                let made = try admin.run(["link", "add", name, "--password", "secret-of-\(name)"])
                try #require(made.status == 0, "\(made)")
            }
            url = network["a"].broker("link_b", password: "secret-of-b")
        }

        /// How many reports had no way, once there are as many as `wanted`.
        func unrouted(_ wanted: Int64) -> Bool {
            waitUntil(seconds: 20) { (try? feeder.facts(QueueName.unrouted()).messages).map(Int64.init) == wanted }
        }
    }

    private static func post(_ relpath: String) -> Post {
        Post(
            time: .now(), location: Location(base: "http://elsewhere/", relpath: relpath),
            event: .file(.whole(size: 1), .none("0")))
    }

    private static func headers(_ message: WireMessage) -> [String: String] {
        Dictionary(message.headers.fields.map { ($0.name, $0.value) }) { first, _ in first }
    }

    @Test("it posts nothing, in nobody's name, and reads no other link's queue")
    func posts() throws {
        let ground = try Ground()
        let post = try PostCodec.encode(Self.post("f"))
        func refused(_ body: (RawClient) throws -> Void) throws -> Bool { try RawClient.refusal(ground.url, body) == .refused }
        for exchange in ["xs_alice", "xpublic", "xq_b", "xr_b", "xd_alice", "xctl", "xl_alice"] {
            #expect(try refused { try $0.publish(exchange, post.topic, body: Array(post.body.utf8)) }, "\(exchange)")
        }
        for queue in [QueueName.link(to: "c"), QueueName.control(), QueueName.ingest(source: "alice")] {
            #expect(try refused { _ = try $0.get(queue) }, "\(queue)")
        }
        #expect(
            try refused {
                try $0.declareQueue("q_link_b.own")
                try $0.bind(queue: "q_link_b.own", to: "xq_c")
            })
        // A post on its own exchange: it may not say so, and no queue of posts is there.
        #expect(try refused { try $0.publish("xs_link_b", post.topic, body: Array(post.body.utf8)) })
        try ground.network.post(at: "a", ["bystander"], to: nil)
        #expect(ground.network.comes("bystander", of: "alice", at: "a"))
    }

    @Test("its reports are believed about what went over it, and about nothing else; none of them reaches a wrong source")
    func reports() throws {
        let ground = try Ground()
        let link = try RawClient(ground.url)
        func report(_ via: [String], _ from: String? = "a", source: String = "alice") throws {
            var post = Self.post("20260101/\(source)@a/attack/f")
            (post.source, post.fromCluster, post.via, post.toClusters) = (source, from, via, [])
            let report = Report(post: post, code: 201, message: "forged", host: "h", user: "bob", seconds: 1)
            let message = try ReportCodec.encode(report)
            try link.publish("xs_link_b", message.topic, Self.headers(message), body: Array(message.body.utf8))
        }
        // It did not come from here; it went over another link; it says nothing of its way; of nobody.
        try report(["x", "b"], "x")
        try report(["a", "c"])
        try report([])
        try report(["x", "a", "b"])
        try report(["a", "b"], source: "nobody")
        #expect(ground.unrouted(5))
        #expect(try ground.network.reports(at: "a", about: "attack") == [])
        // About what may have gone over it, it is believed, and shown with where it comes from.
        try report(["a", "b", "z"])
        #expect(waitUntil(seconds: 20) { (try? ground.network.reports(at: "a", about: "attack")) == ["201 bob@b"] })
        // A consumer of this switch says nothing to another switch about what is not here.
        let bob = try RawClient(ground.network["a"]["DD_BROKER_BOB"])
        var post = Self.post("20260101/alice@x/attack/f")
        (post.source, post.fromCluster, post.via) = ("alice", "x", ["x", "a"])
        let message = try ReportCodec.encode(
            Report(post: post, code: 201, message: "forged", host: "h", user: "bob", seconds: 1))
        try bob.publish("xs_bob", message.topic, Self.headers(message), body: Array(message.body.utf8))
        #expect(ground.unrouted(6))
    }
}
