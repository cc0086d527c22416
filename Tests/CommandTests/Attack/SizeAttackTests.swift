import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Whatever a source makes large is bounded before it is logged, stored, reported or announced.
    @Suite("attacks by size")
    struct SizeAttackTests {
        @Test("a file that was announced without its size is cut at block_max, whether its server says how large it is or not")
        func withoutParts() throws {
            let ground = try AttackGround("sizeless")
            let server = try LyingServer { request in
                if request.path.hasSuffix("said") { return .http(200, [:], [UInt8](repeating: 1, count: 3 << 20)) }
                if request.path.hasSuffix("small") { return .http(200, [:], [1, 2, 3]) }
                return .trickle(Array("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".utf8), chunk: 1 << 20)
            }
            let ingest = try ground.ingest("allow_url mallory \(server.url("/"))\nblock_max 2M")
            for name in ["said", "endless", "small"] {
                try ground.forge("sizeless/\(name)", ["parts": ""], base: server.url("/"))
            }
            let reports = try ground.reports("mallory", "sizeless/") { $0.count >= 3 }
            #expect(reports.map(\.code).sorted() == ["201", "413", "413"], "\(reports)")
            #expect(reports.filter { $0.code == "413" }.allSatisfy { $0.description.contains("2097152 are taken") }, "\(reports)")
            #expect(ground.stored == ["mallory/sizeless/small"] && ingest.isRunning, "\(ground.stored)")
        }

        @Test("a body of 64 MiB is refused by the switch's broker, and its publisher alone is told")
        func largeBody() throws {
            let ground = try AttackGround("large")
            let ingest = try ground.ingest()
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20)
            for _ in 0..<3 {
                let refusal = try RawClient.refusal(ground.broker("mallory")) {
                    try $0.publish("xs_mallory", "v02.post", body: body, as: "mallory")
                }
                #expect([.other, .lost].contains(refusal), "\(refusal.map { "\($0)" } ?? "it was taken")")
            }
            try ground.expectBystanderIsServed()
            #expect(ingest.isRunning && ProcessUse.peakMemory(of: ingest.pid) < 128 << 10)
        }

        @Test("bodies as long as the broker takes them leave short lines in the log, short reports and no memory behind")
        func longLines() throws {
            let ground = try AttackGround("long")
            let ingest = try ground.ingest()
            let before = ProcessUse.peakMemory(of: ingest.pid)
            let name = String(repeating: "n", count: (1 << 20) - 200)
            let text = "\(Timestamp.now().wire) \(ground.url(of: "mallory")) long/\(name)"
            let mallory = try RawClient(ground.broker("mallory"))
            for number in 0..<50 {
                let json = """
                    {"pubTime":"20260101T000000.0","baseUrl":"\(ground.url(of: "mallory"))","relPath":"long/\(name.dropLast(200))"}
                    """
                try mallory.publish(
                    "xs_mallory", number.isMultiple(of: 2) ? "v02.post" : "v03", ["sum": "0,0"],
                    body: Array((number.isMultiple(of: 2) ? text : json).utf8), as: "mallory")
            }
            try ground.expectBystanderIsServed()
            let reports = try ground.reports("mallory", "unreadable") { $0.count >= 25 }
            #expect(
                reports.count >= 25 && reports.allSatisfy { $0.code == "417" && $0.description.utf8.count < 2_000 },
                "\(reports.count): \(reports.map { $0.description.prefix(150) })")
            #expect(ingest.errors.utf8.count < 256 << 10, "the log has \(ingest.errors.utf8.count) bytes")
            let grown = ProcessUse.peakMemory(of: ingest.pid) - before
            #expect(grown < 100 << 10, "\(grown) KiB more")
            #expect(ingest.isRunning)
        }
    }
}
