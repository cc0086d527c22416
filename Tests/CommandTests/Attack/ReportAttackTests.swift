import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// What a consumer with an account tells about others' files.
    @Suite("attacks by way of reports")
    struct ReportAttackTests {
        /// Publishes a report as bob and `user`, of the form that a dd_subscribe of his would send.
        private func report(
            _ ground: AttackGround, on relpath: String, base: String? = nil, _ headers: [String: String] = [:],
            as user: String = "bob",
            code: String = "201", topic: String = "v02.log.x"
        ) throws {
            let body = "\(Timestamp.now().wire) \(base ?? ground.running["DD_URL"]) \(relpath) \(code) host.example \(user) 0.5"
            try RawClient(ground.broker("bob")).publish(
                "xs_bob", topic, ["source": "alice", "from_cluster": "local", "sum": "0,0"].merging(headers) { $1 },
                body: Array(body.utf8))
        }

        /// A file of alice's that the switch has, as its path below the document root.
        private func file(_ name: String, _ parties: Parties) throws -> String {
            try Tree.write([1], to: parties.source + "/file")
            try #require(try parties.post().status == 0)
            try #require(waitUntil(seconds: 20) { parties.stored.contains { access($0 + "/file", F_OK) == 0 } })
            let day = TemporaryFolder.names(in: parties.running["DD_DOCUMENT_ROOT"]).last {
                access("\(parties.running["DD_DOCUMENT_ROOT"])/\($0)/alice/\(name)/file", F_OK) == 0
            }
            return "\(day ?? "")/alice/\(name)/file"
        }

        @Test("who consumed is who sent the report, whatever it says, and an honest one reaches its source")
        func consumer() throws {
            let ground = try AttackGround("consumer")
            let parties = try Parties("consumer")
            let path = try file("consumer", parties)
            try report(ground, on: path, as: "carol")
            let reports = try parties.reports(".*consumer/file") { $0.contains { $0.user != "feeder" } }
            #expect(reports.filter { $0.user != "feeder" }.map(\.user) == ["bob"], "\(reports)")
        }

        @Test("reports about what is not here, or that name another source than the file's, do not reach a source")
        func others() throws {
            let ground = try AttackGround("others")
            let parties = try Parties("others")
            let path = try file("others", parties)
            let log = try ground.listen("admin", to: "xlog")
            try report(ground, on: path, ["source": "carol"])
            try report(ground, on: path + "-no")
            try report(ground, on: "../../etc/others/file")
            try report(ground, on: path, ["from_cluster": "elsewhere"])
            // The honest one comes last: when it is there, the others have been dealt with.
            try report(ground, on: path, ["flow": "last"], code: "304")
            let reports = try parties.reports(".*others") { $0.contains { $0.code == "304" && $0.user == "bob" } }
            #expect(reports.filter { $0.user == "bob" }.map(\.code) == ["304"], "\(reports)")
            #expect(try ground.reports("carol", ".*others") { _ in true }.isEmpty)
            // All of them can be looked at by the administrator.
            let all = try RawClient(ground.broker("admin")).getAll(log).filter { $0.body.contains(" bob ") }
            #expect(all.count == 5, "\(all)")
        }

        @Test(
            "reports that another brought to the exchange, or that cannot be read, are let go; a long message is cut at a character"
        )
        func malformed() throws {
            let ground = try AttackGround("reported")
            let parties = try Parties("reported")
            let path = try file("reported", parties)
            let long = String(repeating: "é", count: 20_000)
            try report(ground, on: path, ["message": long])
            try report(ground, on: path, ["x-death": "claimed"])
            for (body, topic) in [
                ("", "v02.log"), ("a b c d e f g", "v02.log.x"), ("20240229120000.0 http://h/ f 9999 h bob 1", "v02.report.x"),
            ] {
                try RawClient(ground.broker("bob")).publish("xs_bob", topic, ["source": "alice"], body: Array(body.utf8))
            }
            try report(ground, on: path, code: "304")
            let reports = try parties.reports(".*reported/file") { $0.contains { $0.code == "304" && $0.user == "bob" } }
            let own = reports.filter { $0.user == "bob" }
            #expect(own.map(\.code).sorted() == ["201", "304"], "\(own)")
            #expect(own.contains { $0.description.hasSuffix(" " + String(repeating: "é", count: 127)) }, "\(own)")
        }
    }
}
