import DDCore
import Testing

/// The text of the error that `body` throws; empty when it throws none.
func failure(_ body: () throws(ConfigError) -> Void) -> String {
    do throws(ConfigError) {
        try body()
        return ""
    } catch { return "\(error.exitStatus): \(error)" }
}

@Suite("command line")
struct CommandLineTests {
    private func settings(_ arguments: String...) throws -> [String] {
        try CommandLineParser(PostOptions.table).parse(arguments).settings.map { "\($0.name)=\($0.value)" }
    }

    @Test("options are spelled long, with =, and with several letters behind one dash")
    func spellings() throws {
        #expect(try settings("--document_root", "/d") == ["document_root=/d"])
        #expect(try settings("--document-root=/d") == ["document_root=/d"])
        #expect(
            try settings("-dr", "/d", "-ex", "xs_a", "-b", "amqp://h") == [
                "document_root=/d", "exchange=xs_a", "broker=amqp://h",
            ])
        #expect(
            try settings("-tc", "a,b", "-tp", "v02", "-sub", "x", "-rn", "y") == [
                "to_clusters=a,b", "topic_prefix=v02", "subtopic=x", "rename=y",
            ])
        #expect(try settings("--flow=a=b", "--flow=") == ["flow=a=b", "flow="])
    }

    @Test("a boolean takes a value only behind =")
    func booleans() throws {
        let parsed = try CommandLineParser(PostOptions.table).parse(["--reconnect", "path", "--mandatory=off", "-rr", "-n"])
        #expect(parsed.settings.map(\.value) == ["on", "off", "on", "on"])
        #expect(parsed.operands == ["path"])
        let error = #expect(throws: ConfigError.self) {
            try CommandLineParser(PostOptions.table).parse(["--reconnect", "off", "path"])
        }
        #expect(error?.exitStatus == ExitStatus.usage && error?.text.contains("--reconnect=off") == true)
    }

    @Test("a dash alone is an operand, two end the options")
    func operands() throws {
        let parsed = try CommandLineParser(PostOptions.table).parse(["a", "-", "-n", "--", "-n", "--help"])
        #expect(parsed.operands == ["a", "-", "-n", "--help"])
        #expect(!parsed.wantsHelp)
    }

    @Test("a value may begin with a dash but not be an option")
    func missingValues() throws {
        let parser = CommandLineParser(PostOptions.table)
        #expect(try settings("--flow", "-5", "-u", "-") == ["flow=-5", "url=-"])
        #expect(
            failure { () throws(ConfigError) in _ = try parser.parse(["-b", "--url", "x"]) }
                == "64: option '-b' needs a value URL")
        #expect(failure { () throws(ConfigError) in _ = try parser.parse(["--flow"]) } == "64: option '--flow' needs a value TAG")
        #expect(
            failure { () throws(ConfigError) in _ = try parser.parse(["--flow", "--"]) }
                == "64: option '--flow' needs a value TAG")
    }

    @Test(
        "an unknown option is an error that names the nearest",
        arguments: [
            ("--documet-root", "64: unknown option '--documet-root' (did you mean '--document_root'?)"),
            ("--brokre=amqp://a:secret@h", "64: unknown option '--brokre' (did you mean '--broker'?)"),
            ("-url", "64: unknown option '-url' (did you mean '--url'?)"),
            ("--zzzzzzzz", "64: unknown option '--zzzzzzzz'; dd_post --help lists them"),
        ])
    func unknown(_ argument: String, _ text: String) {
        #expect(failure { () throws(ConfigError) in _ = try CommandLineParser(PostOptions.table).parse([argument]) } == text)
    }

    @Test("help and version are results", arguments: ["--help", "-h"])
    func help(_ argument: String) throws {
        guard case .help(let text) = try PostOptions.load(arguments: [argument], environment: [:]) else {
            Issue.record("no help")
            return
        }
        #expect(text.hasPrefix("usage: dd_post [options] PATH..."))
        #expect(text.contains("-dr, --document_root DIR"))
        guard case .version = try SaraOptions.load(arguments: ["--version"], environment: [:]) else {
            Issue.record("no version")
            return
        }
    }

    @Test("no table has a spelling twice, and every default is a good value")
    func tables() throws {
        for table in [PostOptions.table, SubscribeOptions.table, SaraOptions.table, LogOptions.table] {
            let names = table.options.flatMap { [$0.name] + $0.aliases }
            let shorts = table.options.flatMap(\.shorts)
            #expect(Set(names).count == names.count, "\(table.program)")
            #expect(Set(shorts).count == shorts.count, "\(table.program)")
            let defaults = table.options.compactMap { option in option.defaultText.map { "\(option.name) \($0)" } }
            let file = defaults.filter { line in table.option(named: String(line.prefix { $0 != " " }))?.inFile == true }
            #expect(try OptionFile(table).parse(file.joined(separator: "\n"), path: "d").count == file.count)
            #expect(table.help.split(separator: "\n").allSatisfy { $0.count < 170 })
        }
    }
}
