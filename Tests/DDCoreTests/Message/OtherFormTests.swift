import DDCore
import Testing

@Suite("posts of older and newer forms")
struct OtherFormTests {
    static let md5 = "6f5902ac237024bdd0c176cb93063dc4"
    static let base64 = "b1kCrCNwJL3QwXbLkwY9xA=="

    private func read(_ topic: String, _ body: String) throws(MessageError) -> Post {
        try PostCodec.decode(WireMessage(topic: topic, body: body))
    }

    /// A post of the form v03 with `more` members.
    private func read(_ more: String, path: String = "d/a.txt", topic: String = "v03.d") throws(MessageError) -> Post {
        try read(
            topic,
            "{\"pubTime\": \"20151020T152000.5\", \"baseUrl\": \"http://h/\", \"relPath\": \"\(path)\"\(more.isEmpty ? "" : ", " + more)}"
        )
    }

    @Test("v00, with and without a size", arguments: [("77 ", Parts.whole(size: 77)), ("", nil)])
    func oldest(_ size: String, _ parts: Parts?) throws {
        let post = try read("v00.dd.notify.radar.a.gif", "\(Self.md5) \(size)http://h/ radar/a%20b.gif\nmore")
        #expect(post.event == .file(parts, try Sum(wire: "d,\(Self.md5)")))
        #expect(post.location == Location(base: "http://h/", relpath: "radar/a b.gif"))
        #expect(post.subtopic == "radar.a.gif")
        #expect(abs(post.time.seconds(since: .now())) < 60)
        let written = try PostCodec.encode(post)
        #expect(try PostCodec.decode(written) == post)
        #expect(written.topic == "v02.post.radar.a.gif")
    }

