import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Single messages that a library, a frame or the next broker does not bear: each is refused by itself, and nobody waits behind it.
    @Suite("messages that are hard to read or to send")
    struct PoisonTests {
        private static func line(_ ground: AttackGround, _ relpath: String) -> [UInt8] {
            Array("\(Timestamp.now().wire) \(ground.url(of: "mallory")) \(relpath)".utf8)
        }

        /// What `ingest` says of connections that it lost.
        private static func losses(_ ingest: RunningCommand) -> [Substring] {
            ingest.errors.split(separator: "\n").filter { $0.contains("trying again in") || $0.contains("connected again") }
        }

        /// Publishes as mallory with a table of headers written by hand.
        private func publish(
            _ ground: AttackGround, _ name: String, table: [UInt8], topic: String = "v02.post.poison",
            body: [UInt8]? = nil
        ) throws {
            let table = RawClient.header("sum", "0,0") + RawClient.header("parts", "1,1,1,0,0") + table
            try RawClient(ground.broker("mallory")).publish(
                "xs_mallory", topic, table: table, body: body ?? Self.line(ground, name), as: "mallory")
        }

        @Test("a header without a name, also in a table, costs its own post and nobody else's, and the report says why")
        func emptyName() throws {
            let ground = try AttackGround("emptyname")
            let ingest = try ground.ingest()
            defer { ingest.kill() }
            try Tree.write([1], to: ground.tree(of: "mallory") + "/after")
            try publish(ground, "emptyname/bare", table: RawClient.header("", "x"))
            // A table in which a header has no name: nothing of it is ours to read.
            let inner = RawClient.header("", "x")
            let length = withUnsafeBytes(of: UInt32(inner.count).bigEndian, Array.init)
            try publish(ground, "emptyname/after", table: [1] + Array("tF".utf8) + length + inner)
            try ground.expectBystanderIsServed()
            let reports = try ground.reports("mallory", ".*emptyname/") { $0.count >= 2 }
            #expect(reports.map(\.code).sorted() == ["201", "417"], "\(reports)")
            #expect(reports.contains { $0.description.contains("the name of a header is empty") }, "\(reports)")
            #expect(Self.losses(ingest).isEmpty, "\(ingest.errors.suffix(2000))")
            #expect(ground.stored.contains { $0.hasSuffix("emptyname/after") })
            let said = ingest.errors.split(separator: "\n").filter { $0.contains("the name of a header is empty") }
            #expect(said.count == 1 || said.contains { $0.contains("cannot be read is dropped") }, "\(said)")
            for word in ["exchange 'xs_mallory'", "topic 'v02.post.poison'", "user 'mallory'", "emptyname/bare"] {
                #expect(said.contains { $0.contains(word) }, "\(word): \(said)")
            }
        }

        @Test("reports and requests with such a header do not stop the routing of others' reports")
        func emptyNameElsewhere() throws {
            let ground = try AttackGround("emptyreport")
            let parties = try Parties("emptyreport")
            for topic in ["v02.log.x", "v02.report.x", "v02.request.passwd"] {
                try RawClient(ground.broker("bob")).publish(
                    "xs_bob", topic, table: RawClient.header("", "x"), body: Array("x".utf8), as: "bob")
            }
            try Tree.write([1], to: parties.source + "/file")
            let bob = try parties.subscribe([try parties.configure()])
            defer { bob.kill() }
            try #require(try parties.post().status == 0)
            let reports = try parties.reports(".*emptyreport/file") { $0.contains { $0.user == "bob" } }
            #expect(reports.contains { $0.user == "bob" }, "\(reports) \(bob.errors)")
            func log(_ service: String) -> String { SmallFile.text("\(ground.running.folder)/log/\(service).out") ?? "" }
            #expect(
                waitUntil(seconds: 10) { log("requests").contains("a request of bob is dropped (exchange 'xs_bob'") },
                "\(log("requests"))")
            #expect(log("log2source").contains("topic 'v02.log.x'"), "\(log("log2source").suffix(2000))")
            let lost = (log("requests") + log("log2source")).split(separator: "\n").filter { $0.contains("while consuming") }
            #expect(lost.isEmpty, "\(lost)")
        }

        @Test("a subscriber passes over a post with such a header, names it, and receives the next")
        func emptyNameSubscribed() throws {
            let ground = try AttackGround("emptypublic")
            let parties = try Parties("emptypublic")
            let bob = try parties.subscribe([try parties.configure()])
            defer { bob.kill() }
            let topic = "v02.post.20240229.alice.emptypublic"
            try RawClient(ground.broker("feeder")).publish(
                "xpublic", topic, table: RawClient.header("", "x"), body: Array("20240229120000.0 http://h.example/ poison".utf8),
                as: "feeder")
            try Tree.write([1], to: parties.source + "/file")
            try #require(try parties.post().status == 0)
            #expect(waitUntil(seconds: 20) { access(parties.received + "/emptypublic/file", F_OK) == 0 }, "\(bob.errors)")
            let said = bob.errors.split(separator: "\n").filter { $0.contains("the name of a header is empty") }
            #expect(
                said.count == 1 && said.allSatisfy { $0.contains("exchange 'xpublic'") && $0.contains("h.example") }, "\(said)")
            #expect(!bob.errors.contains("connected again"), "\(bob.errors)")
        }

        @Test("a message whose headers the broker has made larger than a frame is refused like any other dead-lettered one")
        func largeFrame() throws {
            let ground = try AttackGround("largeframe")
            let ingest = try ground.ingest()
            defer { ingest.kill() }
            let client = try RawClient(ground.broker("mallory"))
            let queue = "q_mallory.largeframe"
            try client.declareQueue(
                queue, ["x-dead-letter-exchange": "xs_mallory", "x-dead-letter-routing-key": "v02.post.large"],
                numbers: ["x-message-ttl": 100, "x-expires": 60_000])
            // By its own exchange: no user may publish to the default one.
            try client.declareExchange(queue)
            try client.bind(queue: queue, to: queue)
            // With what is around it just as large as a frame may be.
            let table = RawClient.header("note", String(repeating: "x", count: 131_072 - 100))
            try client.publish(queue, "v02.post.large", table: table, body: Self.line(ground, "largeframe/file"))
            let isRefused = { ingest.errors.contains("largeframe/file") || ingest.errors.contains("topic 'v02.post.large'") }
            #expect(waitUntil(seconds: 10, isRefused), "\(ingest.errors.suffix(2000))")
            try ground.expectBystanderIsServed()
            #expect(Self.losses(ingest).isEmpty, "\(ingest.errors.suffix(2000))")
        }

        @Test("headers in headers, as deep as a frame allows, end no program")
        func nested() throws {
            let ground = try AttackGround("nested")
            let ingest = try ground.ingest()
            defer { ingest.kill() }
            try Tree.write([1], to: ground.tree(of: "mallory") + "/deep")
            try publish(ground, "nested/deep", table: RawClient.nested("deep", depth: 26_000))
            try ground.expectBystanderIsServed()
            #expect(ingest.isRunning && Self.losses(ingest).isEmpty, "\(ingest.errors.suffix(2000))")
            let reports = try ground.reports("mallory", ".*nested/deep") { !$0.isEmpty }
            #expect(reports.map(\.code) == ["201"], "\(reports)")
        }

        @Test("a post that can be read and not announced is refused before it is fetched, and the report says what is too long")
        func unsendable() throws {
            let ground = try AttackGround("unsendable")
            let ingest = try ground.ingest()
            defer { ingest.kill() }
            func v03(_ name: String, _ more: String) -> [UInt8] {
                let members = [
                    #""pubTime":"\#(Timestamp.now().wire)""#, #""baseUrl":"\#(ground.url(of: "mallory"))""#,
                    #""relPath":"unsendable/\#(name)""#, #""size":1"#,
                    #""identity":{"method":"arbitrary","value":"x"}"#,
                ]
                return Array("{\(members.joined(separator: ",")),\(more)}".utf8)
            }
            let client = try RawClient(ground.broker("mallory"))
            let long = String(repeating: "x", count: 200_000)
            try client.publish("xs_mallory", "v02.post.unsendable", body: v03("long", #""note":"\#(long)""#), as: "mallory")
            let many = (0..<200).map { #""m\#($0)":"x""# }.joined(separator: ",")
            try client.publish("xs_mallory", "v02.post.unsendable", body: v03("many", many), as: "mallory")
            try client.publish("xs_mallory", "v02.post.unsendable", body: v03("empty", #""":"x""#), as: "mallory")
            let name = String(repeating: "n", count: 300)
            try client.publish("xs_mallory", "v02.post.unsendable", body: v03("name", #""\#(name)":"x""#), as: "mallory")
            // The report of a line that is too long names no path (`SizeAttackTests`).
            try ground.forge(
                "unsendable/" + String(repeating: "p/", count: 70_000) + "path", ["rename": "unsendable/renamed"])
            try ground.expectBystanderIsServed()
            let reports = try ground.reports("mallory", ".*unsendable") { $0.count >= 4 }
            #expect(
                reports.count == 4 && reports.allSatisfy { ["413", "417"].contains($0.code) },
                "\(reports.map { $0.description.prefix(300) })")
            #expect(ground.stored.allSatisfy { !$0.contains("unsendable/") })
            #expect(Self.losses(ingest).isEmpty, "\(ingest.errors.suffix(2000))")
            #expect(ingest.errors.split(separator: "\n").allSatisfy { $0.utf8.count < 300_000 })
        }
    }
}
