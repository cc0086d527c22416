import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// A user's program works on one file at a time, whoever has started it.
@Suite("one program at a time", .serialized, .enabled(if: SwitchTests.installed))
struct OneProgramTests {
    /// Says when it begins and ends with a file, and takes its time.
    private static let command = "#!/bin/sh\necho \"b $1\" >>calls\nsleep 3\necho \"e $1\" >>calls\n"
    private static let server = """
        #!/bin/sh
        while read -r line; do
            path=$(printf '%s' "$line" | sed 's/.*"path":"\\([^"]*\\)".*/\\1/')
            echo "b $path" >>calls
            sleep 3
            echo "e $path" >>calls
            echo '{"result":"accept"}'
        done
        """

    // Found before: the program of the killed run went on, and the next run started a second one beside it.
    @Test(
        "the program of a run that was killed goes on, and the next run waits until it has ended with the file",
        arguments: [false, true])
    func killed(isServer: Bool) throws {
        let parties = try Parties(isServer ? "oneserver" : "oneprogram")
        let script = try parties.write(isServer ? Self.server : Self.command, to: "program", mode: 0o755)
        // A server is asked one question at a time: a second file would give the first one time to end.
        let names = (0..<(isServer ? 1 : 5)).map { "file\($0)" }
        for name in names { try Tree.write(Array(name.utf8), to: parties.source + "/" + name) }
        let config = try parties.configure("mirror on\nstrip 2\non_file \(isServer ? "| " : "")\(script)\nparallel 8")
        let first = try parties.subscribe([config])
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { calls(parties).count { $0.hasPrefix("b ") } >= names.count }, "\(first.errors)")
        first.kill()
        let second = try parties.subscribe([config, "--exit_idle", "8"])
        let outcome = try second.outcome(seconds: 90)
        #expect(outcome.status == 0 && outcome.errors.contains("still works on"), "\(outcome.errors)")
        let made = calls(parties)
        for name in names {
            let own = made.filter { $0.hasSuffix("/\(name)") }.map { String($0.prefix(1)) }.joined()
            #expect(own == "be" || own == "bebe", "\(name): \(own)")
        }
        // What was begun in the first run is asked once more.
        #expect(made.count > 2 * names.count, "\(made)")
    }

    // Found before: on_file ran twice for 286 of 1,004 files, once for each configuration.
    @Test("of two configurations that store the same files in one folder, the one that has stored a file runs its program")
    func twoConfigurations() throws {
        let parties = try Parties("onefolder")
        let script = try parties.write("#!/bin/sh\necho \"$1\" >>calls\n", to: "program", mode: 0o755)
        let names = (0..<200).map { "file\($0)" }
        for name in names { try Tree.write([UInt8](repeating: 7, count: 30_000), to: parties.source + "/" + name) }
        let running = try ["bob", "bobtwo"].map { name in
            try parties.subscribe([try parties.configure("mirror on\nstrip 2\non_file \(script)", name: name)])
        }
        #expect(try parties.post().status == 0)
        let done = try parties.reports { $0.count { $0.user == "bob" && ["201", "304"].contains($0.code) } >= 2 * names.count }
        #expect(done.count { $0.user == "bob" } >= 2 * names.count, "\(running.map(\.errors))")
        for one in running {
            one.send(SIGTERM)
            #expect(try one.outcome().status == 0)
        }
        let made = calls(parties).sorted()
        #expect(made == names.map { parties.received + "/onefolder/" + $0 }.sorted(), "\(made.count) of \(names.count)")
    }

    @Test("a lock is free when the program has answered, though something that it has left behind goes on")
    func background() throws {
        let folder = try TemporaryFolder()
        let program = try UserProgram("sh -c 'sleep 30 >/dev/null 2>&1 & echo $! >\(folder.path("pid"))'", limit: .seconds(20))
        defer { _ = SmallFile.text(folder.path("pid")).flatMap { Int32($0.dropLast()) }.map { kill($0, SIGKILL) } }
        let judge = try Judge(program, locks: folder.path("state/programs.lock"))
        let facts = ItemFacts(
            option: "on_file", url: "http://h/f", relpath: "f", source: "alice", sum: "0,0", size: 3, parts: nil, config: "c",
            isRetry: false)
        for _ in 0..<2 { #expect(try judge.ask("/p", facts) == .accepts) }
        let other = try ItemLock(folder.path("state/programs.lock"))
        #expect(try other.take(facts.item("/p")))
        #expect(try judge.ask("/p", facts) == .stillWorks && judge.ask("/q", facts) == .accepts)
    }

    private func calls(_ parties: Parties) -> [String] {
        (SmallFile.text(parties.path("calls")) ?? "").split(separator: "\n").map(String.init)
    }
}
