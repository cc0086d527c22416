import DDCore
import DDTestSupport
import DDTransfer
import Testing

/// Servers that do not do as they should: what was at the place stays there, and one line says why.
@Suite("lying servers")
struct LyingTests {
    static let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    /// One way not to give a file.
    struct Lie: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: LyingServer.Answer
        let code: TransferError.Code
        let words: String

        var testDescription: String { name }

        init(_ name: String, _ answer: LyingServer.Answer, _ code: TransferError.Code, _ words: String) {
            (self.name, self.answer, self.code, self.words) = (name, answer, code, words)
        }
    }

    private static func raw(_ head: String, _ body: some Sequence<UInt8> = []) -> [UInt8] {
        Array("HTTP/1.1 \(head)\r\n\r\n".utf8) + body
    }

    private static let page = Array("<html>an error page</html>".utf8)
    private static let other = content.map { $0 ^ 1 }

    static let lies: [Lie] = [
        Lie("not there", .http(404, [:], page), .gone, "is not there (404)"),
        Lie("gone", .http(410, [:], page), .gone, "is not there (410)"),
        Lie("forbidden", .http(403, [:], page), .refused, "says 403"),
        Lie("broken", .http(500, [:], page), .temporary, "says 500"),
        Lie("busy", .http(429, [:], page), .temporary, "says 429"),
        Lie("an error page as long as the file", .http(503, [:], content), .temporary, "says 503"),
        Lie("an error page without an end", .last(raw("500 No", [UInt8](repeating: 7, count: 1 << 20))), .temporary, "says 500"),
        Lie("nothing in the answer", .http(204), .refused, "says 204"),
        Lie(
            "a part that was not asked for", .http(206, ["Content-Range": "bytes 0-99999/100000"], content), .refused, "says 206"),
        Lie("other content", .http(200, [:], other), .wrongSum, "are not those announced"),
        Lie("said to be shorter", .http(200, [:], Array(content.dropLast())), .wrongLength, "sends 99999 bytes, expected 100000"),
        Lie("said to be longer", .http(200, [:], content + [0]), .wrongLength, "sends 100001 bytes, expected 100000"),
        Lie("empty", .http(200), .wrongLength, "sends 0 bytes"),
        Lie("shorter than said", .last(raw("200 OK\r\nContent-Length: 100000", content.dropLast())), .temporary, "cannot fetch"),
        Lie(
            "shorter without saying", .last(raw("200 OK\r\nConnection: close", content.dropLast())), .wrongLength,
            "got 99999 bytes"),
        Lie(
            "longer without saying", .last(raw("200 OK\r\nConnection: close", content + [0])), .wrongLength,
            "more than the 100000"),
        Lie("no answer", .last([]), .unreachable, "cannot fetch"),
        Lie("half a line", .last(Array("HTTP/1.1 2".utf8)), .unreachable, "cannot fetch"),
        Lie("another language", .last(Array("220 ftp here\r\n".utf8)), .unreachable, "cannot fetch"),
        Lie(
            "a head without an end", .last(raw("200 OK\r\nX: " + String(repeating: "x", count: 1 << 20))), .temporary,
            "cannot fetch"),
        Lie("a redirect to nowhere", .http(302), .refused, "says 302"),
        Lie("a redirect to a file", .http(302, ["Location": "file:///etc/passwd"]), .notAllowed, "only http and https"),
        Lie(
            "a redirect to another protocol", .http(301, ["Location": "gopher://127.0.0.1:1/"]), .notAllowed,
            "only http and https"),
        Lie("a redirect to ftp", .http(307, ["Location": "ftp://a:secret@127.0.0.1/x"]), .notAllowed, "to ftp://127.0.0.1/x"),
    ]

    @Test("the file that was there stays, and one line says why", arguments: lies)
    func lie(lie: Lie) throws {
        let server = try LyingServer { _ in lie.answer }
        let acquisition = try Acquisition(Self.content)
        let error = try acquisition.run(server.url("/file"), by: TransportFetcher(TransferOptions()))
        #expect(error.isClear(lie.code, lie.words), "\(error as Any)")
        #expect(acquisition.isUntouched)
    }

    @Test("the right bytes reach the place, whether or not their number is said before")
    func honest() throws {
        let closing = LyingServer.Answer.last(Self.raw("200 OK\r\nConnection: close", Self.content))
        for answer in [LyingServer.Answer.http(200, [:], Self.content), closing] {
            let server = try LyingServer { _ in answer }
            let acquisition = try Acquisition(Self.content)
            #expect(try acquisition.run(server.url("/file"), by: TransportFetcher(TransferOptions())) == nil)
            #expect(acquisition.isThere)
        }
    }

    @Test("a redirect loop ends after five", arguments: ["/file", "/other"])
    func loop(target: String) throws {
        let server = try LyingServer { _ in .http(302, ["Location": target]) }
        let acquisition = try Acquisition(Self.content)
        let error = try acquisition.run(server.url("/file"), by: TransportFetcher(TransferOptions()))
        #expect(error.isClear(.refused, "redirects more than 5 times") && acquisition.isUntouched)
        #expect(server.requests.count == 6)
    }

    @Test("a redirect is followed where its target is allowed, and nowhere else")
    func redirects() throws {
        let target = try LyingServer { _ in .http(200, [:], Self.content) }
        let server = try LyingServer { _ in .http(302, ["Location": target.url("/open/file")]) }
        func policy(_ allowed: [String]) throws -> FetchPolicy {
            FetchPolicy(allowed: try allowed.map { try AllowedURL($0, withSource: false) }, allowsLocal: false)
        }
        let fetcher = TransportFetcher(TransferOptions())
        for (path, isAllowed) in [("/open", true), ("/closed", false), ("/open/fil", false)] {
            let acquisition = try Acquisition(Self.content)
            let policy = try policy([server.url("/"), target.url(path)])
            let error = try acquisition.run(server.url("/file"), policy: policy, by: fetcher)
            if isAllowed {
                #expect(error == nil && acquisition.isThere)
            } else {
                #expect(error.isClear(.notAllowed, "/open/file is not under an allow_url") && acquisition.isUntouched)
            }
        }
        #expect(target.requests.count == 1)
    }

    @Test("a server that says nothing, or stops in the middle, is given up", arguments: [nil, 0, 50_000] as [Int?])
    func stall(sent: Int?) throws {
        let head = sent.map { Self.raw("200 OK\r\nContent-Length: 100000", Self.content.prefix($0)) }
        let server = try LyingServer { _ in .stall(head ?? []) }
        var options = TransferOptions()
        options.lowSpeedTime = 2
        let acquisition = try Acquisition(Self.content)
        let error = try acquisition.run(server.url("/file"), by: TransportFetcher(options))
        #expect(error.isClear(sent == nil ? .unreachable : .temporary, "came"), "\(error as Any)")
        #expect(acquisition.isUntouched)
    }
}
