import DDCore
import DDTestSupport
import Testing

@Suite("what is written is read again, whatever it is")
struct MessagePropertyTests {
    static let seed = Seed()
    static let cases = 0..<1_000

    static func source(_ number: Int) -> SampleSource {
        SampleSource(random: seed.generator(case: number))
    }

    @Test("a post")
    func posts() throws {
        for number in Self.cases {
            var source = Self.source(number)
            let post = source.post()
            let wire = try PostCodec.encode(post)
            #expect(wire.topic.utf8.count <= Topic.maxBytes)
            let again = try PostCodec.decode(wire)
            try #require(again == post, "\(Self.seed) case \(number)")
            // Strings are equal when only their normal forms are; the bytes must be the same.
            let bytes = again.location.relpath.utf8.elementsEqual(post.location.relpath.utf8)
            try #require(bytes, "\(Self.seed) case \(number)")
        }
    }

    @Test("a report")
    func reports() throws {
        for number in Self.cases {
            var source = Self.source(number)
            let report = Report(
                post: source.post(), code: Int.random(in: 100...999, using: &source.random), message: source.name(),
                host: source.name(), user: source.name(),
                seconds: Double.random(in: 0...source.pick([0.001, 1, 1e9]), using: &source.random))
            let wire = try ReportCodec.encode(report)
            #expect(ReportCodec.isReport(topic: wire.topic))
            try #require(try ReportCodec.decode(wire) == report, "\(Self.seed) case \(number)")
        }
    }

    @Test("parts, whose numbers agree with each other")
    func parts() throws {
        for number in Self.cases {
            var source = Self.source(number)
            let parts = source.parts()
            try #require(try Parts(wire: parts.wire) == parts, "\(Self.seed) case \(number)")
            let end = parts.offset + parts.length
            let isLast = parts.number == parts.count - 1
            try #require(isLast ? end == parts.size : end < parts.size, "\(Self.seed) case \(number)")
        }
    }

    @Test("a time")
    func times() throws {
        for number in Self.cases {
            var source = Self.source(number)
            let time = source.time()
            try #require(try Timestamp(wire: time.wire) == time, "\(Self.seed) case \(number)")
            let wire = time.wire
            try #require(try Timestamp(wire: wire.prefix(8) + "T" + wire.dropFirst(8)) == time, "\(Self.seed) case \(number)")
            #expect(time.day == wire.prefix(8))
        }
    }

    @Test("the topic of a relpath has no empty words, nothing that binds, and fits after make")
    func topics() {
        for number in Self.cases {
            var source = Self.source(number)
            let relpath = (0..<source.pick([1, 20])).map { _ in source.relpath() }.joined(separator: "/")
            let subtopic = Topic.subtopic(ofRelpath: relpath)
            let words = subtopic.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            #expect(subtopic.isEmpty || words.allSatisfy { !$0.isEmpty }, "\(Self.seed) case \(number)")
            #expect(!subtopic.utf8.contains { " #*/".utf8.contains($0) }, "\(Self.seed) case \(number)")
            let topic = Topic.make(prefix: "v02.post", subtopic: subtopic)
            #expect(topic.utf8.count <= Topic.maxBytes, "\(Self.seed) case \(number)")
            let whole = "v02.post." + subtopic + "."
            #expect(whole.utf8.starts(with: (topic + ".").utf8), "\(Self.seed) case \(number)")
        }
    }

    @Test("a pattern matches as a slow reference says")
    func matching() {
        for number in 0..<20_000 {
            var source = Self.source(number)
            let lengths = [0, 1, 2, 3, 6]
            let pattern = (0..<source.pick(lengths)).map { _ in source.pick(["a", "b", "*", "#", ""]) }.joined(separator: ".")
            let topic = (0..<source.pick(lengths)).map { _ in source.pick(["a", "b", ""]) }.joined(separator: ".")
            let expected = slowlyMatches(words(pattern), words(topic))
            let found = Topic.matches(pattern: pattern, topic: topic)
            #expect(found == expected, "\(Self.seed) case \(number): \(pattern) on \(topic)")
        }
    }

    private func words(_ text: String) -> ArraySlice<Substring> {
        text.isEmpty ? [] : text.split(separator: ".", omittingEmptySubsequences: false)[...]
    }

    private func slowlyMatches(_ pattern: ArraySlice<Substring>, _ topic: ArraySlice<Substring>) -> Bool {
        guard let wanted = pattern.first else { return topic.isEmpty }
        if wanted == "#" {
            return slowlyMatches(pattern.dropFirst(), topic) || !topic.isEmpty && slowlyMatches(pattern, topic.dropFirst())
        }
        guard let found = topic.first, wanted == "*" || wanted == found else { return false }
        return slowlyMatches(pattern.dropFirst(), topic.dropFirst())
    }
}
