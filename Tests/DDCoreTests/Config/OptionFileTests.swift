import DDCore
import Testing

@Suite("option file")
struct OptionFileTests {
    private let file = OptionFile(SubscribeOptions.table)

    private func read(_ text: String) throws(ConfigError) -> [String] {
        try file.parse(text, path: "radar.conf").map { "\($0.name)=\($0.value)@\($0.origin)" }
    }

    @Test("lines are options, comments or empty; line ends may be CR LF")
    func lines() throws {
        let text = "# radar\r\nbroker amqp://h\r\n\r\n  subtopic \t radar.#  \r\n\t# indented\nmirror\nremove on\nsubtopic #"
        #expect(
            try read(text) == [
                "broker=amqp://h@radar.conf:2", "subtopic=radar.#@radar.conf:4", "mirror=on@radar.conf:6",
                "remove=on@radar.conf:7",
                "subtopic=#@radar.conf:8",
            ])
    }

    @Test(
        "a line that is wrong is named with its number",
        arguments: [
            ("mirror on\noverwirte on", "78: r:2: unknown option 'overwirte' (did you mean 'overwrite'?)"),
            ("message-ttl 5", "78: r:1: unknown option 'message-ttl' (did you mean 'message_ttl'?)"),
            ("broker", "78: r:1: option 'broker' needs a value"),
            ("\n\nplain on", "78: r:3: option 'plain' is for the command line only"),
            ("qqqqqqqqqqqq 1", "78: r:1: unknown option 'qqqqqqqqqqqq'"),
            ("amqp://alice:secret@host/", "78: r:1: unknown option 'amqp://***@host/'"),
        ])
    func wrong(_ text: String, _ message: String) {
        let file = file
        #expect(failure { () throws(ConfigError) in _ = try file.parse(text, path: "r") } == message)
    }

    @Test("a file cut anywhere is read as the settings before the cut, or refused at its last line")
    func drip() throws {
        let text = "broker amqp://h/\r\nsubtopic a.b\n# c\naccept .*é\nreject .*\nmirror on\nexpire 5\n"
        let whole = try file.parse(text, path: "r")
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            let piece = String(decoding: bytes.prefix(count), as: UTF8.self)
            let complete = bytes.prefix(count).count { $0 == UInt8(ascii: "\n") }
            do throws(ConfigError) {
                let settings = try file.parse(piece, path: "r")
                let before = whole.filter { $0.origin.description.hasPrefix("r:") && line($0) <= complete }
                #expect(Array(settings.prefix(before.count)) == before)
                #expect(settings.count <= before.count + 1)
            } catch { #expect(error.text.hasPrefix("r:\(complete + 1): "), "cut at \(count)") }
        }
    }

    private func line(_ setting: Setting) -> Int {
        if case .file(_, let line) = setting.origin { line } else { 0 }
    }

    @Test("a file that is not there, or is no text, is an error of configuration")
    func unreadable() throws {
        let file = file
        #expect(
            failure { () throws(ConfigError) in _ = try file.read("/nowhere/a.conf") }.hasPrefix(
                "78: cannot read configuration /nowhere/a.conf: "))
    }
}
