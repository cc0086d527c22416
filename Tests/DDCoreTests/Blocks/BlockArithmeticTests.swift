import DDTestSupport
import Testing

@testable import DDCore

@Suite("cutting files into blocks")
struct BlockArithmeticTests {
    private let seed = Seed()

    @Test("the blocks of a file lie one behind the other and are all of it")
    func covers() throws {
        for number in 0..<500 {
            var generator = seed.generator(case: number)
            let size = Int64.random(in: 0...5_000, using: &generator)
            let plan = try BlockPlan(size: size, blockSize: .random(in: 1...600, using: &generator))
            var end: Int64 = 0
            for block in 0..<plan.count {
                let parts = try plan.parts(block, method: .inplace)
                #expect(parts.offset == end && parts.size == size && parts.isSizeKnown, "\(seed) case \(number)")
                #expect(parts.length > 0 || size == 0, "\(seed) case \(number)")
                end = parts.offset + parts.length
            }
            #expect(end == size, "\(seed) case \(number)")
        }
    }

    @Test("a file that is not larger than a block stays whole")
    func whole() throws {
        func wire(_ size: Int64, _ blockSize: Int64, _ number: Int64, _ method: Parts.Method = .inplace) throws -> String {
            try BlockPlan(size: size, blockSize: blockSize).parts(number, method: method).wire
        }
        #expect(try wire(64, 64, 0) == "1,64,1,0,0")
        #expect(try wire(65, 64, 1) == "i,64,2,1,1")
        #expect(try wire(128, 64, 0, .partfile) == "p,64,2,0,0")
        #expect(try wire(0, 1, 0) == "1,0,1,0,0")
        #expect(try wire(3, 1, 2) == "i,1,3,0,2")
        #expect(try wire(.max, .max, 0) == "1,9223372036854775807,1,0,0")
        #expect(throws: MessageError.self) { try wire(3, 1, 3) }
        #expect(throws: MessageError.self) { try wire(.max, .max - 1, 0) }
        #expect(throws: MessageError.self) { try BlockPlan(size: 1, blockSize: 0) }
    }

    @Test("in random order each block comes once, and not in its place")
    func order() {
        for (number, count) in [1, 2, 3, 5, 8, 31, 100, 1_000, 4_097].enumerated() {
            var generator = seed.generator(case: number)
            let order = BlockOrder(count: Int64(count), shuffledBy: &generator)
            let blocks = (0..<Int64(count)).map { order.block(at: $0) }
            #expect(blocks.sorted() == Array(0..<Int64(count)), "\(seed) count \(count)")
            if count >= 100 { #expect(zip(blocks, 0...).count { $0 == $1 } < count / 10, "\(seed) count \(count)") }
        }
        let plain = BlockOrder(count: 10)
        #expect((0..<10).map { plain.block(at: $0) } == Array(0..<10))
    }

    @Test("a part file's name is read and written, whatever the name in it")
    func partNames() throws {
        for name in ["a", "a.b.c", ".hidden", "é 1.2.3", "x.4.2.0.0.d.Part"] {
            let part = try PartName(file: name, parts: Parts(wire: "i,4096,3,17,2"), sum: .compute(.md5))
            #expect(part.text == name + ".4096.3.17.2.z.Part")
            #expect(PartName(part.text) == part)
            #expect(part.parts.method == .partfile && part.parts.length == 17)
        }
        for name in [
            "a", "a.Part", "a.1.2.3.4.d.part", "a.4.2.0.2.d.Part", "a.4.2.5.0.d.Part", ".4.2.0.0.d.Part", "4.2.0.0.d.Part",
            "a.4.2.0.0..Part", "a.4.+2.0.0.d.Part", "a.0.2.0.0.d.Part", "a.9223372036854775807.2.0.0.d.Part", "",
        ] {
            #expect(PartName(name) == nil, "\(name)")
        }
    }
}
