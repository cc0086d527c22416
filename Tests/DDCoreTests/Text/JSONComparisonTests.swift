import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// Our parser beside another one (Python's), on the same random texts.
@Suite("JSON beside another parser", .enabled(if: Installed.has("/usr/bin/python3")))
struct JSONComparisonTests {
    static let seed = Seed()

    /// Reads lines "text written", both in hexadecimal, "-" for a text that ours refuses, and prints each line on which Python is of another
    /// mind. What Python takes beyond RFC 8259 it is told to refuse: NaN, infinities, lone surrogates.
    private static let judge = """
        import json, math, sys
        def number(text):
            value = float(text)
            if math.isinf(value): raise ValueError(text)
            return value
        def whole(text):
            value = int(text)
            return value if -2**63 <= value < 2**63 else number(text)
        def refuse(text): raise ValueError(text)
        def read(data):
            value = json.loads(data.decode("utf-8"), parse_constant=refuse, parse_float=number, parse_int=whole, object_pairs_hook=list)
            json.dumps(value, ensure_ascii=False).encode("utf-8")
            return value
        for line in open(sys.argv[1]):
            text, written = line.split()
            try: theirs = read(bytes.fromhex(text))
            except ValueError: theirs = refuse
            ours = refuse if written == "-" else read(bytes.fromhex(written))
            if (theirs is refuse) != (ours is refuse) or theirs is not refuse and repr(theirs) != repr(ours): print(bytes.fromhex(text))
        """

    @Test("both take and refuse the same texts, and read the same from what ours writes of them")
    func comparison() throws {
        var random = Self.seed.generator()
        let files = try TemporaryFolder()
        var lines = ""
        var taken = 0
        let count = Seed.isLong ? 500_000 : 20_000
        for _ in 0..<count {
            var bytes = Array(Self.text(depth: 4, &random).utf8)
            for _ in 0..<([0, 0, 1, 2].randomElement(using: &random) ?? 0) { Self.damage(&bytes, &random) }
            let written = (try? JSONParser.parse(bytes)).map { Hexadecimal.text(Array($0.text.utf8)) }
            taken += written == nil ? 0 : 1
            lines += "\(bytes.isEmpty ? "20" : Hexadecimal.text(bytes)) \(written ?? "-")\n"
        }
        // Neither all nor nothing, or the comparison shows little.
        #expect(taken > count / 4 && taken < count * 9 / 10)
        let python = Command(path: "/usr/bin/python3")
        let outcome = try python.run(
            [try files.write(Self.judge, to: "judge.py"), try files.write(lines, to: "texts")], seconds: 200)
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(Self.seed): \(outcome.output.prefix(2000))\(outcome.errors)")
    }

    private static func damage(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let alphabet = Array("[]{},:\"\\u0dDeE.-+tfn \u{7f}\n".utf8) + [0, 0x1f, 0x80, 0xc0, 0xed, 0xff]
        let index = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0 where index < bytes.count: bytes.remove(at: index)
        case 1 where index < bytes.count: bytes[index] = alphabet.randomElement(using: &random) ?? 0
        default: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
        }
    }

    private static func text(depth: Int, _ random: inout SplitMix64) -> String {
        let space = ["", "", " ", "\n", "\t\r"].randomElement(using: &random) ?? ""
        let items = 0..<Int.random(in: 0...3, using: &random)
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &random) {
        case 0: return space + (["null", "true", "false", "NaN", "Infinity"].randomElement(using: &random) ?? "")
        case 1: return space + String(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random))
        case 2: return number(&random) + space
        case 3, 4: return space + string(&random)
        case 5, 6: return space + "[" + items.map { _ in text(depth: depth - 1, &random) }.joined(separator: ",") + space + "]"
        default:
            let members = items.map { _ in string(&random) + space + ":" + text(depth: depth - 1, &random) }
            return "{" + space + members.joined(separator: ",") + "}" + space
        }
    }

    private static func number(_ random: inout SplitMix64) -> String {
        let digits = { (random: inout SplitMix64) in
            String(UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0...63, using: &random))
        }
        let sign = ["", "-", "+"].randomElement(using: &random) ?? ""
        let exponent = ["", "", "e", "E+", "e-"].randomElement(using: &random) ?? ""
        let power = exponent.isEmpty ? "" : String(Int.random(in: 0...400, using: &random))
        return (sign == "+" ? "" : sign) + digits(&random) + (Bool.random(using: &random) ? "." + digits(&random) : "") + exponent
            + power
    }

    private static func string(_ random: inout SplitMix64) -> String {
        let pieces = [
            "a", "é", "日", "😀", " ", "\\n", "\\u0041", "\\ud83d\\ude00", "\\ud83d", "\\\"", "\\/", "\\\\", "\u{2028}", "e\u{301}",
        ]
        let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        return "\"" + text.joined() + "\""
    }
}
