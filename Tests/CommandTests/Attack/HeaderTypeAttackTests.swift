import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Headers of ours in other types than the string that they are.
    @Suite("posts whose headers are no strings")
    struct HeaderTypeAttackTests {
        private static let digest = "d,c4ca4238a0b923820dcc509a6f75849b"

        @Test("a post that is private or for others in any type is published to nobody, and its source is told")
        func privatePosts() throws {
            let ground = try AttackGround("types")
            let earlier = try ground.reports("mallory") { _ in true }.count { ["417", "406", "503"].contains($0.code) }
            let ingest = try ground.ingest()
            let heard = try ground.listen("bob", to: "xpublic", "v02.post.*.mallory.types.#")
            let client = try RawClient(ground.broker("mallory"))
            var names: [String] = []
            func post(
                _ name: String, _ headers: [String: String] = [:], lists: [String: [String]] = [:],
                numbers: [String: Int64] = [:],
                tables: [String] = []
            ) throws {
                try Tree.write(Array("1".utf8), to: "\(ground.tree(of: "mallory"))/\(name)")
                let body = "\(Timestamp.now().wire) \(ground.url(of: "mallory")) types/\(name)"
                let own = Set(lists.keys).union(numbers.keys).union(tables)
                let plain = ["sum": Self.digest, "parts": "1,1,1,0,0"].filter { !own.contains($0.key) }.merging(headers) { $1 }
                try client.publish(
                    "xs_mallory", "v02.post", plain, lists: lists, numbers: numbers, tables: tables, body: Array(body.utf8),
                    as: "mallory")
                names.append(name)
            }
            try post("users-text", ["to_users": "bob@local"])
            try post("users-list", lists: ["to_users": ["bob@local"]])
            try post("users-none", lists: ["to_users": []])
            try post("users-table", tables: ["to_users"])
            try post("users-number", numbers: ["to_users": 1])
            try post("users-empty", ["to_users": ""])
            try post("clusters-list", lists: ["to_clusters": ["OTHER"]])
            try post("clusters-table", tables: ["to_clusters"])
            try post("to-list", lists: ["to": ["OTHER"]])
            try post("via-list", lists: ["via": ["elsewhere"]])
            try post("sum-number", numbers: ["sum": 1])
            try post("sum-table", tables: ["sum"])
            try post("parts-number", numbers: ["parts": 1])
            try post("mtime-number", numbers: ["mtime": 1])
            try post("mtime-table", tables: ["mtime"])
            try post("mode-number", numbers: ["mode": 420])
            try post("rename-list", lists: ["rename": ["x"]])
            try post("link-table", ["sum": "L,0"], tables: ["link"])
            for (name, member) in [
                ("json-users", "\"to_users\": [\"bob@local\"]"), ("json-object", "\"to_users\": {\"bob\": 1}"),
                ("json-clusters", "\"to_clusters\": [\"OTHER\"]"), ("json-op", "\"fileOp\": \"remove\""),
            ] {
                try Tree.write(Array("1".utf8), to: "\(ground.tree(of: "mallory"))/\(name)")
                let body =
                    "{\"pubTime\": \"20261121T000000\", \"baseUrl\": \"\(ground.url(of: "mallory"))\", \"relPath\": \"types/\(name)\","
                    + " \"size\": 1, \(member)}"
                try client.publish("xs_mallory", "v02.post", body: Array(body.utf8), as: "mallory")
                names.append(name)
            }
            let refused = names.count
            // What can be understood is taken in.
            try post("fine-mtime", numbers: ["mtime": 20_261_121_000_000])
            try post("fine-clusters", lists: ["to_clusters": ["OTHER", "local"]])
            try post("fine-list", ["in_blocks": "i,1,1,0,0", "retrieve": "types/users-text"], lists: ["of another tool": ["x"]])
            let stored = { (report: ReportLine) in report.code == "201" && report.description.contains("types/") }
            let refusal = { (report: ReportLine) in ["417", "406", "503"].contains(report.code) }
            let reports = try ground.reports("mallory") {
                $0.count(where: refusal) >= earlier + refused && $0.count(where: stored) >= 3
            }
            #expect(reports.count(where: refusal) == earlier + refused, "\(reports) \(ingest.errors)")
            #expect(reports.count(where: stored) == 3, "\(reports)")
            let announced = try RawClient(ground.broker("bob")).getAll(heard)
            #expect(announced.count == 3 && announced.allSatisfy { $0.body.contains("types/fine-") }, "\(announced)")
            // Only switches say these.
            #expect(!announced.contains { $0.headers.contains { $0.hasPrefix("in_blocks") || $0.hasPrefix("retrieve") } })
            #expect(announced.contains { $0.headers.contains("mtime=20261121000000.000000000") }, "\(announced)")
            #expect(ground.stored == ["mallory/types/fine-clusters", "mallory/types/fine-list", "mallory/types/fine-mtime"])
            ingest.send(SIGTERM)
            #expect(try ingest.outcome().status == 1)
        }
    }
}
