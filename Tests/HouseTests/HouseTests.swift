import DDCore
import DDTestSupport
import Glibc
import Testing

/// The shape of the code: what a compiler cannot say about it. Each fault names its file and line.
@Suite("the house")
struct HouseTests {
    @Test("each C library is imported in one place")
    func borders() {
        let allowed: [(module: String, places: [String])] = [
            ("CRabbitMQ", ["DDCore/Broker/AMQP/"]), ("CCurl", ["DDTransfer/Curl/"]),
            ("CCrypto", ["DDCore/Fingerprint/"]), ("CXXHash", ["DDCore/Fingerprint/"]),
            ("CPCRE2", ["DDCore/Config/Parsing/Pattern.swift"]), ("CSQLite", ["DDCore/Watch/SQLite.swift"]),
            ("Foundation", []), ("FoundationEssentials", []), ("Dispatch", []),
        ]
        for line in House.sources {
            guard let module = line.importedModule, let rule = allowed.first(where: { $0.module == module }) else { continue }
            #expect(rule.places.contains { line.file.hasPrefix($0) }, "\(line): \(module) does not belong here")
        }
    }

    @Test(
        "no construct that hides a fault or traps",
        arguments: ["@unchecked Sendable", "nonisolated(unsafe)", "try!", " as!", "fatalError(", "import XCTest"])
    func constructs(word: String) {
        // The one lock is made of it, and says why.
        let isLock = { (line: House.Line) in word == "nonisolated(unsafe)" && line.file == "DDCore/System/Threads/Guarded.swift" }
        for line in House.sources where line.code.contains(word) && !isLock(line) { #expect(Bool(false), "\(line): \(word)") }
    }

    @Test("only programs print")
    func printing() {
        for line in House.sources where line.code.contains("print(") && !line.code.contains("func print(") {
            let isProgram = !["DDCore/", "DDTransfer/", "DDTestSupport/"].contains { line.file.hasPrefix($0) }
            #expect(isProgram, "\(line): print( in a library")
        }
    }

    @Test("no path of one machine is in the tree", arguments: ["Sources", "Tests", "scripts", "etc", "man", "docs"])
    func machinePaths(folder: String) {
        // Put together here, so that this file does not find itself.
        let paths = ["/wo" + "rk/", "/ro" + "ot/", "/home/" + "user", "/opt/" + "swift"]
        for line in House.lines(below: folder) {
            for path in paths where line.text.contains(path) { #expect(Bool(false), "\(line): \(path)") }
        }
    }

    @Test("a source file is short enough to be read")
    func length() {
        // Each is one walk that is easier to read in one piece: what a post's event makes of a file; what is owed on a session's connections;
        // the loop that publishes and reads confirmations.
        let longer = [
            "DDCore/Acquire/Acquirer.swift", "DDCore/Pump/Session/PumpSession.swift", "DDCore/Announce/Announcer.swift",
        ]
        let counts = Dictionary(grouping: House.sources, by: \.file).mapValues(\.count)
        for (file, count) in counts where count > (longer.contains(file) ? 300 : 250) {
            #expect(Bool(false), "\(file) has \(count) lines")
        }
    }

    @Test("every manual page is well formed", .enabled(if: Installed.has("/usr/bin/mandoc")))
    func manualPages() throws {
        for name in House.manualPages {
            let folder = try TemporaryFolder()
            var launch = ChildProcess.Launch("/usr/bin/mandoc", ["-T", "lint", "-W", "warning", House.root + "/man/" + name])
            launch.output = .append(folder.path("out"))
            let status = try ChildProcess.start(launch).wait(seconds: 30)
            #expect(status == 0, "man/\(name): \(SmallFile.text(folder.path("out")) ?? "")")
        }
    }

    @Test(
        "the long options of --help are those of the manual page",
        arguments: [
            "dd_post", "dd_permit", "dd_seal", "dd_poll", "dd_watch", "dd_sender", "dd_sara", "dd_subscribe", "dd_log",
            "dd_winnow",
            "dd_switch",
        ])
    func options(program: String) throws {
        let name = try #require(
            House.manualPages.first { $0 == program + ".1" || $0 == program + ".8" }, "no man page of \(program)")
        let outcome = try Command(program).run(["--help"], seconds: 20)
        #expect(outcome.status == 0)
        let page = SmallFile.text(House.root + "/man/" + name) ?? ""
        let (helped, described) = (House.longOptions(help: outcome.output), House.longOptions(manual: page))
        #expect(helped.subtracting(described).sorted() == [], "in --help, not in man/\(name)")
        #expect(described.subtracting(helped).sorted() == [], "in man/\(name), not in --help")
    }
}
