import DDCore
import DDTestSupport
import Testing

@Suite("how a file is cut")
struct BlockPlanTests {
    static let seed = Seed()

    @Test("the blocks of a file cover each of its bytes once, in order")
    func cover() throws {
        for number in 0..<2_000 {
            var random = Self.seed.generator(case: number)
            let plan = try BlockPlan(
                size: .random(in: 0...5_000, using: &random), blockSize: .random(in: 1...300, using: &random))
            var end: Int64 = 0
            for block in 0..<plan.count {
                let parts = try plan.parts(block, method: .inplace)
                try #require(parts.offset == end && parts.size == plan.size, "\(Self.seed) case \(number)")
                try #require(parts.length > 0 || plan.size == 0, "\(Self.seed) case \(number)")
                end += parts.length
            }
            try #require(end == plan.size, "\(Self.seed) case \(number)")
        }
    }

    @Test("a file of one block is announced as a whole, and there is no block behind the last")
    func ends() throws {
        #expect(try BlockPlan(size: 4, blockSize: 4).parts(0, method: .inplace) == .whole(size: 4))
        #expect(try BlockPlan(size: 0, blockSize: 4).parts(0, method: .partfile) == .whole(size: 0))
        let plan = try BlockPlan(size: 9, blockSize: 4)
        #expect(plan.count == 3 && plan.remainder == 1)
        #expect(throws: MessageError.self) { try plan.parts(3, method: .inplace) }
        #expect(throws: MessageError.self) { try BlockPlan(size: 9, blockSize: 0) }
        #expect(try BlockPlan(size: .max, blockSize: 1).count == .max)
    }
}
