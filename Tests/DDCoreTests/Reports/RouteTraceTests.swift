import Testing

@testable import DDCore

@Suite("a probe of dd_post --trace_route")
struct RouteTraceTests {
    private func probe(to cluster: String) throws -> ProbeIntake {
        var post = ProbeIntake.post(".trace_route")
        (post.isProbe, post.toClusters) = (true, [cluster])
        return try ProbeIntake(post, to: "xs_alice", awaited: [cluster]) { _ in }
    }

    private func answer(_ probe: ProbeIntake, _ code: Int, from cluster: String, _ message: String, via: [String]) throws {
        var post = Sample.post(probe.relpath, base: "file:///", .removed)
        (post.via, post.toClusters, post.isProbe) = (via, ["c"], true)
        let user = via.isEmpty ? "feeder" : "link_\(cluster)"
        post.fromCluster = "a"
        let report = Report(post: post, code: code, message: message, host: "h", user: user, seconds: 0)
        let delivery = Sample.delivery(exchange: "xl_alice", user: nil, message: try ReportCodec.encode(report))
        _ = probe.consider(delivery)
    }

    @Test("it ends when every switch on the way has answered, in whatever order the answers come")
    func late() throws {
        let probe = try probe(to: "c")
        try answer(probe, 201, from: "c", "reached", via: ["a", "b"])
        #expect(!probe.isSatisfied && probe.awaited.isEmpty)
        try answer(probe, 202, from: "a", "carried on to b", via: [])
        #expect(!probe.isSatisfied && probe.passed.subtracting(probe.heard) == ["b"])
        try answer(probe, 202, from: "b", "carried on to c", via: ["a"])
        #expect(probe.isSatisfied && !probe.hasFailed)
    }
}