    @Test("v01, with and without a time, in blocks and whole")
    func linePosts() throws {
        let whole = try read(
            "v01.post.20130101.bob.radar.a.gif", "20130101000000.5 457 1 0 0 d \(Self.md5) exp13 http://h/ radar/a.gif")
        #expect(whole.event == .file(.whole(size: 457), try Sum(wire: "d,\(Self.md5)")))
        #expect(whole.time == (try Timestamp(wire: "20130101000000.5")))
        #expect((whole.source, whole.flow) == ("bob", "exp13"))
        let block = try read("v01.post.radar", "4 3 2 1 n,i abc default sftp://bob:secret@h/x/y.gif radar/a.gif")
        let parts = try Parts(method: .inplace, blockSize: 4, count: 3, remainder: 2, number: 1)
        #expect(block.event == .file(parts, .name("abc")))
        #expect(block.location.encodedURL == "sftp://bob@h/x/y.gif")
        #expect(block.rename == "radar/a.gif")
        #expect(block.source == nil)
        let apart = try read("v01.post", "4 3 2 1 c=x.py abc default http://h/ a.gif")
        guard case .file(let part?, .arbitrary("abc")) = apart.event else { return #expect(Bool(false), "\(apart.event)") }
        #expect(part.method == .partfile)
    }

    @Test(
        "every method of an identity is read as its sum",
        arguments: [
            ("md5", base64, "d,\(md5)"), ("md5", "b1kCrCNwJL3Q\\nwXbLkwY9xA==\\n", "d,\(md5)"), ("random", "4711", "0,4711"),
            ("arbitrary", "v 1.2", "a,v 1.2"), ("cod", "sha512", "z,s"), ("cod", "md5", "z,d"), ("md5name", base64, "n,\(md5)"),
        ])
    func identity(_ method: String, _ value: String, _ sum: String) throws {
        for key in ["identity", "integrity"] {
            let post = try read("\"size\": \"7\", \"\(key)\": {\"method\": \"\(method)\", \"value\": \"\(value)\"}")
            #expect(post.event == .file(.whole(size: 7), try Sum(wire: sum)))
        }
    }

    @Test("the C tool's posts: a checksum broken over two lines, links and removals as methods")
    func cTool() throws {
        let broken = try read(
            "\"size\": \"7\", \"integrity\" : { \"method\" : \"md5\", \"value\" : \"b1kCrCNwJL3Q\nwXbLkwY9xA==\n\" }")
        #expect(broken.event == .file(.whole(size: 7), try Sum(wire: "d,\(Self.md5)")))
        let link = try read("\"integrity\" : { \"method\" : \"link\", \"value\" : \"eA==\" }, \"link\" : \"b.txt\"")
        #expect(link.event == .link(target: "b.txt"))
        let removed = try read("\"integrity\" : { \"method\" : \"remove\", \"value\" : \"eA==\" }")
        #expect(removed.event == .removed)
    }

    @Test(
        "every file operation is read as its event",
        arguments: [
            ("{\"link\": \"b\"}", Post.Event.link(target: "b"), nil), ("{\"remove\": \"\"}", .removed, nil),
            ("{\"directory\": \"\"}", .directory, nil), ("{\"remove\": \"\", \"directory\": \"\"}", .directoryRemoved, nil),
            ("{\"rename\": \"/d/old\"}", .file(nil, .none("")), "/d/old"),
            ("{\"rename\": \"/d/old\", \"link\": \"b\"}", .link(target: "b"), "/d/old"),
        ])
    func operations(_ operation: String, _ event: Post.Event, _ oldname: String?) throws {
        let post = try read("\"fileOp\": \(operation)")
        #expect(post.event == event)
        #expect(post.oldname == oldname)
    }

    @Test("a path to retrieve is where it is fetched from, and the relative path where it goes")
    func retrievePath() throws {
        let post = try read("\"size\": 1, \"retrievePath\": \"store/17.bin\"")
        #expect(post.location.encodedURL == "http://h/store/17.bin")
        #expect(post.rename == "d/a.txt")
        #expect(try read("\"size\": 1, \"retPath\": \"/d/a.txt\"").rename == nil)
    }

    @Test("only the oldest writer of v03 encodes names")
    func names() throws {
        #expect(try read("", path: "a%20b%41").location.relpath == "a%20b%41")
        #expect(try read("", path: "/a%20b%23%41", topic: "v03.post").location.relpath == "a b#%41")
        #expect(try read("", path: "post/x", topic: "v03.post").subtopic == "post")
        #expect(try read("", path: "/x/y", topic: "v03.post.x").subtopic == "x")
    }

    @Test("a body tells v02 from v03, whatever the topic says")
    func mixed() throws {
        #expect(try read("v03.d", "20151020152000.5 http://h/ d/a.txt").location.relpath == "d/a.txt")
        #expect(try read("", topic: "v02.post.d").subtopic == "d")
    }

    @Test("strings that are not known travel on, other values do not")
    func unknown() throws {
        let post = try read("\"mykey\": \"my\", \"n\": 1, \"content\": {\"value\": \"x\"}, \"_note\": \"y\", \"x-death\": \"z\"")
        #expect(post.unknown == ["mykey": "my"])
    }

    @Test(
        "what cannot be read is refused, and says which part is wrong",
        arguments: [
            ("v03", "{\"pubTime\" : \"20151020T152000\", \"relPath\" : \"q\"uote\"}", MessageError.Code.body),
            ("v03", "{\"relPath\" : \"back\\slash\"}", .body), ("v03", "{}", .body), ("v03", "{\"pubTime\": 1}", .body),
            ("v03", "[1]", .body), ("v04.post", "20151020152000.5 http://h/ a", .topic), ("v00.dd.notify", "abc", .body),
            ("v00.dd.notify", "abc http://h/ a", .sum), ("v00.dd.notify", "\(md5) nourl a", .url),
            ("v00.dd.notify", "\(md5) 99999999999999999999 http://h/ a", .parts),
            ("v01.post", "4 3 2 9 d \(md5) default http://h/ a", .parts), ("v01.post", "4 3 2 1 d", .body),
            ("v01.post", "4 3 2 1 d abc default http://h/ a", .sum), ("v01.post", "x.y 1 1 0 0 d a b http://h/ a", .time),
        ])
    func refused(_ topic: String, _ body: String, _ code: MessageError.Code) {
        let error = #expect(throws: MessageError.self) { try read(topic, body) }
        #expect(error?.code == code, "\(String(describing: error))")
    }

    @Test(
        "a v03 member that makes no sense is refused",
        arguments: [
            ("\"identity\": {\"method\": \"md5\", \"value\": \"%%\"}", MessageError.Code.sum),
            ("\"identity\": {\"method\": \"md5\", \"value\": \"AAAA\"}", .sum),
            ("\"identity\": {\"method\": \"crc\", \"value\": \"A\"}", .sum),
            ("\"identity\": \"x\"", .sum), ("\"identity\": {\"method\": \"cod\", \"value\": \"crc\"}", .sum),
            ("\"fileOp\": {\"explode\": \"\"}", .body), ("\"size\": -1", .parts), ("\"size\": 1.5", .parts),
            ("\"blocks\": {\"method\": \"inplace\", \"size\": 4, \"number\": 0}", .parts),
            ("\"blocks\": {\"method\": \"other\", \"size\": 4, \"count\": 1, \"number\": 0}", .parts),
            ("\"blocks\": {\"method\": \"inplace\", \"size\": 4, \"number\": 7, \"manifest\": {\"0\": {\"size\": 4}}}", .parts),
            ("\"mtime\": \"yesterday\"", .time), ("\"mode\": \"rwx\"", .number), ("\"source\": \"a\\nb\"", .text),
        ])
    func refusedMember(_ member: String, _ code: MessageError.Code) {
        let error = #expect(throws: MessageError.self) { try read(member) }
        #expect(error?.code == code, "\(String(describing: error))")
    }

    @Test("a body without end or with a name that breaks lines is refused")
    func limits() {
        #expect(throws: MessageError.self) { try read("\"k\": \"" + String(repeating: "x", count: 1 << 20) + "\"") }
        let many = (0..<300).map { "\"k\($0)\": \"\"" }.joined(separator: ", ")
        #expect(throws: MessageError.self) { try read(many) }
        #expect(throws: MessageError.self) { try read("", path: "a\nb") }
    }
}
