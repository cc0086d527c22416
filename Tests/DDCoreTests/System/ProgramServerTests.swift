import DDTestSupport
import Testing

@testable import DDCore

@Suite("programs that are started once")
struct ProgramServerTests {
    /// Answers each line with its number, its process and what it was asked.
    private static let echo = ["sh", "-c", "n=0; while read -r line; do n=$((n+1)); echo \"$n $$ $line\"; done"]

    @Test("one process answers line by line, whoever asks")
    func lines() async throws {
        let server = try ProgramServer(Self.echo, limit: .seconds(20))
        let answers = await withTaskGroup(of: String.self) { group in
            for number in 0..<40 { group.addTask { (try? server.ask("question \(number)")) ?? "none" } }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        let words = answers.map { $0.split(separator: " ") }
        #expect(Set(words.map { $0[0] }).count == 40 && Set(words.map { $0[1] }).count == 1, "\(answers)")
        #expect(Set(words.map { $0[3] }) == Set((0..<40).map { Substring("\($0)") }))
    }

    @Test("one that dies is started again, and the question that it died over is asked once more")
    func dies() throws {
        let folder = try TemporaryFolder()
        let script = """
            while read -r line; do
                if [ "$line" = die ] && ! [ -e '\(folder.path("died"))' ]; then : >'\(folder.path("died"))'; exit 1; fi
                [ "$line" = always ] && exit 1
                echo "$$ $line"
            done
            """
        let server = try ProgramServer(["sh", "-c", script], limit: .seconds(20))
        let first = try server.ask("a")
        let second = try server.ask("die")
        #expect(second.hasSuffix(" die") && first.split(separator: " ")[0] != second.split(separator: " ")[0])
        #expect(throws: ProgramServer.Failure.died("it ended without an answer")) { try server.ask("always") }
        #expect(try server.ask("b").hasSuffix(" b"))
    }

    @Test("one that says nothing is killed with what it started")
    func silent() throws {
        let folder = try TemporaryFolder()
        let script =
            "while read -r line; do [ $line = wait ] || { echo $line; continue; }; sleep 600 & echo $! >'\(folder.path("pid"))'; wait; done"
        let server = try ProgramServer(["sh", "-c", script], limit: .milliseconds(700))
        #expect(throws: ProgramServer.Failure.timedOut) { try server.ask("wait") }
        let pid = try #require(SmallFile.text(folder.path("pid"))?.split(separator: "\n").first.flatMap { Int32($0) })
        #expect(waitUntil(seconds: 10) { !Self.runs(pid) })
        #expect(try server.ask("on") == "on")
    }

    @Test("what it says unasked, without end or not at all is no answer")
    func nonsense() throws {
        let endless = try ProgramServer(
            ["sh", "-c", "while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"], limit: .seconds(20))
        #expect(throws: ProgramServer.Failure.died("its answer has no end")) { try endless.ask("a") }
        let missing = try ProgramServer(["/nowhere/program"], limit: nil)
        #expect(throws: ProgramServer.Failure.self) { try missing.ask("a") }
    }

    @Test(
        "a command with | in front is a program that is started once",
        arguments: [("a b", false), ("| a b", true), ("  |a b", true), ("a | b", false), ("'|' a", false)])
    func syntax(text: String, isServer: Bool) throws {
        let program = try UserProgram(text)
        #expect(program.isServer == isServer && program.command.words.first == (text.hasPrefix("'") ? "|" : "a"))
        #expect(throws: ConfigError.self) { try UserProgram("|") }
    }

    @Test("what it answers is understood, and what is no answer is asked again later")
    func judgements() throws {
        let facts = ItemFacts(
            option: "on_file", url: "http://h/f", relpath: "f \"é", source: "alice", sum: "0,0", size: 3, parts: nil, config: "c",
            isRetry: false)
        func ask(_ answer: String) throws -> UserProgram.Judgement {
            let folder = try TemporaryFolder()
            let file = try folder.write(answer, to: "answer")
            return try Judge(UserProgram("| sh -c 'while read -r line; do cat \(file); echo; done'", limit: .seconds(20))).ask(
                "/p", facts)
        }
        #expect(try ask("{\"result\":\"accept\"}") == .accepts)
        #expect(try ask("{\"result\":\"refuse\",\"message\":\"Eicar\"}") == .refuses("refused it: Eicar"))
        #expect(try ask("{\"result\":\"later\"}") == .later("asks for another call later"))
        for answer in ["", "yes", "{}", "[1]", "{\"result\":1}", "{\"result\":\"ok\"}"] {
            guard case .later = try ask(answer) else {
                Issue.record("\(answer)")
                continue
            }
        }
        let asked = try JSONParser.parse(facts.json("/p"))
        #expect(asked["path"]?.string == "/p" && asked["relpath"]?.string == "f \"é" && asked["size"]?.integer == 3)
        #expect(asked["retry"]?.bool == false && asked["option"]?.string == "on_file")
    }

    /// Whether a process is there and no zombie.
    private static func runs(_ pid: Int32) -> Bool {
        guard let status = SmallFile.text("/proc/\(pid)/stat") else { return false }
        return !status.contains(") Z ")
    }
}
