import DDCore
import DDTestSupport
import Testing

@Suite("what is malformed is refused")
struct MessageRefusalTests {
    static let sum = "d,6f5902ac237024bdd0c176cb93063dc4"

    @Test(
        "a body",
        arguments: [
            ("", .body), ("20151020152000.5", .body), ("20151020152000.5 http://h/", .body),
            ("\n20151020152000.5 http://h/ a", .body),
            ("20151020152000.5  http://h/ a", .url), ("20151020152000.5 h/ a", .url), ("20151020152000.5 ://h/ a", .url),
            ("20151020152000.5 http://h/ a\tb", .text), ("20151020152000.5 http://h/ a\r\n", .text),
            ("20151020152000.5 http://h/ a%00b", .text), ("20151020152000.5 http://h/%0A/ a", .text),
            ("20151020152000.5 http://h/ %ff", .text), ("20151020152000.5 http://h/ %C3", .text),
            ("20151020152000.5 http://h/ %C2%9B", .text), ("20151020152000.5 http://h/ a\u{9B}b", .text),
            ("20151020152000.5 http://h/ %ED%A0%80", .text), ("20151020152000.5 http://h/ %C0%AF", .text),
            ("20151320152000.5 http://h/ a", .time), ("x http://h/ a", .time),
        ] as [(String, MessageError.Code)])
    func body(_ body: String, _ code: MessageError.Code) {
        #expect(refusal { try PostCodec.decode(WireMessage(topic: "v02.post.a", body: body)) } == code)
    }

    @Test(
        "a header",
        arguments: [
            ("parts", "x,1,1,0,0", .parts), ("parts", ",0,1,0,0", .parts), ("parts", "1", .parts), ("parts", "1,", .parts),
            ("parts", "1,-1,1,0,0", .parts), ("parts", "1,+1,1,0,0", .parts), ("parts", "1, 1,1,0,0", .parts),
            ("parts", "1,1,2,0,0", .parts), ("parts", "1,1,1,0,1", .parts), ("parts", "1,9,1,5,0", .parts),
            ("parts", "1,9223372036854775808", .parts), ("parts", "1,99999999999999999999999999999,1,0,0", .parts),
            ("parts", "i,10", .parts), ("parts", "i,0,1,0,0", .parts), ("parts", "i,10,0,0,0", .parts),
            ("parts", "i,10,2,0,2", .parts),
            ("parts", "i,10,2,11,0", .parts), ("parts", "i,10,2,0,0,0", .parts), ("parts", "i,4611686018427387904,2,0,0", .parts),
            ("parts", "p,9223372036854775807,9223372036854775807,0,0", .parts), ("parts", "ii,1,1,0,0", .parts),
            ("sum", "d", .sum), ("sum", "d,", .sum), ("sum", "d,6f", .sum), ("sum", "d,6g5902ac237024bdd0c176cb93063dc4", .sum),
            ("sum", "s,6f5902ac237024bdd0c176cb93063dc4", .sum), ("sum", "q,1", .sum), ("sum", ",", .sum), ("sum", "z", .sum),
            ("sum", "z,n", .sum), ("sum", "z,z,d", .sum), ("sum", "Rx", .sum), ("sum", "é,1", .sum),
            ("mtime", "20150229000000", .time), ("mtime", "2015102015200", .time), ("mtime", "201510201520000", .time),
            ("mtime", "20151020152000.", .time), ("mtime", "20151020152000.5.5", .time), ("mtime", "-0151020152000", .time),
            ("mtime", "20151020T152000T", .time), ("mtime", "20151020240000", .time), ("mtime", "20151020236000", .time),
            ("mtime", "20151020235961", .time), ("mtime", "00001020235959", .time), ("atime", "None", .time),
            ("mode", "8", .number),
            ("mode", "10000", .number), ("mode", "-1", .number), ("mode", "+1", .number), ("mode", "0x1", .number),
            ("mode", "777777777777777777777777", .number), ("source", "a\nb", .text), ("other", "a\u{0}", .text),
            ("o\u{7F}ther", "a", .text), ("CC", "a\u{0}", .text),
        ] as [(String, String, MessageError.Code)])
    func header(_ name: String, _ value: String, _ code: MessageError.Code) {
        var message = WireMessage(topic: "v02.post.a", headers: ["sum": Self.sum], body: "20151020152000.5 http://h/ a")
        message.headers[name] = value
        #expect(refusal { try PostCodec.decode(message) } == code)
    }

    @Test(
        "a topic",
        arguments: ["", "v02", "v02.postal", "v02.log.a", "v04.a", "v00.dd.notice.a", "v02.post.a\nb", "v03.a\nb", "V02.post.a"])
    func topic(_ topic: String) {
        #expect(refusal { try PostCodec.decode(WireMessage(topic: topic, body: "20151020152000.5 http://h/ a")) } == .topic)
    }

