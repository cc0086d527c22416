import DDTestSupport
import DDTransfer
import Glibc
import Testing

@testable import DDCore

/// http and https with nginx.
@Suite("web servers", .serialized, .enabled(if: Installed.has("/usr/sbin/nginx")))
struct WebTests {
    private let root: TemporaryFolder

    init() throws {
        root = try TemporaryFolder()
        for name in ["file", "a b", "é", "100%25"] { try root.write("content", to: name) }
    }

    private func fetcher(_ lines: String = "", authority: String? = nil, proxies: ProxyChoice? = nil) throws -> TransportFetcher {
        var options = TransferOptions()
        try options.credentials.add(lines, path: "credentials.conf")
        if let authority { options.caFile = authority }
        if let proxies { options.proxies = proxies }
        return TransportFetcher(options)
    }

    @Test("many files go over one connection, whole and in ranges")
    func reuse() throws {
        let server = try RunningServer.nginx(root.path)
        let fetcher = try fetcher()
        let base = "http://127.0.0.1:\(server.port)/"
        for name in ["file", "a b", "é", "100%25"] {
            let fetched = try Fetched(base + Percent.encodeSegment(name), size: 7, by: fetcher)
            #expect(fetched.brought(Array("content".utf8)), "\(fetched)")
        }
        #expect(try Fetched(base + "none", by: fetcher).failed(.gone, "is not there (404)"))
        let range = try Fetched(base + "file", size: 7, range: FetchRange(offset: 2, length: 3), by: fetcher)
        #expect(range.brought(Array("nte".utf8)))
        let beyond = try Fetched(base + "file", size: 20, range: FetchRange(offset: 10, length: 3), by: fetcher)
        #expect(beyond.failed(.changed, "(416)"))
        let longer = try Fetched(base + "file", size: 20, range: FetchRange(offset: 0, length: 3), by: fetcher)
        #expect(longer.failed(.changed, "it has 7 bytes, not 20"))
        let connections = Set(server.accesses.compactMap { $0.split(separator: " ").last })
        #expect(connections.count == 1 && server.accesses.count == 8, "\(server.accesses)")
    }

    @Test("a server that was restarted is reached anew")
    func restart() throws {
        let server = try RunningServer.nginx(root.path)
        let fetcher = try fetcher()
        let url = "http://127.0.0.1:\(server.port)/file"
        for _ in 0..<2 {
            #expect(try Fetched(url, by: fetcher).brought(Array("content".utf8)))
            server.stop()
            #expect(!FreePort.isFree(server.port))
            #expect(try Fetched(url, by: fetcher).failed(.unreachable, "cannot fetch"))
            try server.start()
        }
    }

    @Test("a certificate counts when it is signed by the authorities of data_cafile and names the host")
    func certificates() throws {
        let (own, other) = (try TestCertificates(), try TestCertificates())
        let server = try RunningServer.nginx(root.path, certificate: own.server("127.0.0.1"))
        let url = "https://127.0.0.1:\(server.port)/file"
        #expect(try Fetched(url, by: fetcher(authority: own.authority)).brought(Array("content".utf8)))
        for authority in [other.authority, TransferOptions().caFile] {
            let fetched = try Fetched(url, by: fetcher(authority: authority))
            #expect(fetched.failed(.temporary, "the certificate of the server") && fetched.bytes.isEmpty, "\(fetched)")
        }
        #expect(try Fetched(url, by: fetcher(authority: root.path("no such file"))).error?.code == .temporary)
        let wrongName = try RunningServer.nginx(root.path, certificate: own.server("elsewhere.example"))
        let fetched = try Fetched("https://127.0.0.1:\(wrongName.port)/file", by: fetcher(authority: own.authority))
        #expect(fetched.failed(.temporary, "the certificate of the server") && fetched.bytes.isEmpty, "\(fetched)")
    }

