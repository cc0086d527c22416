import CLinux
import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("private posts")
struct PrivatePlaceTests {
    /// The ingest of a switch with bob and carol, of whom only bob has an account at its web server, and a link to a switch before far.
    private func plan(_ folder: TemporaryFolder) -> SaraPlan {
        var plan = SaraPlan(
            cluster: "here", readsSources: true, root: "/nowhere", placement: Placement(mirrors: false, daily: true),
            url: "http://here/", exchange: nil, rules: [], reporter: nil, sources: SourceTable(), allowsLocal: false)
        plan.routes = RouteTable(cluster: "here", groups: ["all-of-them": ["here", "far"]])
        plan.privates = PrivateAccess(folder.path("accounts"), cluster: "here", log: Log(program: "test"))
        var link = UserRecord(name: "link_down", role: .link)
        (link.reaches, link.web) = (["far": 1], WebSecret.hash("link"))
        var bob = UserRecord(name: "bob", role: .consumer)
        bob.web = WebSecret.hash("bob")
        for record in [link, bob, UserRecord(name: "carol", role: .consumer)] {
            plan.routes?.apply(record)
            plan.privates?.apply(record)
        }
        return plan
    }

    private func post(_ readers: [String], to clusters: [String] = []) -> Post {
        var post = Sample.post("d/f")
        (post.source, post.fromCluster, post.time) = ("alice", "here", .now())
        (post.toUsers, post.toClusters) = (readers, clusters)
        return post
    }