    @Test(
        "the end of a report",
        arguments: [
            ("", .body), ("201", .body), ("201 h u", .body), ("201 h u 1 2", .number), ("20 h u 1", .number),
            ("2010 h u 1", .number),
            ("-20 h u 1", .number), ("+20 h u 1", .number), ("020 h u 1", .number), ("201  u 1", .body), ("201 h  1", .body),
            ("201 h u -1", .number), ("201 h u nan", .number), ("201 h u inf", .number), ("201 h u 1e999", .number),
            ("201 h u 0x1", .number), ("201 h u ", .body), ("201 h%0A u 1", .text), ("201 h %ff 1", .text),
        ] as [(String, MessageError.Code)])
    func report(_ end: String, _ code: MessageError.Code) {
        let message = WireMessage(topic: "v02.report.a", body: "20151020152000.5 http://h/ a " + end)
        #expect(refusal { try ReportCodec.decode(message) } == code)
    }

    @Test("a post that could not be read again is not written")
    func writing() {
        func code(_ change: (inout Post) -> Void) -> MessageError.Code? {
            var post = Post(time: .now(), location: Location(base: "http://h/", relpath: "a"), event: .removed)
            change(&post)
            return refusal { try PostCodec.encode(post) }
        }
        #expect(code { _ in } == nil)
        #expect(code { $0.location.base = "/d/" } == .url)
        #expect(code { $0.location.base = "http://h/\n/" } == .text)
        #expect(code { $0.location.relpath = "a\u{1B}" } == .text)
        #expect(code { $0.subtopic = "a\n" } == .text)
        #expect(code { $0.mode = 0o10000 } == .number)
        #expect(code { $0.via = ["a,b"] } == .header)
        #expect(code { $0.toClusters = [""] } == .header)
        #expect(code { $0.toUsers = [" a"] } == .header)
        #expect(code { $0.flow = "a\n" } == .text)
        #expect(code { $0.event = .file(nil, .digest(.md5, [1])) } == .sum)
        #expect(code { $0.unknown[""] = "a" } == .header)
        #expect(code { $0.unknown[String(repeating: "n", count: 256)] = "a" } == .header)
        #expect(code { $0.time.seconds = .max } == nil)
    }

    @Test("a message cut at any byte is read or refused", arguments: VectorTests.posts + VectorTests.newer + VectorTests.reports)
    func cut(_ vector: Vector) {
        func read(_ message: WireMessage) {
            _ = refusal { try PostCodec.decode(message) }
            _ = refusal { try ReportCodec.decode(message) }
        }
        func cuts(_ text: String) -> [String] {
            text.utf8.indices.map { String(decoding: text.utf8[..<$0], as: UTF8.self) }
        }
        for body in cuts(vector.message.body) {
            read(WireMessage(topic: vector.message.topic, headers: vector.message.headers, body: body))
        }
        for topic in cuts(vector.message.topic) {
            read(WireMessage(topic: topic, headers: vector.message.headers, body: vector.message.body))
        }
        for (name, value) in vector.message.headers.fields {
            for value in cuts(value) {
                var message = vector.message
                message.headers[name] = value
                read(message)
            }
        }
    }

    @Test("a message with changed bytes is read or refused, and a read one can be written and read again")
    func changed() throws {
        let seed = Seed()
        for number in 0..<5_000 {
            var source = SampleSource(random: seed.generator(case: number))
            var message = source.pick(VectorTests.posts + VectorTests.newer).message
            for _ in 0..<3 {
                var bytes = Array(message.body.utf8)
                let place = Int.random(in: 0..<bytes.count, using: &source.random)
                bytes[place] = source.pick([32, 34, 37, 44, 47, 48, 57, 10, 0, 92, 123, 125, 255, 195])
                message.body = String(decoding: bytes, as: UTF8.self)
                for (name, value) in message.headers.fields where source.pick([true, false]) {
                    let cut = value.utf8.prefix(Int.random(in: 0...value.utf8.count, using: &source.random))
                    message.headers[name] =
                        String(decoding: cut, as: UTF8.self) + source.pick(["", "0", ",", "999999999999", "-", "é"])
                }
            }
            guard let post = try? PostCodec.decode(message) else { continue }
            let again = try PostCodec.decode(try PostCodec.encode(post))
            try #require(again == post, "\(seed) case \(number)")
        }
    }

    @Test("an error's text is one line without control characters")
    func text() {
        var message = WireMessage(topic: "v02.post", body: "2015\n x")
        #expect(text { try PostCodec.decode(message) }?.utf8.contains(10) == false)
        message.body = "20151020152000.5 http://h/ a\u{1B}[1m\tb"
        #expect(text { try PostCodec.decode(message) }?.utf8.contains { $0 < 32 } == false)
    }

    private func refusal<Value>(_ body: () throws -> Value) -> MessageError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? MessageError)?.code
        }
    }

    private func text<Value>(_ body: () throws -> Value) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}