    @Test("user and password come from credentials.conf, and nobody else is let in")
    func accounts() throws {
        let server = try RunningServer.nginx(root.path, user: ("carol", "p@ss:w/rd"))
        let url = "http://127.0.0.1:\(server.port)/file"
        let line = "http://carol:p%40ss%3Aw%2Frd@127.0.0.1:\(server.port)/"
        #expect(try Fetched(url, by: fetcher(line)).brought(Array("content".utf8)))
        #expect(try Fetched(url, by: fetcher()).failed(.refused, "says 401"))
        #expect(try Fetched(url, by: fetcher("http://carol:p%40ss%3Aw%2Frd@127.0.0.1:1/")).failed(.refused, "says 401"))
        #expect(
            try Fetched(url, by: fetcher("https://carol:p%40ss%3Aw%2Frd@127.0.0.1:\(server.port)/")).failed(.refused, "says 401"))
        let other = try Fetched("http://dave@127.0.0.1:\(server.port)/file", by: fetcher(line))
        #expect(other.failed(.refused, "says 401"))
        let wrong = try Fetched(url, by: fetcher("http://carol:secret@127.0.0.1:\(server.port)/"))
        #expect(wrong.failed(.refused, "says 401") && !"\(wrong)".contains("secret"))
        // The password goes with the first request: there is no round of questions for each file.
        #expect(server.accesses.first?.hasPrefix("GET /file HTTP/1.1 200 carol") == true, "\(server.accesses)")
    }

    @Test("a redirect takes the account along to the same server, and to no other")
    func redirectedAccounts() throws {
        let other = try LyingServer { _ in .http(200, [:], [1]) }
        let server = try LyingServer { request in
            switch request.path {
            case "/same": .http(302, ["Location": "/file"])
            case "/other": .http(302, ["Location": other.url("/file")])
            default: .http(200, [:], [1])
            }
        }
        let named = "http://carol:secret@127.0.0.1:\(other.port)/x"
        let hinting = try LyingServer { _ in .http(302, ["Location": named]) }
        for (options, expected) in [("", "Basic Y2Fyb2w6cHc="), (" bearer_token=t0ken", "Bearer t0ken")] {
            let account = options.isEmpty ? "carol:pw@" : ""
            let lines = [server, other, hinting].map { "http://\(account)127.0.0.1:\($0.port)/\(options)\n" }.joined()
            let fetcher = try fetcher(lines)
            for path in ["/same", "/other"] { #expect(try Fetched(server.url(path), by: fetcher).brought([1])) }
            #expect(try Fetched(hinting.url("/x"), by: fetcher).brought([1]))
            #expect(server.requests.suffix(3).map { $0.header("Authorization") } == [expected, expected, expected])
            #expect(other.requests.suffix(2).map { $0.header("Authorization") } == [nil, nil])
        }
        // Asked directly, the other server gets the account that is for it.
        #expect(try Fetched(other.url("/"), by: fetcher("http://carol:pw@127.0.0.1:\(other.port)/")).brought([1]))
        #expect(other.requests.last?.header("Authorization") == "Basic Y2Fyb2w6cHc=")
    }

    @Test("through a proxy: it is asked for the whole URL, with its own account")
    func proxy() throws {
        let proxy = try LyingServer { request in .http(200, [:], Array(request.path.utf8)) }
        var options = TransferOptions()
        try options.credentials.add("http://me:pw@127.0.0.1:\(proxy.port)/", path: "c")
        options.proxies = try ProxyChoice(option: "http://127.0.0.1:\(proxy.port)", [:], options.credentials)
        let fetcher = TransportFetcher(options)
        let strict = FetchPolicy(allowsLocal: false)
        // The proxy may be on this machine; the file's server may not.
        let fetched = try Fetched("http://data.example:81/a%20b", policy: strict, by: fetcher)
        #expect(fetched.brought(Array("http://data.example:81/a%20b".utf8)), "\(fetched)")
        #expect(proxy.requests.last?.header("Proxy-Authorization") == "Basic bWU6cHc=")
        #expect(proxy.requests.last?.header("Authorization") == nil)
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            #expect(try Fetched("http://\(host):81/f", policy: strict, by: fetcher).failed(.notAllowed, "of this machine"))
        }
        #expect(proxy.requests.count == 1)
        // https asks the proxy for a way through, and trusts what is behind only by its certificate.
        let tunnel = try Fetched("https://data.example/f", policy: strict, by: fetcher)
        #expect(
            tunnel.error != nil && tunnel.bytes.isEmpty
                && proxy.requests.last?.lines.first == "CONNECT data.example:443 HTTP/1.1",
            "\(tunnel)")
    }
}