    @Test(
        "they go where their readers are, each switch and reader is told only what concerns it, and the web server lets those in")
    func readers() throws {
        let folder = try TemporaryFolder()
        let plan = plan(folder)
        var post = post(["eve@far", "bob@here", "carol@here", "dave@far"])
        #expect(Admission.address(&post, plan) == nil && post.toClusters == ["far", "here"])
        #expect(Admission.refusal(of: self.post(["bob@here"], to: ["here"]), plan)?.code == 403, "no allow_url, but readers")
        let place = try plan.placement.place(for: post)
        let group = try #require(PrivatePlace.group(of: place))
        #expect(place.relpath == "\(post.time.day)/alice/dd-private/\(group)/d/f")
        let sent = try plan.outgoing(plan.announced(post, at: place))
        #expect(sent.map(\.exchange) == ["xp_bob", "xq_down"])
        #expect(sent.map { $0.message.headers["to_users"] } == ["bob@here", "eve@far,dave@far"].map(Optional.some))
        #expect(sent.map { $0.message.headers["to_clusters"] } == ["far,here", "far"].map(Optional.some))
        #expect(Admission.shortfall(of: post, plan)?.status.message.contains("carol has no account at the web server") == true)
        try plan.open(post, at: place)
        let lines = try SmallFile.lines(folder.path("accounts/" + group))
        #expect(
            lines == [
                "# dd private of here: /bob/link_down/", "bob:\(WebSecret.hash("bob") ?? "")",
                "link_down:\(WebSecret.hash("link") ?? "")",
            ])
        // Stopped, and removed: nobody gets in by that name, nor by the same name later.
        var bob = UserRecord(name: "bob", role: .consumer)
        (bob.web, bob.stopped) = (WebSecret.hash("bob"), .hold)
        plan.privates?.apply(bob)
        #expect(try !SmallFile.lines(folder.path("accounts/" + group)).contains { $0.hasPrefix("bob:") })
        (bob.stopped, bob.removed) = (nil, .now())
        plan.privates?.apply(bob)
        bob.removed = nil
        plan.privates?.apply(bob)
        #expect(try SmallFile.lines(folder.path("accounts/" + group)).first == "# dd private of here: /link_down/")
    }

    @Test("a group's file that cannot be understood is nobody's to take, is named, and holds up no other group's")
    func garbled() throws {
        let folder = try TemporaryFolder()
        let log = dd_openat(AT_FDCWD, folder.path("log"), O_WRONLY | O_CREAT, 0o600)
        defer { close(log) }
        let privates = PrivateAccess(
            folder.path("accounts"), cluster: "here", log: Log(program: "test", level: .notice, format: .text, descriptor: log))
        let groups = ["0a", "0b", "0c"].map { String(repeating: $0, count: 16) }
        var bob = UserRecord(name: "bob", role: .consumer)
        bob.web = WebSecret.hash("bob")
        privates.apply(bob)
        for group in groups { try privates.admit(["bob"], to: group, of: "far") }
        try SmallFile.write("\nbob:x\n", to: folder.path("accounts/" + groups[1]))
        try SmallFile.write("", to: folder.path("accounts/" + groups[2]))
        for group in groups.dropFirst() {
            #expect(throws: FileError.self) { try privates.admit(["bob", "eve"], to: group, of: "other") }
            #expect(try !SmallFile.lines(folder.path("accounts/" + group)).contains { $0.contains("eve") })
        }
        bob.stopped = .hold
        privates.apply(bob)
        #expect(try SmallFile.lines(folder.path("accounts/" + groups[0])).last == "# bob is not let in")
        let told = try #require(SmallFile.text(folder.path("log")))
        for group in groups.dropFirst() {
            #expect(
                told.contains("the first line of \(folder.path("accounts/" + group)) does not say whose group it is"), "\(told)")
        }
    }

    @Test("a group is its readers in any order, and of one source alone")
    func groups() throws {
        func group(_ names: [String], _ source: String = "alice") throws -> String {
            try PrivatePlace.group(of: names.compactMap(Recipient.init), source: source, cluster: "here")
        }
        let two = try group(["bob@c", "eve@b"])
        #expect(try group(["eve@b", "bob@c", "bob@c"]) == two && two.utf8.count == 32)
        let others = try [
            group(["bob@c"]), group(["bob@c", "eve@b"], "mallory"),
            PrivatePlace.group(ofTree: "t", source: "alice", cluster: "here"),
        ]
        #expect(!others.contains(two) && Set(others).count == 3)
    }

    @Test("only private data lies in folders of private data, at the first switch and at further ones")
    func places() throws {
        let own = Placement(mirrors: false, daily: true)
        var further = Placement(mirrors: true)
        further.keepsDailyTrees = true
        let group = String(repeating: "0a", count: 16)
        for path in ["dd-private/\(group)/f", "dd-private/f", "dd-private"] {
            var post = post([])
            post.location.relpath = path
            #expect(throws: FileError.self, "\(path)") { try own.place(for: post) }
            post.location.relpath = "20260101/alice/" + path
            #expect(throws: FileError.self, "\(path)") { try further.place(for: post) }
        }
        var open = post([])
        open.location.relpath = "d/dd-private/f"
        _ = try own.place(for: open)
        var closed = post(["bob@here"])
        for path in ["20260101/alice/d/f", "20260101/alice/dd-private/f", "20260101/alice/dd-private/short/f", "f"] {
            closed.location.relpath = path
            #expect(throws: FileError.self, "\(path)") { try further.place(for: closed) }
        }
        closed.location.relpath = "20260101/alice/dd-private/\(group)/f"
        #expect(try PrivatePlace.group(of: further.place(for: closed)) == group)
        #expect(throws: FileError.self) { try own.place(for: closed) }
    }

    @Test(
        "forms that name nobody, or somebody elsewhere than where the post goes, are refused",
        arguments: [
            (["bob"], []), (["@here"], []), (["bob@"], []), (["bob@here/x"], []), (["bob@here"], ["far"]),
            (["bob@here", "x"], []),
        ] as [([String], [String])])
    func refused(_ readers: [String], _ clusters: [String]) throws {
        let folder = try TemporaryFolder()
        var plan = plan(folder)
        var post = post(readers, to: clusters)
        #expect(Admission.address(&post, plan)?.code == 417)
        plan.privates = nil
        #expect(Admission.address(&post, plan)?.code == 503)
    }

    @Test(
        "the account at the web server is the same wherever it is made, and dd_subscribe takes it only for what came by the user's own exchange"
    )
    func account() throws {
        // hashlib.pbkdf2_hmac("sha256", b"secret", b"dd web bob", 10000, 16)
        #expect(WebSecret.make(user: "bob", password: "secret") == "48af3f392abde79b24c88d27fa157deb")
        // htpasswd -nbs x secret
        #expect(WebSecret.hash("secret") == "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")
        var plan = SubscribePlan(rules: [], directory: "/nowhere", placement: Placement(mirrors: true), reporter: nil)
        plan.privateExchange = "xp_bob"
        let intake = try SubscribeIntake(plan, log: Log(program: "test")) { _ in }
        let message = try PostCodec.encode(post(["bob@here"]))
        for exchange in ["xp_bob", "xpublic", "xd_mallory"] {
            guard case .work(let job) = intake.consider(Sample.delivery(exchange: exchange, message: message)) else {
                Issue.record("\(exchange): it is not fetched")
                continue
            }
            #expect(job.post.isPrivate == (exchange == "xp_bob"))
        }
    }

    @Test("a group is of the cluster where its data was posted: nobody elsewhere lets anybody at it, by a post or a permit")
    func owners() throws {
        let folder = try TemporaryFolder()
        let plan = plan(folder)
        let privates = try #require(plan.privates)
        let group = try PrivatePlace.group(ofTree: "t", source: "alice", cluster: "here")
        func first() throws -> String? { try SmallFile.lines(folder.path("accounts/" + group)).first }
        try privates.admit(["carol"], to: group, of: "here")
        #expect(throws: FileError.self) { try privates.admit(["bob"], to: group, of: "up") }
        var post = post(["bob@here"], to: ["here"])
        (post.fromCluster, post.via) = ("up", ["up"])
        let place = try Place("20260101/alice@up/dd-private/\(group)/f")
        #expect(throws: FileError.self) { try plan.open(post, at: place) }
        #expect(try first() == "# dd private of here: /carol/")
        // What a link has written before is this switch's own as soon as its source says so, and then no other link's.
        let other = try PrivatePlace.group(ofTree: "u", source: "alice", cluster: "here")
        try privates.admit(["bob"], to: other, of: "up")
        #expect(throws: FileError.self) { try privates.admit(["bob"], to: other, of: "elsewhere") }
        try privates.admit(["carol"], to: other, of: "here")
        #expect(throws: FileError.self) { try privates.admit(["bob"], to: other, of: "up") }
        #expect(try SmallFile.lines(folder.path("accounts/" + other)).first == "# dd private of here: /carol/")
    }
}
