import Glibc
import Testing

@testable import DDCore

@Suite("log")
struct LogTests {
    @Test("a text line has the program, the message and the fields; nothing forges a second line")
    func text() {
        let log = Log(program: "dd_sara")
        #expect(
            log.line(.notice, "started", ["broker": "amqp://h", "why": "a b", "empty": ""])
                == "dd_sara: started broker=amqp://h why=\"a b\" empty=\"\"")
        // A blank with a mark behind it is a blank to whoever cuts the line.
        #expect(log.line(.notice, "m", ["path": "a \u{301}b=c"]) == "dd_sara: m path=\"a \u{301}b=c\"")
        #expect(log.line(.error, "a\nb\u{1B}[2J\u{9B}c", ["k": "x\ny"]) == "dd_sara: a\\x0ab\\x1b[2J\\x9bc k=x\\x0ay")
    }

    @Test("a JSON line is one object")
    func json() {
        let line = Log(program: "dd_sara", format: .json).line(.warning, "a \"b\"\n\\", ["k": "\u{1}é"])
        #expect(line.hasPrefix("{\"time\":\"20") && line.dropFirst(9).prefix(24).hasSuffix("Z"))
        #expect(
            line.hasSuffix(
                ",\"level\":\"warning\",\"program\":\"dd_sara\",\"message\":\"a \\\"b\\\"\\n\\\\\",\"fields\":{\"k\":\"\\u0001é\"}}"
            ))
    }

    @Test("what is above the level is neither written nor made")
    func levels() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let log = Log(program: "p", level: .info, format: .text, descriptor: ends[1])
        var made = 0
        func message(_ text: String) -> String {
            made += 1
            return text
        }
        log.debug(message("d"))
        log.info(message("i"))
        log.error(message("e"))
        close(ends[1])
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = read(ends[0], &buffer, 100)
        close(ends[0])
        #expect(String(decoding: buffer.prefix(count), as: UTF8.self) == "p: i\np: e\n")
        #expect(made == 2)
    }
}
