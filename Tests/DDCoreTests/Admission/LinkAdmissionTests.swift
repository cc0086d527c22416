import Testing

@testable import DDCore

@Suite("posts that come over a link")
struct LinkAdmissionTests {
    private func plan(from clusters: [String] = []) -> SaraPlan {
        var placement = Placement(mirrors: true)
        placement.namesClusters = true
        var plan = SaraPlan(
            cluster: "here", readsSources: false, root: "/nowhere", placement: placement, url: "http://here/",
            exchange: "xpublic",
            rules: [], reporter: nil, sources: SourceTable(), allowsLocal: false)
        plan.link = "up"
        plan.fromClusters = clusters
        plan.routes = RouteTable(cluster: "here")
        var record = UserRecord(name: "link_down", role: .link)
        record.reaches = ["far": 1]
        plan.routes?.apply(record)
        return plan
    }

    private func post(_ via: [String], from: String?, _ path: String = "20260101/alice/f") -> Post {
        var post = Sample.post(path)
        (post.via, post.fromCluster, post.source) = (via, from, "alice")
        return post
    }

    @Test("where they come from is what the link can know")
    func origin() {
        func code(_ via: [String], _ from: String?, _ plan: SaraPlan) -> Int? {
            var post = post(via, from: from)
            return Admission.identify(&post, Sample.delivery(exchange: "xq_here"), plan)?.code
        }
        #expect(code(["up"], "up", plan()) == nil && code(["x", "y", "up"], "x", plan()) == nil)
        // Without a word of the link; posted elsewhere than it began; been here; from here.
        for (via, from) in [
            ([], "up"), (["x"], "x"), (["up", "x"], "up"), (["x", "up"], "y"), (["up"], nil), (["x", "here", "up"], "x"),
        ] {
            #expect(code(via, from, plan()) == 417, "\(via) \(from ?? "")")
        }
        #expect(code(["here", "up"], "here", plan()) == 417)
        #expect(code(["x", "up"], "x", plan(from: ["x"])) == nil && code(["x", "up"], "x", plan(from: ["up", "z"])) == 403)
    }

    @Test("each source of each cluster has a folder of its own, and a path outside of it is refused")
    func places() throws {
        let placement = plan().placement
        #expect(try placement.place(for: post(["up"], from: "up")).relpath == "20260101/alice@up/f")
        // It was given its name before.
        #expect(try placement.place(for: post(["x", "up"], from: "x", "20260101/alice@x/d/f")).relpath == "20260101/alice@x/d/f")
        for path in [
            "20260101/bob/f", "20260101/alice@y/f", "alice/f", "20260101/f", "20261301/alice/f", "20260101/alice",
            "20260101/../alice/f",
        ] {
            #expect(throws: FileError.self, "\(path)") { try placement.place(for: post(["x", "up"], from: "x", path)) }
        }
        var nameless = post(["x", "up"], from: "x")
        nameless.source = "a/b"
        #expect(throws: FileError.self) { try placement.place(for: nameless) }
        var renamed = post(["up"], from: "up")
        renamed.rename = "20260101/bob@up/f"
        #expect(throws: FileError.self) { try placement.place(for: renamed) }
    }

    @Test("they are announced here when they are for here, and for each next switch with what that is to care for")
    func announced() throws {
        func ways(_ names: [String], _ via: [String] = ["up"]) throws -> [String] {
            var post = post(via, from: via[0], "20260101/alice@up/f")
            post.toClusters = names
            let place = try Place("20260101/alice@up/f")
            return try plan().outgoing(plan().announced(post, at: place)).map {
                "\($0.exchange) \($0.message.headers["to_clusters"] ?? "-")"
            }
        }
        #expect(try ways(["here"]) == ["xpublic here"] && ways([]) == ["xpublic -"])
        #expect(try ways(["far", "here"]) == ["xpublic far,here", "xq_down far"])
        #expect(try ways(["down", "far"]) == ["xq_down down,far"])
        #expect(try ways(["ALL"]) == ["xpublic ALL", "xq_down ALL"] && ways(["ALL"], ["down", "up"]) == ["xpublic ALL"])
        #expect(try ways(["far"], ["down", "up"]) == [])
        var lost = post(["up"], from: "up")
        lost.toClusters = ["fra"]
        #expect(Admission.refusal(of: lost, plan())?.message == "no way from here to fra (is far meant?)")
        lost.toClusters = ["fra", "here"]
        #expect(Admission.refusal(of: lost, plan()) == nil)
        #expect(
            Admission.shortfall(of: lost, plan())?.status.message
                == "no way from here to fra (is far meant?); it goes to the others")
    }
}

@Suite("reports over links")
struct RouterOverLinksTests {
    private func ways(_ via: [String], _ from: String?) throws -> [String] {
        let router = ReportRouter(cluster: "here")
        var post = Sample.post("20260101/alice@x/f")
        (post.via, post.fromCluster, post.source) = (via, from, "alice")
        let report = Report(post: post, code: 201, message: "", host: "h", user: "u", seconds: 0)
        return router.outgoing(report, try ReportCodec.encode(report), fault: router.fault(of: report)).map(\.exchange)
    }

    @Test("they go back the way that the post came, by one switch")
    func back() throws {
        #expect(try ways(["x", "here"], "x") == ["xlog", "xr_x"])
        #expect(try ways(["x", "y", "here", "z"], "x") == ["xlog", "xr_y"])
        #expect(try ways(["here", "z"], "here") == ["xlog", "xl_alice"] && ways([], nil) == ["xlog", "xl_alice"])
    }

    // Found before: in_flight of this switch waits for reports of an account, which had another name then.
    @Test("beyond this switch a consumer is called with its name, and here as before")
    func names() throws {
        let router = ReportRouter(cluster: "here")
        var post = Sample.post("20260101/alice@x/f")
        (post.via, post.fromCluster, post.source) = (["x", "here"], "x", "alice")
        func users(_ user: String) throws -> [String] {
            let report = Report(post: post, code: 201, message: "", host: "h", user: user, seconds: 0)
            return try router.outgoing(report, ReportCodec.encode(report), fault: nil).map {
                try ReportCodec.decode($0.message).user
            }
        }
        #expect(try users("bob") == ["bob", "bob@here"] && users("bob@c") == ["bob@c", "bob@c"])
    }

    @Test(
        "a way that cannot be is none",
        arguments: [([], "x"), (["x"], "x"), (["y", "here"], "x"), (["here"], "x"), (["a/b", "here"], "a/b")])
    func none(via: [String], from: String) throws {
        #expect(try ways(via, from) == ["xlog", "xunrouted"])
    }
}
