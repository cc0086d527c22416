import DDCore
import DDTestSupport
import Glibc
import Testing

/// What is written for programs is read by programs that are not ours: python's json and jq.
@Suite("output for machines", .serialized, .enabled(if: SwitchTests.installed))
struct MachineOutputTests {
    /// Each line of `text` as an object, one expression of python about each (`o`); the words it prints.
    private func python(_ expression: String, _ text: String) throws -> [Substring] {
        let script = """
            import json, sys
            for line in sys.stdin.read().split("\\n")[:-1]:
                o = json.loads(line)
                assert isinstance(o, dict), line
                print(\(expression))
            """
        let outcome = try Command(path: "/usr/bin/env").run(["python3", "-c", script], input: text)
        try #require(outcome.status == 0, "\(outcome.errors) in \(text)")
        return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }

    private func jq(_ filter: String, _ text: String) throws -> [Substring] {
        let outcome = try Command(path: "/usr/bin/env").run(["jq", "-r", filter], input: text)
        try #require(outcome.status == 0, "\(outcome.errors) in \(text)")
        return outcome.output.split(separator: "\n")
    }

    @Test("dd_log --json and --trace --json", arguments: [["--since", "1h", "--exit_idle", "1"], ["--trace"]])
    func reports(options: [String]) throws {
        let parties = try Parties("jsonlog")
        let name = "a \"quoted\" \\ \u{1F600} é"
        let body =
            "\(Timestamp.now().wire) http://h/ \(Percent.encodeBody("jsonlog/" + name)) 404 host bob 0.25"
        try RawClient(parties.running["DD_BROKER_ADMIN"]).publish(
            "xl_alice", "v02.log.x",
            ["source": "alice", "message": "no \"such\" \\ file", "via": "one,two"], body: Array(body.utf8))
        // A path to trace is a name, one to follow is a pattern.
        let path = options == ["--trace"] ? "jsonlog/" + name : "jsonlog/.*"
        let words = ["-b", parties.broker("alice")] + options + [path, "--json"]
        var outcome: Command.Outcome?
        _ = try waitUntil(seconds: 20) {
            outcome = try parties.command("dd_log").run(words)
            return outcome?.output.isEmpty == false
        }
        let output = try #require(outcome?.output)
        #expect(
            try python("o['code'] + 1, o['seconds'], o['path'], o['via']", output).contains(
                "405 0.25 jsonlog/\(name) ['one', 'two']"), "\(output)")
        #expect(try jq("select(.code >= 400) | .path", output).contains("jsonlog/\(name)"), "\(output)")
        #expect(try jq(".message", output).contains("no \"such\" \\ file"), "\(output)")
    }

    @Test("log_format json: all that is on standard error, with what the user's programs write there, and the last error")
    func log() throws {
        let parties = try Parties("jsonerrors")
        let script = try parties.write(
            "#!/bin/sh\necho 'said \"aside\"' >&2\nprintf 'no end, \\033[31mred' >&2\nexit 1\n", to: "judge", mode: 0o755)
        let config = try parties.configure("mirror on\nstrip 2\nlog_format json\nlog_level info\non_file \(script)")
        try parties.prepare(config)
        try Tree.write([1], to: parties.source + "/file")
        #expect(try parties.post().status == 0)
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_after", "1"], seconds: 60)
        let lines = try python("o['time'], o['level'], o['program'], o['message']", outcome.errors)
        #expect(lines.contains { $0.contains(" dd_subscribe on_file '\(script)': said \"aside\"") }, "\(lines)")
        #expect(lines.contains { $0.contains("no end, ") } && !outcome.errors.contains("\u{1B}"))
        // The error with which it ends is a line like the others.
        let refused = try parties.command("dd_subscribe").run([config, "--exchange", "xs_alice", "--queue", "q_bob.other"])
        #expect(refused.status == 77)
        #expect(try python("o['level']", refused.errors).contains("error"))
    }

    @Test("user list, audit, check: JSON, and the figures of Nagios")
    func administration() throws {
        let parties = try Parties("jsonadmin")
        let tool = parties.command("dd_switch")
        let users = try tool.run(["user", "list", "--json"])
        #expect(users.status == 0)
        #expect(try python("o['name']", users.output).contains("alice"))
        #expect(try jq(".role", users.output).contains("source"))
        let audit = try parties.command("dd_switch").run(["audit", "--json"])
        #expect(audit.status == 0)
        _ = try python("o['who'], o['action'], o['changes']", audit.output)
        for (words, status) in [(["check"], nil), (["check", "-w", "x"], 3), (["check", "--nonsense"], 3)] as [([String], Int32?)]
        {
            let outcome = try tool.run(words)
            #expect(status.map { $0 == outcome.status } ?? (0...2 ~= outcome.status), "\(outcome)")
            #expect(try figures(outcome.output) > 0, "\(outcome)")
        }
    }

    /// How many figures a line has, after the guidelines of Nagios' plugins: 'label'=value[UOM];[warn];[crit];[min];[max]
    private func figures(_ line: String) throws -> Int {
        let script = """
            import re, sys
            line, = sys.stdin.read().splitlines()
            text, figures = line.split('|')
            assert re.match(r'DD_SWITCH (OK|WARNING|CRITICAL|UNKNOWN) - .', text), line
            for figure in figures.split():
                assert re.fullmatch(r"[^=' ]+=-?[0-9.]+(s|us|ms|%|B|KB|MB|TB|c)?(;[0-9.:~@]*){0,4}", figure), figure
            print(len(figures.split()))
            """
        let outcome = try Command(path: "/usr/bin/env").run(["python3", "-c", script], input: line)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return Int(outcome.output.filter(\.isNumber)) ?? 0
    }
}
