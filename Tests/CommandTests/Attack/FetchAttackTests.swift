import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Where a source would make the switch fetch from.
    @Suite("attacks by way of URLs")
    struct FetchAttackTests {
        @Test("nothing is fetched from files, other hosts, other ports or the switch itself, however the URL is written")
        func urls() throws {
            let ground = try AttackGround("urls")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/file")
            let ingest = try ground.ingest()
            let own = "127.0.0.1:\(ground.running["DD_SOURCE_PORT"])"
            let bases = [
                "file:///etc/", "file:/etc/", "FILE:///etc/", "ftp://\(own)/mallory/", "gopher://\(own)/mallory/",
                "dict://\(own)/mallory/",
                "http://127.0.0.1:\(ground.running["DD_PORT"])/", "http://127.0.0.1:\(ground.running["DD_AMQP_PORT"])/",
                "http://localhost:\(ground.running["DD_SOURCE_PORT"])/mallory/", "http://169.254.169.254/latest/",
                "http://[::1]/",
                "http://2130706433:\(ground.running["DD_SOURCE_PORT"])/mallory/",
                "http://0x7f.1:\(ground.running["DD_SOURCE_PORT"])/mallory/",
                "http://\(own)@evil.example/mallory/",

                "http://\(own)/carol/", "http://\(own)/mallory/../carol/", "http://\(own)/mallory/%2e%2e/carol/",
                "http://\(own)/malloryx/",
                "http://\(own):80/mallory/", "https://\(own)/mallory/", "http://\(own)./mallory/", "http:/\(own)/mallory/",
            ]
            for base in bases { try ground.forge("urls/file", base: base) }
            let refused = ["403", "417", "503"]
            let reports = try ground.reports("mallory", ".*(urls|unreadable|etc|latest)") {
                $0.filter { refused.contains($0.code) }.count >= bases.count
            }
            #expect(reports.count >= bases.count && reports.allSatisfy { refused.contains($0.code) }, "\(reports)")
            #expect(ground.stored == [] && ingest.isRunning, "\(ground.stored)")
        }

        @Test("a redirect leads nowhere that the URL itself could not")
        func redirects() throws {
            let ground = try AttackGround("redirects")
            let inside = try LyingServer { _ in .http(200, [:], Array("secret".utf8)) }
            let secret = inside.url("/secret")
            let own = ground.url(of: "carol")
            let outside = try LyingServer { request in
                switch request.path {
                case "/redirects/inside": .http(302, ["Location": secret])
                case "/redirects/file": .http(302, ["Location": "file:///etc/passwd"])
                case "/redirects/name": .http(301, ["Location": secret.replacing("127.0.0.1", with: "localhost")])
                case "/redirects/other": .http(307, ["Location": own + "redirects/file"])
                case "/redirects/round": .http(302, ["Location": "/redirects/round"])
                case "/redirects/good": .http(302, ["Location": "/redirects/there"])
                default: .http(200, [:], [1])
                }
            }
            try Tree.write(Array("carol's".utf8), to: ground.tree(of: "carol") + "/file")
            let ingest = try ground.ingest("allow_url mallory \(outside.url("/"))")
            for name in ["inside", "file", "name", "other", "round", "good"] {
                try ground.forge("redirects/\(name)", base: outside.url("/"))
            }
            let reports = try ground.reports("mallory", "redirects/") { $0.count >= 6 }
            #expect(reports.count == 6 && reports.count { $0.code == "201" } == 1, "\(reports)")
            #expect(ground.stored == ["mallory/redirects/good"] && inside.requests.isEmpty && ingest.isRunning)
        }

        @Test("a name that resolves to this machine is not fetched from, though the name is allowed")
        func names() throws {
            let ground = try AttackGround("names")
            let inside = try LyingServer { _ in .http(200, [:], [1]) }
            // libcurl takes every name below .localhost for this machine without asking a name server.
            let base = "http://data.mallory.localhost:\(inside.port)/"
            let ingest = try ground.ingest("allow_url mallory \(base)")
            try ground.forge("names/file", base: base)
            let reports = try ground.reports("mallory", ".*names/file") { !$0.isEmpty }
            #expect(reports.map(\.code) == ["403"], "\(reports)")
            #expect(ground.stored == [] && inside.connections == 0 && ingest.isRunning)
        }

        @Test("a server that sends more than was announced, or without end, fills nothing")
        func tooMuch() throws {
            let ground = try AttackGround("much")
            let endless = try LyingServer { _ in
                .http(200, ["Content-Length": "1000000000000"], [UInt8](repeating: 0, count: 1 << 20))
            }
            let ingest = try ground.ingest("allow_url mallory \(endless.url("/"))\nquota mallory bytes=1M")
            try ground.forge("much/small", base: endless.url("/"))
            try ground.forge("much/large", ["parts": "1,100000000000,1,0,0"], base: endless.url("/"))
            let reports = try ground.reports("mallory", "much/") { $0.count >= 2 }
            #expect(reports.map(\.code).sorted() == ["413", "499"], "\(reports)")
            #expect(ground.stored == [] && ingest.isRunning)
        }
    }
}
