import DDCore
import DDTestSupport
import Glibc
import Testing

/// Programs that are killed in the middle of their work. With `DD_TEST_LONG` in the environment: a tree of 20,000 files, each program
/// killed ten times, and the broker once.
@Suite("crashes", .serialized, .enabled(if: SwitchTests.installed))
struct CrashTests {
    static let isLong = Seed.isLong
    private let kills = isLong ? 10 : 3
    private let folders = isLong ? 40 : 12
    private let seed = Seed()

    @Test("killed at random moments, programs and broker lose nothing and never show half a file", .timeLimit(.minutes(40)))
    func killing() throws {
        let running = try RunningSwitch()
        defer { running.stop() }
        let parties = try Parties("crash", at: running)
        var generator = seed.generator()
        try Self.isLong ? copyTree(to: parties.source) : makeTree(in: parties.source, &generator)
        let wanted = Tree.facts(parties.source)
        let names = TemporaryFolder.tree(parties.source).filter { !Tree.isLink("\(parties.source)/\($0)") }
        let contents = Dictionary(names.map { (Array($0.utf8), Tree.content(parties.source + "/" + $0) ?? "") }) { $1 }
        let config = try parties.configure()
        try parties.prepare(config)
        let copy = parties.received + "/crash"
        let watcher = try Watcher(contents) { [copy] + parties.stored }

        var bob = try parties.subscribe([config])
        let victims = (0..<4).map { _ in Set((0..<folders).shuffled(using: &generator).prefix(kills)) }
        for folder in 0..<folders {
            let words = parties.postWords(paths: ["\(parties.source)/\(folder)"])
            var alice = try parties.command("dd_post").start(words)
            if victims[0].contains(folder) {
                usleep(.random(in: 0...300_000, using: &generator))
                bob.kill()
                bob = try parties.subscribe([config])
            }
            if victims[1].contains(folder) {
                try kill("ingest", of: running, after: .random(in: 50_000...600_000, using: &generator))
            }
            if victims[2].contains(folder) {
                usleep(.random(in: 0...100_000, using: &generator))
                alice.kill()
                alice = try parties.command("dd_post").start(words)
            }
            if victims[3].contains(folder) {
                try kill("log2source", of: running, after: .random(in: 0...300_000, using: &generator))
            }
            if Self.isLong && folder == folders / 2 { try kill("broker", of: running, after: 100_000) }
            let outcome = try alice.outcome(seconds: 300)
            #expect(outcome.status == 0, "\(seed): \(outcome.errors)")
        }

        _ = waitUntil(seconds: Self.isLong ? 1800 : 60) {
            TemporaryFolder.tree(copy).count >= TemporaryFolder.tree(parties.source).count
        }
        usleep(500_000)
        bob.send(SIGTERM)
        let outcome = try bob.outcome()
        #expect(outcome.status == 0, "\(seed): \(outcome.errors)")
        let (faults, reads) = watcher.end()
        #expect(faults == [], "\(seed)")
        #expect(reads > contents.count)
        for place in [copy] + parties.stored {
            #expect(Tree.differences(wanted, Tree.facts(place)) == "", "\(seed)")
            #expect(Tree.leftovers(place) == [], "\(seed)")
        }
        for program in ["ingest", "log2source"] {
            #expect(running.log.matches(of: try Regex("\(program) ended with status 137")).count == kills)
        }
        let reports = try parties.reports { $0.count { $0.user == "bob" } >= contents.count }
        #expect(reports.count { $0.user == "bob" } >= contents.count, "\(seed)")
    }

    /// Kills a program of the switch when it has run for so many microseconds.
    private func kill(_ program: String, of running: RunningSwitch, after pause: UInt32) throws {
        var pid: Int32 = 0
        let lives = waitUntil(seconds: 30) {
            pid = SmallFile.text(running.folder + "/run/\(program).pid").flatMap { Int32($0.dropLast()) } ?? 0
            return pid > 0 && Glibc.kill(pid, 0) == 0
        }
        try #require(lives, "\(running.log)")
        usleep(pause)
        Glibc.kill(pid, SIGKILL)
        // Its file goes when dd_switch has seen it.
        #expect(waitUntil(seconds: 10) { Glibc.kill(pid, 0) != 0 })
    }

    /// 400 small files and some that take longer, in folders.
    private func makeTree(in root: String, _ generator: inout SplitMix64) throws {
        for number in 0..<400 {
            let size = Int.random(in: 0...(number % 4 == 0 ? 100_000 : 3_000), using: &generator)
            try Tree.write(Tree.bytes(size, &generator), to: "\(root)/\(number % folders)/é \(number)#.bin")
        }
        for number in 0..<folders { try Tree.write(Tree.bytes(4 << 20, &generator), to: "\(root)/\(number)/large") }
    }

    /// 20,000 files of this machine's, in as many folders, and the odd ones.
    private func copyTree(to root: String) throws {
        var count = 0
        for name in TemporaryFolder.tree("/usr/share") where count < 20_000 {
            var info = stat()
            guard lstat("/usr/share/" + name, &info) == 0, info.st_mode & S_IFMT == S_IFREG, info.st_size < 2_000_000,
                let bytes = SmallFile.bytes("/usr/share/" + name)
            else { continue }
            try Tree.write(bytes, to: "\(root)/\(count % folders)/\(name)")
            count += 1
        }
        for name in MainJobTests.oddNames { try Tree.write(Array(name.utf8), to: "\(root)/0/\(name)") }
        for number in 0..<folders {
            try Tree.write([], to: "\(root)/\(number)/empty")
            for (name, target) in [("link", "empty"), ("link up", "../0/empty"), ("link to nothing", "not here")] {
                guard symlink(target, "\(root)/\(number)/\(name)") == 0 else { throw ProcessError("cannot link \(name)", errno) }
            }
        }
    }
}
