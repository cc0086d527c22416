import DDCore
import DDTestSupport
import Glibc
import Testing

/// What the system allows to a program, and what it says when that is too little.
@Suite("limits of the system", .serialized, .enabled(if: SwitchTests.installed))
struct LimitTests {
    /// One of our programs below a shell's limits.
    private func limited(_ limits: String, _ program: String, _ parties: Parties) -> (Command, [String]) {
        var command = parties.command(program)
        let path = command.path
        command = Command(path: "/bin/bash", environment: command.environment, folder: command.folder)
        return (command, ["-c", "\(limits); exec \"$0\" \"$@\"", path])
    }

    // Found before: SIGXFSZ ended the program at every start, without a word.
    @Test("ulimit -f: a file that is too large is refused with a report, and the others arrive")
    func fileSize() throws {
        let parties = try Parties("ulimit-f")
        var random = Seed().generator()
        try Tree.write(Tree.bytes(3_000_000, &random), to: parties.source + "/large")
        try Tree.write(Tree.bytes(3_000, &random), to: parties.source + "/small")
        let config = try parties.configure("mirror on\nstrip 2\n")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        let (shell, words) = limited("ulimit -f 1000", "dd_subscribe", parties)
        let outcome = try shell.run(words + [config, "--exit_idle", "3"])
        #expect(outcome.status == 1, "\(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains("413") && outcome.errors.contains("ulimit -f"), "\(outcome.errors)")
        #expect(TemporaryFolder.tree(parties.received) == ["ulimit-f/small"])
        let reports = try parties.reports { $0.count { $0.user == "bob" } >= 2 }
        #expect(reports.filter { $0.user == "bob" }.map(\.code).sorted() == ["201", "413"], "\(reports)")
    }

    // Found before: 412 of 3,000 files, then exit 1.
    @Test("ulimit -n: with fewer descriptors than folders all arrives, and too few are refused at the start")
    func descriptors() throws {
        let parties = try Parties("ulimit-n")
        for number in 0..<300 { try Tree.write([UInt8(number & 255)], to: "\(parties.source)/folder\(number % 60)/\(number)") }
        let config = try parties.configure("mirror on\nstrip 2\nparallel 16\n")
        try parties.prepare(config)
        #expect(try parties.post().status == 0)
        let (few, words) = limited("ulimit -n 200", "dd_subscribe", parties)
        let refused = try few.run(words + [config, "--exit_idle", "3"])
        #expect(refused.status == 78, "\(refused.errors)")
        #expect(refused.errors.contains("parallel 16 needs") && refused.errors.contains("ulimit -n"), "\(refused.errors)")
        let (tight, more) = limited("ulimit -n 400", "dd_subscribe", parties)
        let outcome = try tight.run(more + [config, "--exit_idle", "3"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(TemporaryFolder.tree(parties.received).count == 300)
        #expect(!outcome.errors.contains("Too many open files"), "\(outcome.errors)")
    }

    // Found before: exit 0.
    @Test("dd_post whose lines cannot be written says so and is no success")
    func fullOutput() throws {
        let parties = try Parties("full-out")
        try Tree.write([1], to: parties.source + "/file")
        let (shell, words) = limited("exec >/dev/full", "dd_post", parties)
        let outcome = try shell.run(words + parties.postWords())
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("standard output: no space left"), "\(outcome.errors)")
        let help = try shell.run(words + ["--help"])
        #expect(help.status == 71 && help.errors.contains("no space left"), "\(help.errors)")
    }

    // Found before: 69, for the silence of a broker that nobody had listened to.
    @Test("dd_post that was stopped for longer than wait goes on")
    func stopped() throws {
        // A switch of its own: what others post as alice would wait behind all these posts.
        let running = try RunningSwitch([])
        defer { running.stop() }
        let parties = try Parties("ctrl-z", at: running)
        try Tree.write([1], to: parties.source + "/file")
        let list = String(repeating: parties.source + "/file\n", count: 60_000)
        let words = parties.postWords(["--wait", "2"], paths: ["-"])
        let alice = try parties.command("dd_post").start(words, input: list)
        #expect(waitUntil(seconds: 20) { !alice.output.isEmpty })
        alice.send(SIGSTOP)
        usleep(4_000_000)
        try #require(alice.isRunning)
        alice.send(SIGCONT)
        let outcome = try alice.outcome(seconds: 120)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.utf8.count { $0 == 0x0a } == 60_000)
    }

    // Found before: what was said was the wait asked for, and what followed was that of the queue: 10 minutes instead of 65 s.
    @Test("what is said to be tried again in so many seconds is tried then")
    func promised() throws {
        let parties = try Parties("promised")
        let times = Guarded<[Double]>([])
        let server = try LyingServer { _ in
            times.withLock { $0.append(Monotonic.now()) }
            return .http(500)
        }
        let alice = try Announcer(parties)
        let bob = try parties.subscribe([
            try parties.configure("mirror on\nstrip 2\nretry_waits 6s\nallow_url \(server.url("/"))\n")
        ])
        try alice.announce("file", [1], at: server.url("/"))
        #expect(waitUntil(seconds: 60) { times.withLock { $0.count } >= 6 }, "\(bob.errors)")
        let made = times.withLock { $0 }
        let said = bob.errors.matches(of: /trying again in ([0-9.]+) s/).compactMap { Double($0.1) }
        #expect(said.count >= 5 && said.contains(6), "\(bob.errors)")
        for (number, seconds) in said.prefix(made.count - 1).enumerated() {
            let waited = made[number + 1] - made[number]
            #expect(waited >= seconds - 0.2 && waited < seconds + 1.5, "said \(said), waited \(waited) at \(number)")
        }
        bob.send(SIGTERM)
        _ = try bob.outcome()
    }
}
