import Testing

@testable import DDCore

@Suite("what a post must pass before anything is fetched")
struct AdmissionTests {
    private func plan(sources: Bool = true, allowed: [String] = ["alice http://h/"]) throws -> SaraPlan {
        SaraPlan(
            cluster: "here", aliases: ["also"], readsSources: sources, root: "/nowhere", placement: Placement(mirrors: true),
            url: "http://here/", exchange: nil, rules: [], reporter: nil,
            sources: SourceTable(["alice", "bob"], allowed: try allowed.map { try AllowedURL($0, withSource: true) }),
            allowsLocal: false)
    }

    @Test("who posted is the owner of the exchange, whatever the message claims")
    func claimedSource() throws {
        var post = Sample.post("f")
        (post.source, post.fromCluster, post.postedAs) = ("bob", "there", "elsewhere")
        #expect(Admission.identify(&post, Sample.delivery(exchange: "xs_alice", user: "alice"), try plan()) == nil)
        #expect(post.source == "alice" && post.fromCluster == "here" && post.postedAs == nil)
    }

    @Test("a publisher that did not name itself is taken for the owner, who alone may write there")
    func noUser() throws {
        var post = Sample.post("f")
        #expect(Admission.identify(&post, Sample.delivery(user: nil), try plan()) == nil)
        #expect(post.source == "alice")
    }

    @Test(
        "what came by an exchange that is no source's own is refused", arguments: ["xpublic", "xs_", "", "XS_alice", "xl_alice"])
    func exchange(name: String) throws {
        var post = Sample.post("f")
        post.source = "alice"
        #expect(Admission.identify(&post, Sample.delivery(exchange: name, user: nil), try plan())?.code == 417)
        #expect(post.source == nil)
    }

    @Test("what its owner did not post by his own hand is refused")
    func notByOwner() throws {
        var post = Sample.post("f")
        #expect(Admission.identify(&post, Sample.delivery(deadLettered: true), try plan())?.code == 417)
        #expect(Admission.identify(&post, Sample.delivery(user: "bob"), try plan())?.code == 417)
        #expect(Admission.identify(&post, Sample.delivery(user: ""), try plan())?.code == 417)
        post.via = ["there"]
        #expect(Admission.identify(&post, Sample.delivery(), try plan())?.code == 417)
    }

    @Test("from another switch a post keeps its source, unless it has been here")
    func fromSwitch() throws {
        let plan = try plan(sources: false)
        var post = Sample.post("f")
        (post.source, post.fromCluster, post.via) = ("carol", "there", ["there", "between"])
        #expect(Admission.identify(&post, Sample.delivery(exchange: "xpublic", user: "feeder"), plan) == nil)
        #expect(post.source == "carol" && post.fromCluster == "there")
        post.via.append("here")
        #expect(Admission.identify(&post, Sample.delivery(exchange: "xpublic"), plan)?.code == 417)
        (post.via, post.fromCluster) = ([], "here")
        #expect(Admission.identify(&post, Sample.delivery(exchange: "xpublic"), plan)?.code == 417)
    }

    @Test("data is fetched only from where its source may point to")
    func allowedURL() throws {
        let plan = try plan(allowed: ["alice http://h/data", "http://all/"])
        func code(_ base: String, _ relpath: String, source: String?) -> Int? {
            var post = Sample.post(relpath, base: base)
            post.source = source
            return Admission.refusal(of: post, plan)?.code
        }
        #expect(code("http://h/", "data/f", source: "alice") == nil)
        #expect(code("http://all/", "f", source: "bob") == nil)
        for (base, relpath, source) in [
            ("http://h/", "data/f", "bob"), ("http://h/", "other/f", "alice"), ("http://h/", "database/f", "alice"),
            ("https://h/", "data/f", "alice"), ("http://h:81/", "data/f", "alice"), ("http://h.evil/", "data/f", "alice"),
            ("http://h@evil/", "data/f", "alice"), ("http://h/", "data/../f", "alice"), ("file:/", "etc/passwd", "alice"),
            ("http://evil/http://h/", "data/f", "alice"),
        ] {
            #expect(code(base, relpath, source: source) == 403, "\(base) \(relpath) \(source)")
        }
    }

    @Test("events carry no bytes: their place is not fetched from")
    func events() throws {
        for event in [Post.Event.removed, .directory, .link(target: "x")] {
            #expect(Admission.refusal(of: Sample.post("f", base: "http://elsewhere/", event), try plan()) == nil)
        }
    }

    @Test("a switch without allow_url takes what another switch announces; sources need one")
    func noAllowURL() throws {
        #expect(Admission.refusal(of: Sample.post("f"), try plan(sources: false, allowed: [])) == nil)
        #expect(Admission.refusal(of: Sample.post("f"), try plan(sources: true, allowed: []))?.code == 403)
    }

    @Test("a post for other clusters is refused with 406, a private one with 503")
    func destinations() throws {
        var post = Sample.post("f")
        post.source = "alice"
        for (clusters, code) in [
            ([], nil), (["here"], nil), (["also"], nil), (["ALL"], nil), (["there", "here"], nil), (["there"], 406),
            (["all"], 406),
            (["HERE"], 406),
        ] as [([String], Int?)] {
            post.toClusters = clusters
            #expect(Admission.refusal(of: post, try plan())?.code == code, "\(clusters)")
        }
        post.toClusters = []
        post.toUsers = ["bob@here"]
        #expect(Admission.address(&post, try plan())?.code == 503)
    }
}
