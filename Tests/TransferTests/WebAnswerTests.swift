import DDCore
import DDTestSupport
import DDTransfer
import Testing

/// Answers of web servers that are neither the file nor an error: each has been decided.
@Suite("answers of web servers that are neither file nor error")
struct WebAnswerTests {
    private let bytes = Array("twelve bytes".utf8)

    @Test("202 comes again; 203 is somebody's else word; 204 is an empty file where one was announced")
    func statuses() throws {
        func fetch(_ status: Int, size: Int64?, _ body: [UInt8]) throws -> Fetched {
            let server = try LyingServer { _ in .http(status, [:], body) }
            return try Fetched(server.url("/f"), size: size)
        }
        #expect(try fetch(202, size: 12, bytes).failed(.temporary, "not ready yet"))
        #expect(try fetch(203, size: 12, bytes).failed(.refused, "says 203"))
        #expect(try fetch(204, size: 0, []).brought([]))
        for size in [12, nil] as [Int64?] { #expect(try fetch(204, size: size, []).failed(.refused, "says 204")) }
    }

    @Test("a redirect may have blanks as they are")
    func blanks() throws {
        let bytes = bytes
        let server = try LyingServer { request in
            switch request.path {
            case "/f": .http(302, ["Location": "/a b/c d"])
            case "/g":
                .http(302, ["Location": "http://127.0.0.1:\(request.header("Host")?.split(separator: ":").last ?? "")/a b/c d"])
            case "/a%20b/c%20d": .http(200, [:], bytes)
            default: .http(404)
            }
        }
        for path in ["/f", "/g"] {
            let fetched = try Fetched(server.url(path), size: 12)
            #expect(fetched.brought(bytes), "\(fetched) \(server.requests.map(\.path))")
        }
    }

    @Test("a form of the bytes that nobody asked for is the file where its size or name says so, and nothing otherwise")
    func encodings() throws {
        let bytes = bytes
        let server = try LyingServer { _ in .http(200, ["Content-Encoding": "gzip"], bytes) }
        #expect(try Fetched(server.url("/f"), size: 12).brought(bytes))
        #expect(try Fetched(server.url("/f.tar.gz")).brought(bytes))
        for path in ["/f", "/f.txt?x=.gz"] {
            let fetched = try Fetched(server.url(path))
            #expect(fetched.failed(.refused, "nobody asked for") && fetched.bytes.isEmpty, "\(fetched)")
        }
        let plain = try LyingServer { _ in .http(200, ["Content-Encoding": "identity"], bytes) }
        #expect(try Fetched(plain.url("/f")).brought(bytes))
    }

    @Test("a redirect from a file to its folder is no file, and from a folder to a page for signing in no listing")
    func folders() throws {
        let server = try LyingServer { request in
            switch request.path {
            case "/d": .http(301, ["Location": "/d/"])
            case "/closed/": .http(302, ["Location": "/login?next=/closed/"])
            default: .http(200, [:], Array("<title>Index of /</title></html>".utf8))
            }
        }
        #expect(try Fetched(server.url("/d")).failed(.refused, "is a folder"))
        let scratch = try TemporaryFolder()
        let lister = FolderLister(
            fetcher: TransportFetcher(TransferOptions()), policy: FetchPolicy(allowsLocal: true), scratch: scratch.path)
        #expect(throws: TransferError.self) { try lister.list(server.url("/closed/"), problem: { _ in }, each: { _ in }) }
        #expect(server.requests.count == 2)
    }
}
