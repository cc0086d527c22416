import DDCore
import DDTestSupport
import DDTransfer
import Testing

/// Blocks over http: the right bytes, or none.
@Suite("ranges over http")
struct RangeTests {
    static let file = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    /// Answers ranges as a good server does.
    private static func honest(_ request: LyingServer.Request) -> LyingServer.Answer {
        guard let header = request.header("Range") else { return .http(200, [:], file) }
        let ends = header.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
        guard ends.count == 2, ends[0] < file.count else { return .http(416, ["Content-Range": "bytes */\(file.count)"]) }
        let last = min(ends[1], file.count - 1)
        return .http(206, ["Content-Range": "bytes \(ends[0])-\(last)/\(file.count)"], Array(file[ends[0]...last]))
    }

    /// Answers a request for bytes 100-199 with this status, range and number of bytes.
    private static func lying(_ status: Int, _ range: String?, _ count: Int) throws -> Fetched {
        let server = try LyingServer { _ in
            .http(status, range.map { ["Content-Range": $0] } ?? [:], Array(file.dropFirst(100).prefix(count)))
        }
        return try Fetched(server.url("/f"), size: 1_000, range: FetchRange(offset: 100, length: 100))
    }

    @Test(
        "any range brings exactly its bytes, over one connection", arguments: [(0, 1), (0, 999), (1, 999), (999, 1), (400, 200)])
    func ranges(offset: Int, length: Int) throws {
        let server = try LyingServer(Self.honest)
        let fetcher = CurlFetcher()
        for size in [1_000, nil] as [Int64?] {
            let range = FetchRange(offset: Int64(offset), length: Int64(length))
            let fetched = try Fetched(server.url("/f"), size: size, range: range, by: fetcher)
            #expect(fetched.error == nil && fetched.count == Int64(length))
            #expect(fetched.bytes == Array(Self.file[offset..<offset + length]))
        }
        #expect(
            server.requests.compactMap { $0.header("Range") }
                == Array(repeating: "bytes=\(offset)-\(offset + length - 1)", count: 2))
        #expect(server.connections == 1)
        // The handle forgets the range.
        #expect(try Fetched(server.url("/f"), size: 1_000, by: fetcher).bytes == Self.file)
    }

    @Test("a range that is the whole file needs no server that serves ranges")
    func whole() throws {
        let server = try LyingServer { _ in .http(200, [:], Self.file) }
        let range = FetchRange(offset: 0, length: 1_000)
        #expect(try Fetched(server.url("/f"), size: 1_000, range: range).bytes == Self.file)
        #expect(server.requests.allSatisfy { $0.header("Range") == nil })
    }

    @Test("a server that ignores the range gives no byte")
    func ignored() throws {
        for count in [100, 900] {
            let fetched = try Self.lying(200, nil, count)
            #expect(fetched.failed(.refused, "it does not serve ranges") && fetched.bytes.isEmpty, "\(fetched)")
        }
    }

    @Test(
        "another range than the one asked for gives no byte",
        arguments: [
            "bytes 0-99/1000", "bytes 100-198/1000", "bytes 100-200/1000", "bytes 101-200/1000", "bytes 100-199", "100-199/1000",
            "bytes 199-100/1000", "bytes 100-199/150", "bytes -100-199/1000", "bytes 100-199/1000/2", "bytes */1000", "",
            "bytes 100-99999999999999999999/1000", "bytes +100-199/1000",
        ])
    func wrongRange(header: String) throws {
        let fetched = try Self.lying(206, header, 100)
        #expect(fetched.failed(.refused, "bytes 100-199") && fetched.bytes.isEmpty, "\(fetched)")
    }

    @Test("a range without Content-Range gives no byte")
    func noHeader() throws {
        let fetched = try Self.lying(206, nil, 100)
        #expect(fetched.failed(.refused, "Content-Range") && fetched.bytes.isEmpty, "\(fetched)")
    }

    @Test("a file of another size than announced has changed since")
    func changed() throws {
        for total in [999, 1_001, 2_000] {
            let fetched = try Self.lying(206, "bytes 100-199/\(total)", 100)
            #expect(fetched.failed(.changed, "it has \(total) bytes, not 1000") && fetched.bytes.isEmpty, "\(fetched)")
        }
        let gone = try Self.lying(416, "bytes */50", 0)
        #expect(gone.failed(.changed, "it has no bytes 100-199") && gone.bytes.isEmpty)
        // Where the server does not say the size, the range is enough.
        #expect(try Self.lying(206, "bytes 100-199/*", 100).bytes == Array(Self.file[100..<200]))
    }

    @Test("a body shorter or longer than its range is a failure, and no byte beyond the range is handed on")
    func length() throws {
        let short = try Self.lying(206, "bytes 100-199/1000", 99)
        #expect(short.failed(.wrongLength, "got 99 bytes"), "\(short)")
        let long = try Self.lying(206, "bytes 100-199/1000", 101)
        #expect(long.failed(.wrongLength, "more than the 100 bytes") && long.bytes.count <= 100, "\(long)")
    }

    @Test(
        "a range that is none is refused before anything is asked",
        arguments: [(0, 0), (-1, 5), (5, -1), (Int64.max, 2)] as [(Int64, Int64)])
    func noRange(offset: Int64, length: Int64) throws {
        let server = try LyingServer(Self.honest)
        let fetched = try Fetched(server.url("/f"), size: 1_000, range: FetchRange(offset: offset, length: length))
        #expect(fetched.failed(.refused, "no range") && server.requests.isEmpty)
    }
}
