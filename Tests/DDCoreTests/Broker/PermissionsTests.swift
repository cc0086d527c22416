import DDCore
import Testing

@Suite("permissions on the broker")
struct PermissionsTests {
    /// As the broker asks: does the pattern match somewhere in the name of the object.
    private func allows(_ pattern: String, _ object: String) throws -> Bool {
        try Regex(pattern).firstMatch(in: object) != nil
    }

    /// Every object of a user, in the form of both naming schemes.
    private func objects(of name: String) -> [String] {
        ["xs_", "xl_", "xp_", "xd_"].map { $0 + name } + ["q_\(name).dd_subscribe.radar.0a1b2c3d", "q_\(name).reports"]
    }

    @Test("a user has his own objects and reads what is public")
    func own() throws {
        let bob = Permissions(.user, name: "bob")
        for queue in ["q_bob.dd_subscribe.radar.0a1b2c3d", "q_bob_sr_subscribe.radar", "q_bob.reports"] {
            #expect(try allows(bob.configure, queue))
            #expect(try allows(bob.write, queue))
            #expect(try allows(bob.read, queue))
        }
        #expect(try allows(bob.write, "xs_bob"))
        for exchange in ["xpublic", "xl_bob", "xp_bob", "xd_alice"] { #expect(try allows(bob.read, exchange)) }
    }

    @Test("a user declares no exchange of the switch, writes in nobody's name and reads nobody's reports")
    func others() throws {
        let bob = Permissions(.user, name: "bob")
        for exchange in ["xs_bob", "xs_bob2", "xpublic", "xlog", "xctl", "xq_b", "amq.default", "amq.topic", ""] {
            #expect(try !allows(bob.configure, exchange), "\(exchange)")
        }
        for exchange in ["xs_alice", "xl_bob", "xd_bob", "xp_bob", "xpublic", "xlog", "xctl", "amq.default"] {
            #expect(try !allows(bob.write, exchange), "\(exchange)")
        }
        for object in ["xs_bob", "xs_alice", "xl_alice", "xp_alice", "xlog", "xctl", "xq_b", "q_feeder.dd_sara.ingest.bob"] {
            #expect(try !allows(bob.read, object), "\(object)")
        }
    }

    @Test("bob's patterns match nothing of users whose names begin or end with his, but for public posts")
    func similar() throws {
        let bob = Permissions(.user, name: "bob")
        for name in ["bobby", "bob1", "bob-b", "kbob", "Bob", "bob b", "xbob.x"] {
            for object in objects(of: name) {
                #expect(try !allows(bob.configure, object), "\(object)")
                #expect(try !allows(bob.write, object), "\(object)")
                #expect(try allows(bob.read, object) == object.hasPrefix("xd_"), "\(object)")
            }
        }
    }

    // Queues of older clients are called q_<user>_…: what cannot be told apart by a pattern must not be on one broker.
    @Test("bob_b and bob.x share a prefix with bob's queues, and are refused beside bob for that")
    func collisions() throws {
        let bob = Permissions(.user, name: "bob")
        for name in ["bob_b", "bob.x"] {
            #expect(Permissions.collide("bob", name) && Permissions.collide(name, "bob"))
            #expect(try allows(bob.configure, "q_\(name).dd_subscribe.radar.0a1b2c3d"))
            for prefix in ["xs_", "xl_", "xp_"] {
                #expect(try !allows(bob.write, prefix + name))
                #expect(try !allows(bob.read, prefix + name))
            }
        }
        #expect(Permissions.collide("bob", "bob"))
        for name in ["bobby", "bo", "alice", "b.bob", "bob-b"] { #expect(!Permissions.collide("bob", name), "\(name)") }
    }

    @Test("a name's own characters are not taken for a pattern")
    func escaping() throws {
        let odd = Permissions(.user, name: "a.b+(c)|x")
        #expect(try allows(odd.write, "xs_a.b+(c)|x"))
        for object in ["xs_aXb+(c)|x", "xs_a.bb(c)|x", "xs_a.b+(c)", "x", "xs_"] {
            #expect(try !allows(odd.write, object), "\(object)")
        }
    }

    @Test("the feeder and the administrator write in no user's name", arguments: [Permissions.Role.feeder, .administrator])
    func owners(role: Permissions.Role) throws {
        let permissions = Permissions(role, name: "somebody")
        #expect(try !allows(permissions.write, "xs_alice"))
        #expect(try allows(permissions.write, "xpublic"))
        #expect(try allows(permissions.read, "xs_alice"))
        #expect(try allows(permissions.write, "amq.default") == (role == .feeder))
        #expect(try allows(permissions.write, "xctl") == (role == .administrator))
    }

    @Test("every pattern is anchored at both ends", arguments: Permissions.Role.allCases)
    func anchored(role: Permissions.Role) {
        let permissions = Permissions(role, name: "bob")
        for pattern in [permissions.configure, permissions.write, permissions.read] {
            #expect(pattern.hasPrefix("^") && pattern.hasSuffix("$"))
        }
    }

    @Test("a link reads the private posts for its cluster, and for no other")
    func link() throws {
        let link = Permissions(.link, name: "link_north")
        #expect(try allows(link.read, "xq_north"))
        #expect(try !allows(link.read, "xq_south"))
        #expect(try !allows(link.write, "xq_north"))
    }
}
