import DDCore
import Testing

@Suite("names on the broker")
struct NamesTests {
    @Test("an exchange of posts names its owner, and nothing else does")
    func owner() {
        #expect(ExchangeName.owner(ofPosts: "xs_alice") == "alice")
        #expect(ExchangeName.owner(ofPosts: ExchangeName.posts(of: "bob_b")) == "bob_b")
        for other in ["xs_", "xs", "xS_alice", "xl_alice", " xs_alice", "xpublic", ""] {
            #expect(ExchangeName.owner(ofPosts: other) == nil, "\(other)")
        }
    }

    @Test("the exchanges are called as every switch calls them")
    func exchanges() {
        let names = [
            ExchangeName.posts(of: "a"), ExchangeName.reports(of: "a"), ExchangeName.data(of: "a"),
            ExchangeName.privatePosts(of: "a"), ExchangeName.link(to: "b"), ExchangeName.publicPosts, ExchangeName.log,
            ExchangeName.unrouted,
            ExchangeName.control,
        ]
        #expect(names == ["xs_a", "xl_a", "xd_a", "xp_a", "xq_b", "xpublic", "xlog", "xunrouted", "xctl"])
    }

    @Test("a queue's name has four fields and never more than 255 bytes")
    func queues() {
        let short = QueueName.make(user: "bob", program: "dd_subscribe", config: "radar", id: "0a1b2c3d")
        #expect(short == "q_bob.dd_subscribe.radar.0a1b2c3d")
        let long = QueueName.make(user: "bob", program: "dd_sara", config: String(repeating: "é", count: 300), id: "0a1b2c3d")
        #expect(long.utf8.count <= 255)
        #expect(long.hasPrefix("q_bob.dd_sara.éé"))
        #expect(long.hasSuffix("é.0a1b2c3d"))
    }
}
