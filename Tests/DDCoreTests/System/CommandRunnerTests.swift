import DDCore
import Testing

@Suite("programs of the user")
struct CommandRunnerTests {
    @Test(
        "a command is cut into words without a shell",
        arguments: [
            ("a b  c", ["a", "b", "c"]), ("a 'b c' \"d e\"", ["a", "b c", "d e"]), ("a\\ b", ["a b"]),
            ("a '' b", ["a", "", "b"]),
            ("a \"x\\\"y\" '\\'", ["a", "x\"y", "\\"]), ("a; b | c $d", ["a;", "b", "|", "c", "$d"]), ("x'y'z", ["xyz"]),
        ])
    func words(_ text: String, _ words: [String]) throws {
        #expect(try CommandWords.split(text) == words)
    }

    @Test("a command that is no command is refused", arguments: ["", "  ", "'a", "a \"b", "a\\", "''"])
    func noWords(_ text: String) {
        #expect(failure { () throws(ConfigError) in _ = try CommandWords.split(text) } != "")
    }

    @Test("the status, the added environment and the last argument are right")
    func runs() throws {
        #expect(try CommandRunner("true").run([]) == .status(0))
        #expect(try CommandRunner("sh -c 'exit 75'").run([]) == .status(75))
        #expect(
            try CommandRunner("sh -c 'test \"$DD_PATH\" = \"/a b\" && test \"$1\" = \"/a b\" && test -n \"$PATH\"' x")
                .run(["/a b"], environment: [("DD_PATH", "/a b")]) == .status(0))
        #expect(try CommandRunner("sh -c 'kill -9 $$'").run([]) == .status(137))
        #expect(try CommandRunner("sh -c 'read x'", limit: .seconds(20)).run([]) == .status(1))
    }

    @Test("a program has no descriptor but the first three and no signal blocked")
    func clean() throws {
        #expect(
            try CommandRunner(
                "sh -c 'for f in /proc/$$/fd/*; do case ${f##*/} in [012]) ;; *) test -e $f && exit 1;; esac; done; exit 0'"
            ).run([]) == .status(0))
        #expect(try CommandRunner("grep -q '^SigBlk:.*[1-9a-f]' /proc/self/status").run([]) == .status(1))
    }

    @Test("the time limit ends a program with all that it started")
    func limit() throws {
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try CommandRunner("sh -c 'sleep 60 & sleep 60'", limit: .milliseconds(200)).run([]) == .timedOut)
        #expect(clock.now - start < .seconds(20))
        #expect(try CommandRunner("true", limit: .seconds(60)).run([]) == .status(0))
    }

    @Test("a program that is not there, or a path with NUL, is an error")
    func absent() throws {
        do {
            _ = try CommandRunner("/nowhere/program").run([])
            Issue.record("it was started")
        } catch { #expect("\(error)" == "cannot start /nowhere/program: no such file or directory") }
        #expect(throws: ProcessError.self) { try CommandRunner("true").run(["a\0b"]) }
    }
}
