import DDCore
import DDTestSupport

/// Random values for property tests.
extension SampleSource {
    /// A name that is legal in a path, odd on purpose.
    mutating func name() -> String {
        let odd = [
            " ", "#", "%", "%4", "%41", "%20", "*", ".", "..", "é", "e\u{301}", "\u{301}", "日本", "😀", "?", "&", "\"", "\\", "@",
            ":",
            ",", "+",
        ]
        let count = Int.random(in: 1...6, using: &random)
        return (0..<count).map { _ in Bool.random(using: &random) ? pick(odd) : pick(["a", "b7", "Radar", "x.grib"]) }.joined()
    }

    /// Up to five names.
    mutating func relpath() -> String {
        (0...Int.random(in: 0...4, using: &random)).map { _ in name() }.joined(separator: "/")
    }

    /// An instant of the years 1 to 9999.
    mutating func time() -> Timestamp {
        Timestamp(
            seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random),
            nanoseconds: Int32.random(in: 0...999_999_999, using: &random))
    }

    /// Parts of any method, up to the largest file.
    mutating func parts() -> Parts {
        let limits: [Int64] = [1, 10, 1 << 20, .max]
        let size = Int64.random(in: 1...pick(limits), using: &random)
        let count = Int64.random(in: 1...min(pick(limits), Int64.max / size), using: &random)
        let remainder = pick([0, size, Int64.random(in: 0...size, using: &random)])
        let number = pick([0, count - 1, Int64.random(in: 0..<count, using: &random)])
        let method: Parts.Method = pick([.inplace, .partfile])
        let parts = try? Parts(method: method, blockSize: size, count: count, remainder: remainder, number: number)
        return Bool.random(using: &random) ? .whole(size: size) : parts ?? .whole(size: 0)
    }

    /// A sum of any method.
    mutating func sum() -> Sum {
        let algorithm = pick(Digest.Algorithm.allCases)
        let bytes = (0..<algorithm.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        return pick([.digest(algorithm, bytes), .name(name()), .none("4711"), .compute(algorithm), .arbitrary(name())])
    }

    /// A post with some of the optional fields.
    mutating func post() -> Post {
        let base = pick(["http://h/", "http://h:8780", "sftp://u@h//abs dir/", "ftp://bob@h/100%41/é/", "file:/"])
        let event: Post.Event = pick([
            .file(parts(), sum()), .file(nil, sum()), .link(target: nil), .link(target: relpath()), .removed, .directory,
            .directoryRemoved,
        ])
        var post = Post(time: time(), location: Location(base: base, relpath: relpath()), event: event)
        // A longer one is cut on the wire.
        if post.subtopic.utf8.count > 200 { post.subtopic = "" }
        if Bool.random(using: &random) { (post.source, post.fromCluster) = (name(), name()) }
        if Bool.random(using: &random) { (post.mtime, post.atime) = (time(), time()) }
        if Bool.random(using: &random) { post.mode = UInt16.random(in: 0...0o7777, using: &random) }
        if Bool.random(using: &random) { (post.rename, post.postedAs) = (relpath(), relpath()) }
        if Bool.random(using: &random) { (post.oldname, post.newname) = ("/" + relpath(), relpath()) }
        if Bool.random(using: &random) { post.inBlocks = parts() }
        if Bool.random(using: &random) { (post.flow, post.toUsers) = (name(), ["bob@two", "eve@three"]) }
        if Bool.random(using: &random) { (post.toClusters, post.via) = (["ALL"], ["one", "two", "three"]) }
        if Bool.random(using: &random) { (post.unknown["k" + name()], post.unknown["empty"]) = (name(), "") }
        return post
    }
}

/// Where random values come from.
struct SampleSource {
    var random: SplitMix64

    /// One of `choices`, which must not be empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
