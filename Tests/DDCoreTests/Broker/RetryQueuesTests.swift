import DDTestSupport
import Testing

@testable import DDCore

@Suite("retry queues")
struct RetryQueuesTests {
    private let waits: [Duration] = [.seconds(3600), .seconds(5), .seconds(600), .seconds(60), .seconds(5)]

    private func queues() throws -> RetryQueues { try #require(RetryQueues(base: "q_bob.x", waits: waits)) }

    @Test("there is one queue for each waiting time, each leading to the one of what has waited")
    func plans() throws {
        let plans = try queues().plans
        #expect(plans.map(\.name) == ["q_bob.x.again"] + ["5s", "1m", "10m", "1h"].map { "q_bob.x.retry.\($0)" })
        #expect(plans.map(\.messageTTL) == [nil, 5_000, 60_000, 600_000, 3_600_000])
        #expect(plans.map(\.deadLetterExchange) == [nil] + Array(repeating: "q_bob.x.again", count: 4))
        for plan in plans {
            #expect(plan.hasExchange && plan.isDurable && plan.bindings.isEmpty)
            // A queue of what waits has no consumer: to the broker it is unused, and must live longer than anything in it.
            #expect(try #require(plan.expires) > 10 * (plan.messageTTL ?? 0))
        }
    }

    @Test("everything they are called is the user's own on the broker")
    func permissions() throws {
        let bob = Permissions(.user, name: "bob")
        for plan in try queues().plans {
            for pattern in [bob.configure, bob.write, bob.read] {
                #expect(try Regex(pattern).wholeMatch(in: plan.name) != nil, "\(plan.name)")
            }
        }
    }

    @Test("names are those of the longest unit that divides them")
    func names() throws {
        let queues = try #require(RetryQueues(base: "q", waits: [1, 90, 120, 7_200, 86_400].map { .seconds($0) }))
        #expect(queues.steps.map(\.name) == ["1s", "90s", "2m", "2h", "1d"])
    }

    @Test("a base that leaves no room for their names, or no waits, have none")
    func none() {
        #expect(RetryQueues(base: String(repeating: "x", count: 250), waits: waits) == nil)
        #expect(RetryQueues(base: String(repeating: "x", count: 245), waits: waits) != nil)
        #expect(RetryQueues(base: "q", waits: []) == nil)
    }

    @Test("a post waits at least as long as was asked, where a step is that long, and longer the older it is")
    func steps() throws {
        let queues = try queues()
        let cases: [(asked: Double, age: Double, name: String)] = [
            (1, 0, "5s"), (6, 0, "5s"), (60, 0, "1m"), (64, 0, "1m"), (1e9, 0, "1h"), (1, 59, "5s"), (1, 60, "1m"),
            (1, 599, "1m"), (1, 600, "10m"), (1, 3_599, "10m"), (1, 3_600, "1h"), (1, 1e9, "1h"), (-1, -1, "5s"),
        ]
        for (asked, age, name) in cases {
            #expect(queues.step(asked: asked, age: age).name == name, "asked \(asked), age \(age)")
        }
    }

    @Test(
        "after any outage a post is back before it has waited twice as long, and the fresher one is not back later than the older"
    )
    func outages() throws {
        let seed = Seed()
        var random = seed.generator()
        let queues = try queues()
        func delay(_ outage: Double) -> Double {
            var age = 0.0
            while age < outage { age += Double(queues.step(asked: 1, age: age).seconds) }
            return age - outage
        }
        for _ in 0..<1_000 {
            let outage = Double.random(in: 10..<100_000, using: &random)
            #expect(delay(outage) <= min(outage, 3_600), "\(outage) s, \(seed)")
        }
        for minute in 1...29 { #expect(delay(Double(minute) * 60) <= delay(1_800) + 600) }
    }
}
