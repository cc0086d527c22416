import Testing

@testable import DDCore

@Suite("actions on a configuration")
struct ActionTests {
    private func read(_ words: String...) throws(ConfigError) -> Action { try Action.read(words[...]) }

    @Test("a word behind CONFIG is an action; without one the work is done here")
    func words() throws {
        #expect(try Action.read([]) == .foreground)
        let all: [(String, Action)] = [
            ("foreground", .foreground), ("start", .start), ("stop", .stop), ("restart", .restart), ("reload", .reload),
            ("status", .status), ("cleanup", .cleanup),
        ]
        for (word, action) in all { #expect(try read(word) == action) }
        #expect(try read("instance", "2") == .instance(2))
        #expect(Action.synopsis() == all.map(\.0).joined(separator: "|"))
    }

    @Test(
        "anything else is an error of usage",
        arguments: [["strat"], ["start", "now"], ["instance"], ["instance", "0"], ["instance", "x"]])
    func others(words: [String]) {
        let error = #expect(throws: ConfigError.self) { try Action.read(words[...]) }
        #expect(error?.exitStatus == 64)
    }

    @Test("operands are known by their place, so that an action can be replaced by another")
    func places() throws {
        let parser = CommandLineParser(SubscribeOptions.table)
        let cases: [([String], [Int])] = [
            (["radar", "start"], [0, 1]), (["--parallel", "8", "radar", "--queue", "start", "start"], [2, 5]),
            (["--mirror", "radar"], [1]), (["--", "radar", "start"], [1, 2]), (["-b", "amqp://h", "--", "-x"], [3]),
        ]
        for (arguments, indices) in cases {
            let parsed = try parser.parse(arguments)
            #expect(parsed.operandIndices == indices && parsed.operands == indices.map { arguments[$0] }, "\(arguments)")
        }
    }
}
