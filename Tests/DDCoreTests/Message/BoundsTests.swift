import Testing

@testable import DDCore

@Suite("bounds of what is written about messages")
struct BoundsTests {
    private func post(_ headers: Headers = [:]) -> Post {
        var post = Post(
            time: Timestamp(seconds: 1_600_000_000), location: Location(base: "http://h/", relpath: "f"),
            event: .file(nil, .none("0")))
        (post.source, post.fromCluster, post.unknown) = ("alice", "here", headers)
        return post
    }

    @Test("a log line is bounded, in its message and in each field, at a character")
    func log() {
        let long = String(repeating: "é", count: 100_000)
        for format in Log.Format.allCases {
            let line = Log(program: "p", format: format).line(.error, long, ["path": long])
            #expect(line.utf8.count < 3 * LogLine.most && line.contains("... (200000 bytes)") && !line.contains("\u{FFFD}"))
        }
        let short = String(repeating: "x", count: LogLine.most)
        #expect(LogLine.bounded(short) == short && LogLine.bounded(short + "x").hasPrefix(short + "... ("))
        #expect(LogLine.bounded("x" + long).hasPrefix("xé"))
    }

    @Test("the longest headers of a post are left out of its report, and that is said; whose data it is stays")
    func report() throws {
        let long = String(repeating: "x", count: 5_000)
        let post = post(["a": long, "b": long, "c": "short", "d": long])
        let message = try ReportCodec.encode(
            Report(post: post, code: 201, message: "Published", host: "h", user: "u", seconds: 0))
        let bytes = message.headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        #expect(bytes < ReportCodec.maxHeaderBytes + 300)
        #expect(message.headers["message"] == "(10002 bytes of headers left out) Published" && message.headers["c"] == "short")
        let read = try ReportCodec.decode(message)
        #expect(read.post.source == "alice" && read.post.fromCluster == "here")
        let plain = try ReportCodec.encode(
            Report(post: self.post(["c": "short"]), code: 201, message: "Published", host: "h", user: "u", seconds: 0))
        #expect(plain.headers["message"] == "Published" && plain.headers["c"] == "short")
    }

    @Test("a line longer than any name needs is refused, in all forms", arguments: ["v02.post", "v00.dd.notify", "v03"])
    func line(topic: String) throws {
        let name = String(repeating: "n", count: BodyLine.maxBytes)
        let body =
            switch topic {
            case "v03": "{\"pubTime\":\"20260101T000000.0\",\"baseUrl\":\"http://h/\",\"relPath\":\"\(name)\"}"
            case "v02.post": "20260101000000.0 http://h/ \(name)"
            default: "d41d8cd98f00b204e9800998ecf8427e http://h/ \(name)"
            }
        do {
            _ = try PostCodec.decode(WireMessage(topic: topic, headers: ["sum": "0,0"], body: body))
            Issue.record("it was read")
        } catch {
            #expect(error.code == .body && error.text.contains("32768 are the most") && error.text.utf8.count < 300)
        }
        // What follows the line is reserved, and not measured.
        if topic == "v02.post" {
            _ = try PostCodec.decode(
                WireMessage(topic: topic, headers: ["sum": "0,0"], body: "20260101000000.0 http://h/ f\n\(name)"))
        }
    }

    @Test("what one source makes of a server is not held against it for others")
    func sources() {
        let servers = Servers(workers: 4, tellsSources: true)
        #expect(servers.name(of: "http://h/a", for: "alice") == "http://h (posted by alice)")
        #expect(servers.name(of: "http://h/a", for: nil) == "http://h")
        #expect(Servers(workers: 4).name(of: "http://h/a", for: "alice") == "http://h")
    }
}
