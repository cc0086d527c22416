import Testing

@testable import DDCore

@Suite("signed posts")
struct PostSignatureTests {
    private static let secret = [UInt8](repeating: 7, count: 32)

    private func signed(_ event: Post.Event) throws -> Post {
        var post = Sample.post("d/f", event)
        (post.source, post.fromCluster, post.mtime, post.mode) = ("alice", "a", Timestamp(seconds: 5, nanoseconds: 120), 0o644)
        try post.sign(with: Self.secret)
        return post
    }

    private var signers: [String: [UInt8]] { get throws { ["alice@a": try Primitives.ed25519Public(of: Self.secret)] } }

    @Test(
        "what the source says is verified after any number of switches, and nothing of it can be changed",
        arguments: [
            .file(.whole(size: 3), .digest(.md5, [UInt8](repeating: 1, count: 16))), .link(target: "x"), .removed, .directory,
            .directoryRemoved,
        ] as [Post.Event])
    func verified(_ event: Post.Event) throws {
        var post = try signed(event)
        for (cluster, prefix) in [("a", "20260101/alice/"), ("b", "20260101/alice@a/")] {
            post = try PostCodec.decode(try PostCodec.encode(post))
            post.postedAs = post.postedAs ?? post.location.relpath
            post.location = Location(base: "http://\(cluster)/", relpath: prefix + "d/f")
            post.via.append(cluster)
            #expect(post.signatureFault(try signers) == nil)
        }
        let changes: [(inout Post) -> Void] = [
            { $0.postedAs = "d/g" }, { $0.time = Timestamp(seconds: $0.time.seconds + 1) }, { $0.mode = 0o777 },
            { $0.mtime = nil },
            { $0.event = .file(.whole(size: 3), .digest(.md5, [UInt8](repeating: 2, count: 16))) }, { $0.oldname = "d/f" },
            { $0.source = "bob" }, { $0.fromCluster = "b" }, { $0.unknown["signature"] = nil },
            { $0.unknown["signature"] = "AAAA" },
        ]
        for (number, change) in changes.enumerated() {
            var other = post
            change(&other)
            #expect(other.signatureFault(try signers) != nil, "change \(number)")
        }
        #expect(post.signatureFault(["alice@a": [UInt8](repeating: 9, count: 32)]) == "alice@a has not signed it")
    }

    @Test("dd_subscribe takes nothing else, and passes over what a switch says of a whole file whose blocks were signed")
    func taken() throws {
        var plan = SubscribePlan(
            rules: [], directory: "/nowhere", placement: Placement(mirrors: true),
            reporter: Reporter(user: "bob", host: "h", .tell(exchange: "xs_bob")))
        plan.signers = try signers
        let intake = try SubscribeIntake(plan, log: Log(program: "test")) { _ in }
        func outcome(_ post: Post) throws -> Consideration {
            intake.consider(Sample.delivery(exchange: "xpublic", message: try PostCodec.encode(post)))
        }
        let post = try signed(.file(.whole(size: 3), .none("0")))
        guard case .work = try outcome(post) else {
            Issue.record("what is signed is not taken")
            return
        }
        var bare = post
        bare.unknown["signature"] = nil
        guard case .settled(let refused) = try outcome(bare) else {
            Issue.record("what is not signed is taken")
            return
        }
        #expect(refused.result == .failed && refused.reports.count == 1)
        let block = try signed(.file(try Parts(method: .inplace, blockSize: 2, count: 2, remainder: 1, number: 1), .none("0")))
        let whole = try #require(try block.asWhole(size: 3, sum: .compute(.md5)))
        guard case .settled(let passed) = try outcome(whole) else {
            Issue.record("a whole file is taken unsigned")
            return
        }
        #expect(passed.result == .passed && passed.reports.isEmpty)
    }
}
