import DDTestSupport
import Testing

@testable import DDCore

@Suite("JSON")
struct JSONParserTests {
    @Test(
        "values are read",
        arguments: [
            ("null", JSONValue.null), (" [1, -2,3.5e1 ]\n", .array([.integer(1), .integer(-2), .number(35)])),
            ("{\"a\":{\"b\":[]},\"\":\"\"}", .object(["a": .object(["b": .array([])]), "": .string("")])),
            (#""\u00e9\ud83d\ude00\/\b\n""#, .string("é😀/\u{8}\n")), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("-0", .integer(0)), ("0.5", .number(0.5)),
            ("{\"a\":1,\"a\":2}", .object(["a": .integer(1), "a": .integer(2)])),
        ])
    func reads(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
        #expect(try JSONParser.parse(value.text) == value)
    }

    @Test(
        "what the standard does not allow is refused",
        arguments: [
            "", " ", "nul", "nullx", "[1,]", "[1 2]", "{\"a\"}", "{a:1}", "{\"a\":1,}", "\"", "\"\\x\"", "\"\\u12g4\"",
            "\"\\ud800\"",
            "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "01", "1.", ".5", "+1", "1e", "1e999", "-", "[", "{", "[1] 2",
            "NaN", "\u{feff}1",
        ])
    func refuses(text: String) {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(text) }
    }

    @Test("invalid UTF-8 and deep nesting are refused")
    func bounded() throws {
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse([0x22, 0xff, 0x22]) }
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(deep(100_000)) }
        #expect(throws: Never.self) { try JSONParser.parse(deep(60)) }
    }

    static let seed = Seed()

    @Test("random bytes are read or refused, and what is read is written the same")
    func random() throws {
        var random = Self.seed.generator(case: 1)
        let alphabet = Array("[]{},:\"\\u0123456789abcdeftrnl.-+ é".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            guard let value = try? JSONParser.parse(bytes) else { continue }
            #expect(try JSONParser.parse(value.text) == value, "\(Self.seed): \(bytes)")
        }
    }

    @Test("members are found by name")
    func members() throws {
        let value = try JSONParser.parse(#"{"a":"x","n":7,"t":true,"l":[1]}"#)
        #expect(
            value["a"]?.string == "x" && value["n"]?.integer == 7 && value["t"]?.bool == true && value["l"]?.array?.count == 1)
        #expect(value["b"] == nil && JSONValue.null["a"] == nil)
    }
}
