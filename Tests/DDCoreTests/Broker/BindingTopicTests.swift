import Testing

@testable import DDCore

@Suite("topics of bindings")
struct BindingTopicTests {
    @Test(
        "two signs for any number of words may be asked for, and no more",
        arguments: [
            ("v02.post.#", false), ("#", false), ("v02.post.*.CWAO.#.GIF", false), ("#.CWAO.#", false), ("", false),
            ("#.#.#", true), ("v02.#.a.#.b.#", true), ("#.#.#.#.#.#.#.#", true),
        ])
    func cost(topic: String, isCostly: Bool) throws {
        #expect(BindingTopic.isCostly(topic) == isCostly)
        let matches = try Regex(BindingTopic.permitted).wholeMatch(in: topic) != nil
        #expect(matches == !isCostly)
    }

    @Test("whose a queue is")
    func owners() {
        let names = UserNames(["bob", "bob-x", "al.ice"])
        let wanted = [
            ("q_bob.x", "bob"), ("q_bob_x", "bob"), ("q_bob-x.y.z", "bob-x"), ("q_al.ice.x", "al.ice"), ("q_bobby.x", nil),
            ("q_bob", nil), ("xs_bob", nil), ("q_al.x", nil),
        ]
        for (queue, owner) in wanted { #expect(names.owner(of: queue) == owner, "\(queue)") }
    }
}
