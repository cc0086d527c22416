import DDCore
import DDTestSupport
import Glibc
import Testing

/// The user's own programs.
@Suite("triggers", .serialized, .enabled(if: SwitchTests.installed))
struct TriggerTests {
    @Test("on_file runs once for each file, told what it is about, when the file is whole under its name")
    func onFile() throws {
        let parties = try Parties("onfile")
        let script = try parties.write(
            """
            #!/bin/sh
            line=$(printf '%s|' "$#" "$1" "$DD_PATH" "$DD_URL" "$DD_RELPATH" "$DD_SOURCE" "$DD_SUM" "$DD_SIZE" "$DD_CONFIG" "$DD_RETRY" "$(cat "$1")")
            echo "$line" >>calls # at once: several run at the same time
            """, to: "on file", mode: 0o755)
        let names = ["one", "t w o", "é#%41", "$(x) `y`"]
        for name in names { try Tree.write(Array("content of \(name)".utf8), to: parties.source + "/" + name) }
        #expect(symlink("one", parties.source + "/link") == 0)
        let config = try parties.configure("mirror on\nstrip 2\non_file '\(script)'")
        let bob = try parties.subscribe([config])
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { calls(parties).count >= names.count })
        // The same content once more is no new file.
        #expect(try parties.post().status == 0)
        _ = try parties.reports { $0.count { $0.user == "feeder" } >= 2 * names.count + 2 }
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)

        let made = calls(parties)
        #expect(made.count == names.count)
        for name in names {
            let path = parties.received + "/onfile/" + name
            let call = try #require(made.first { $0[1] == path }, "\(made)")
            #expect(call[0] == "1" && call[2] == path && call[4] == "onfile/" + name && call[5] == "alice")
            #expect(call[3].hasPrefix(parties.running["DD_URL"]) && call[3].hasSuffix("/alice/onfile/" + name))
            #expect(call[6].hasPrefix("d,") && call[7] == String("content of \(name)".utf8.count))
            #expect(call[8] == "bob" && call[9] == "0" && call[10] == "content of \(name)")
        }
    }

    @Test("on_file that says 75 is asked again later, and leaving with that open is status 1")
    func later() throws {
        let parties = try Parties("later")
        let script = try parties.write(
            "#!/bin/sh\necho \"$DD_RETRY|\" >>calls\n[ -e ready ] || exit 75\n", to: "later", mode: 0o755)
        try Tree.write([1], to: parties.source + "/file")
        let config = try parties.configure("mirror on\nstrip 2\non_file \(script)\nretry_waits 4s")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        // It is in bob's queue.
        _ = try parties.reports { !$0.isEmpty }
        let first = try parties.command("dd_subscribe").run([config, "--exit_idle", "2"])
        #expect(first.status == 1 && calls(parties).map { $0[0] } == ["0"], "\(first.errors)")
        _ = try parties.write("", to: "ready")
        let second = try parties.command("dd_subscribe").run([config, "--exit_idle", "6"])
        #expect(second.status == 0 && calls(parties).map { $0[0] } == ["0", "1"], "\(second.errors)")
        let reports = try parties.reports { $0.count >= 2 }
        #expect(reports.count { $0.user == "bob" } == 1, "\(reports)")
    }

    @Test(
        "a program that refuses is told to the source as 424, and what on_message refuses is not fetched",
        arguments: ["on_message", "on_file"])
    func refused(option: String) throws {
        let name = option == "on_file" ? "refusedfile" : "refusedmessage"
        let parties = try Parties(name)
        let script = try parties.write("#!/bin/sh\ncase \"$1\" in *bad) exit 3;; esac\n", to: "judge", mode: 0o755)
        for file in ["good", "bad"] { try Tree.write([1], to: parties.source + "/" + file) }
        let config = try parties.configure("mirror on\nstrip 2\n\(option) \(script)")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        _ = try parties.reports { $0.count >= 2 }
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "2"])
        #expect(
            outcome.status == 1 && outcome.errors.contains("424 \(option) '\(script)' refused it with exit status 3"),
            "\(outcome.errors)")
        let reports = try parties.reports { $0.count >= 4 }
        #expect(reports.filter { $0.user == "bob" }.map(\.code).sorted() == ["201", "424"], "\(reports)")
        let there = TemporaryFolder.tree(parties.received + "/" + name)
        #expect(there.contains("good") && (option == "on_file" || !there.contains("bad")))
    }

    @Test("a program with | in front is one process for all files, and what it refuses is told to the source in its words")
    func asked() throws {
        let parties = try Parties("asked")
        let script = try parties.write(
            """
            #!/bin/sh
            while read -r line; do
                printf "%s\\n" "$$|$line" >>calls
                case "$line" in
                    *asked/bad\\"*) echo '{"result":"refuse","message":"it is bad"}' ;;
                    *) echo '{"result":"accept"}' ;;
                esac
            done
            """, to: "judge", mode: 0o755)
        for name in ["one", "two", "bad", "é \\ \"x"] { try Tree.write([1], to: parties.source + "/" + name) }
        let config = try parties.configure("mirror on\nstrip 2\non_file | \(script)")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        _ = try parties.reports { $0.count >= 2 }
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "2"])
        #expect(
            outcome.status == 1 && outcome.errors.contains("424 on_file '\(script)' refused it: it is bad"), "\(outcome.errors)")
        let made = calls(parties)
        #expect(made.count == 4 && Set(made.map { $0[0] }).count == 1, "\(made)")
        let paths = made.map { try? JSONParser.parse($0.dropFirst().joined(separator: "|"))["path"]?.string }
        #expect(Set(paths) == Set(["one", "two", "bad", "é \\ \"x"].map { parties.received + "/asked/" + $0 }))
    }

    /// What the programs have written, a call a line, cut at `|`.
    private func calls(_ parties: Parties) -> [[String]] {
        (SmallFile.text(parties.path("calls")) ?? "").split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
