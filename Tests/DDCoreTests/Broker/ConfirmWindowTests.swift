import DDTestSupport
import Testing

@testable import DDCore

@Suite("the window of unconfirmed publishes")
struct ConfirmWindowTests {
    static let seed = Seed()

    @Test("settles what a model settles: single, multiple, out of order, twice, unknown")
    func property() throws {
        for number in 0..<500 {
            var random = Self.seed.generator(case: number)
            var window = ConfirmWindow<UInt64>()
            var open: [UInt64] = []
            var next = UInt64.random(in: 1...3, using: &random)
            for _ in 0..<Int.random(in: 1...600, using: &random) {
                if Int.random(in: 0..<5, using: &random) < 3 {
                    window.add(next, sequence: next)
                    open.append(next)
                    next += 1
                } else {
                    let multiple = Int.random(in: 0..<4, using: &random) == 0
                    var sequence = UInt64.random(in: next - min(next, 60)...next + 1, using: &random)
                    // A multiple one up to the newest empties the window: seldom enough that it grows.
                    if multiple { sequence = sequence / 2 }
                    if multiple && Int.random(in: 0..<20, using: &random) == 0 { sequence = 0 }
                    let expected = open.filter { multiple ? sequence == 0 || $0 <= sequence : $0 == sequence }
                    open.removeAll { expected.contains($0) }
                    var settled: [UInt64] = []
                    window.settle(sequence, multiple: multiple) { settled.append($0) }
                    try #require(settled == expected, "\(sequence), multiple \(multiple): \(Self.seed) case \(number)")
                }
                try #require(window.count == open.count && window.isEmpty == open.isEmpty, "\(Self.seed) case \(number)")
            }
            #expect(window.drain() == open, "\(Self.seed) case \(number)")
            #expect(window.isEmpty && window.drain().isEmpty)
        }
    }

    @Test("thousands that are confirmed in order while one stays open are settled, and it last")
    func oneStaysOpen() {
        var window = ConfirmWindow<UInt64>()
        for sequence in UInt64(1)...5_000 { window.add(sequence, sequence: sequence) }
        for sequence in UInt64(2)...5_000 { window.settle(sequence, multiple: false) { #expect($0 == sequence) } }
        #expect(window.count == 1)
        var last: [UInt64] = []
        window.settle(5_000, multiple: true) { last.append($0) }
        #expect(last == [1] && window.isEmpty)
    }

    @Test("after the connection is gone the numbers begin anew")
    func anew() {
        var window = ConfirmWindow<String>()
        for sequence in UInt64(1)...3 { window.add("first \(sequence)", sequence: sequence) }
        window.settle(2, multiple: false) { _ in }
        #expect(window.drain() == ["first 1", "first 3"])
        window.add("second 1", sequence: 1)
        var settled: [String] = []
        window.settle(1, multiple: false) { settled.append($0) }
        #expect(settled == ["second 1"])
    }
}
