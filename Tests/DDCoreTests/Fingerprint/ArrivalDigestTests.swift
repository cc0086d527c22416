import DDTestSupport
import Testing

@testable import DDCore

@Suite("sums of what arrives")
struct ArrivalDigestTests {
    static let seed = Seed()

    @Test("a large transfer summed on a second thread has the same digest as one summed at once", arguments: [0, 1, 2])
    func same(number: Int) throws {
        var random = Self.seed.generator(case: number)
        let bytes = (0..<Int.random(in: 5_000_000...9_000_000, using: &random)).map {
            UInt8(truncatingIfNeeded: $0 &* 31 &+ number)
        }
        let algorithm = Digest.Algorithm.allCases[number % Digest.Algorithm.allCases.count]
        let plain = try Digest(algorithm)
        bytes.withUnsafeBytes { plain.update($0) }
        let arrival = try ArrivalDigest(Digest(algorithm), size: Int64(bytes.count))
        var position = 0
        while position < bytes.count {
            let next = min(bytes.count, position + Int.random(in: 1...700_000, using: &random))
            bytes[position..<next].withUnsafeBytes { arrival.update($0) }
            position = next
        }
        #expect(arrival.finish() == plain.finish(), "\(Self.seed)")
    }

    @Test("a digest given up in the middle lets its thread go")
    func abandoned() throws {
        for _ in 0..<300 {
            let digest = try #require(DigestThread(.md5))
            [UInt8](repeating: 1, count: 1_100_000).withUnsafeBytes { digest.update($0) }
        }
        #expect(try ArrivalDigest(Digest(.md5), size: nil).finish().count == 16)
    }

    @Test("a mailbox does not hold on to what was taken")
    func released() {
        final class Item: Sendable {}
        let box = Mailbox<Item>()
        box.put(Item())
        box.put(Item())
        weak var first: Item?
        do {
            let item = box.take()
            first = item
        }
        #expect(first == nil)
    }
}
