import DDCore
import DDTestSupport
import Glibc
import Testing

/// How dd_watch is told of changes in a test.
enum Backend: String, CaseIterable, Sendable {
    case fanotify, inotify, polling

    static var usable: [Backend] { geteuid() == 0 ? allCases : [.inotify, .polling] }
    var words: [String] { self == .polling ? ["--force_polling", "1"] : ["--backend", rawValue] }
}

@Suite("dd_watch", .serialized, .enabled(if: SwitchTests.installed))
struct WatchTests {
    private static let words = ["-b", "-u", "-dr"]

    /// Starts it on alice's folder, and waits until it has looked at everything.
    private func watch(_ parties: Parties, _ backend: Backend, _ options: [String] = []) throws -> RunningCommand {
        let watch = try parties.command("dd_watch").start(parties.postWords(backend.words + options))
        try #require(waitUntil(seconds: 20) { watch.errors.contains("looked through") || !watch.isRunning }, "\(watch.errors)")
        return watch
    }

    /// The paths of what it has posted, in alice's folder, each with the first letter of its sum; without folders.
    private func posted(_ watch: RunningCommand, _ parties: Parties, folders: Bool = false) -> [String] {
        watch.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard let path = words[0].firstRange(of: "/\(parties.name)/").map({ words[0][$0.upperBound...] }) else { return nil }
            return "\(words.last?.prefix { $0 != "," } ?? "") \(path)"
        }
    }

    @Test("what is written, moved, linked, removed is announced once, and a subscriber has the same", arguments: Backend.usable)
    func changes(_ backend: Backend) throws {
        let parties = try Parties("watched\(backend)")
        try Tree.write([1], to: parties.source + "/before")
        let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\nremove on")])
        let watch = try watch(parties, backend)
        func same(_ what: String) {
            let copy = parties.received + "/" + parties.name
            let isSame = waitUntil(seconds: 30) {
                Tree.facts(copy, times: false) == Tree.facts(parties.source, times: false).filter { $0.key != "before" }
            }
            #expect(
                isSame,
                "\(what): \(Tree.differences(Tree.facts(parties.source, times: false), Tree.facts(copy, times: false))) \(watch.errors) \(watch.output)"
            )
        }
        let source = parties.source
        for number in 0..<20 { try Tree.write(Array("\(number)".utf8), to: "\(source)/d\(number % 4)/deep/er/\(number)") }
        try Tree.write([2], to: source + "/a b#é.txt")
        symlink("a b#é.txt", source + "/link")
        same("made")
        link(source + "/a b#é.txt", source + "/second")
        rename(source + "/d0/deep", source + "/d1/moved")
        rename(source + "/d2", source + "/former")
        try Tree.write([3, 4], to: source + "/.x.tmp")
        rename(source + "/.x.tmp", source + "/replaced")
        same("moved")
        unlink(source + "/second")
        TemporaryFolder.remove(source + "/d3")
        try Tree.write([5, 6, 7], to: source + "/replaced")
        mkdir(source + "/empty", 0o755)
        same("removed")
        try Tree.write([8], to: source + "/former/deep/er/after")
        try Tree.write([9], to: source + "/d1/moved/er/after")
        same("within what was moved")
        watch.send(SIGTERM)
        let outcome = try watch.outcome(seconds: 30)
        #expect(outcome.status == 0, "\(outcome.errors)")
        // Nothing that is there now was announced twice as it is now, and what was there before not at all.
        let lines = outcome.output.split(separator: "\n")
        #expect(!outcome.output.contains("/before\t"), "\(outcome.output)")
        let doubles = Dictionary(grouping: lines) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
        #expect(doubles == [], "\(outcome.output)")
        bob.send(SIGTERM)
        _ = try bob.outcome()
    }

    @Test("what changed while it did not run, or was killed, is announced at the next start, and nothing twice")
    func restart() throws {
        let parties = try Parties("watchrestart")
        let source = parties.source
        for number in 0..<200 { try Tree.write(Array("\(number)".utf8), to: "\(source)/d\(number % 9)/\(number)") }
        let first = try watch(parties, .inotify, ["--existing"])
        #expect(waitUntil(seconds: 20) { posted(first, parties).count { !$0.hasSuffix("/") } >= 209 }, "\(first.output)")
        first.send(SIGTERM)
        #expect(try first.outcome().status == 0)
        try Tree.write([1, 2, 3, 4], to: source + "/d1/1")
        unlink(source + "/d2/2")
        try Tree.write([1], to: source + "/new/one")
        let second = try watch(parties, .inotify, ["--existing"])
        #expect(waitUntil(seconds: 20) { posted(second, parties).count >= 4 }, "\(second.output)")
        usleep(300_000)
        #expect(Set(posted(second, parties)) == ["d d1/1", "R d2/2", "d new/one", "m new"], "\(posted(second, parties))")
        #expect(posted(second, parties).count == 4)
        // Killed at moments of its own under load: nothing is missing at the end.
        var random = SplitMix64(seed: 3)
        var all = Set(posted(second, parties))
        var running = second
        let kills = Seed.isLong ? 20 : 5
        for round in 0..<kills {
            for number in 0..<100 { try Tree.write([UInt8(round)], to: "\(source)/k\(round)/\(number)") }
            usleep(UInt32.random(in: 0..<60_000, using: &random))
            running.send(SIGKILL)
            _ = try running.outcome()
            all.formUnion(posted(running, parties))
            running = try watch(parties, .inotify, ["--existing"])
        }
        let wanted = Set((0..<kills).flatMap { round in (0..<100).map { "d k\(round)/\($0)" } })
        let isComplete = waitUntil(seconds: 20) { wanted.isSubset(of: all.union(posted(running, parties))) }
        #expect(isComplete, "\(wanted.subtracting(all.union(posted(running, parties))).sorted().prefix(9))")
        running.send(SIGTERM)
        #expect(try running.outcome().status == 0)
    }

    @Test("a tree that is not there, or was unmounted, is not announced as removed")
    func unmounted() throws {
        let parties = try Parties("watchgone")
        try Tree.write([1], to: parties.source + "/f")
        let first = try watch(parties, .inotify, ["--existing"])
        #expect(waitUntil(seconds: 20) { posted(first, parties) == ["d f"] })
        rename(parties.source, parties.source + "-away")
        #expect(waitUntil(seconds: 40) { first.errors.contains("nothing of it is announced as removed") }, "\(first.errors)")
        first.send(SIGTERM)
        #expect(try first.outcome().status == 0)
        let second = try watch(parties, .inotify, ["--existing"])
        #expect(waitUntil(seconds: 10) { second.errors.contains("it is not there; nothing of it is announced as removed") })
        #expect(posted(first, parties) == ["d f"] && posted(second, parties) == [])
        // It is back.
        rename(parties.source + "-away", parties.source)
        try Tree.write([2], to: parties.source + "/g")
        #expect(waitUntil(seconds: 40) { posted(second, parties) == ["d g"] }, "\(second.output) \(second.errors)")
        #expect(second.errors.contains("is there again"))
        second.send(SIGTERM)
        _ = try second.outcome()
    }

    @Test("events that were lost are made up for", arguments: [Backend.inotify])
    func overflow(_ backend: Backend) throws {
        let parties = try Parties("watchlost")
        let watch = try watch(parties, backend)
        // Stopped, it reads nothing, and the system keeps 16,384 events.
        watch.send(SIGSTOP)
        for number in 0..<9_000 { try Tree.write([1], to: "\(parties.source)/\(number)") }
        for number in 0..<9_000 where number % 3 == 0 { unlink("\(parties.source)/\(number)") }
        watch.send(SIGCONT)
        let wanted = 6_000
        #expect(
            waitUntil(seconds: 30) { posted(watch, parties).count >= wanted }, "\(posted(watch, parties).count) \(watch.errors)")
        usleep(300_000)
        #expect(Set(posted(watch, parties)) == Set((0..<9_000).filter { $0 % 3 != 0 }.map { "d \($0)" }))
        #expect(watch.errors.contains("more changed than the system could tell"), "\(watch.errors)")
        watch.send(SIGTERM)
        #expect(try watch.outcome().status == 0)
    }

    @Test(
        "many changes by four writers are announced, each once; fresh folders in folders too",
        arguments: Backend.usable.filter { $0 != .polling })
    func many(_ backend: Backend) throws {
        let parties = try Parties("watchmany\(backend)")
        let watch = try watch(parties, backend, ["--events", "file"])
        let ended = Guarded(0)
        // In twice as many folders as a tenth of them.
        let each = Seed.isLong ? 25_000 : 1_000
        for writer in 0..<4 {
            let source = parties.source
            try Thread.start(for: "a writer") {
                for number in 0..<each {
                    try? Tree.write(Array("\(number)".utf8), to: "\(source)/w\(writer)/\(number / 10)/x/\(number)")
                }
                ended.withLock { $0 += 1 }
            }
        }
        #expect(waitUntil(seconds: 300) { ended.withLock { $0 == 4 } })
        #expect(
            waitUntil(seconds: Seed.isLong ? 300 : 60) {
                posted(watch, parties).count >= 4 * each
            },
            "\(posted(watch, parties).count) \(watch.errors)")
        usleep(800_000)
        let all = posted(watch, parties)
        #expect(all.count == 4 * each && Set(all).count == 4 * each, "\(all.count) \(Set(all).count)")
        watch.send(SIGTERM)
        #expect(try watch.outcome().status == 0)
    }

    @Test("in the background as the others; what makes no sense is one line")
    func background() throws {
        let parties = try Parties("watchdaemon")
        let text =
            "broker \(parties.broker("alice"))\nurl \(parties.running["DD_SOURCE_URL"])\ndocument_root \(parties.running["DD_SOURCE_ROOT"])\n"
        let config = try parties.write(text + "path \(parties.source)\n", to: "w.conf")
        func run(_ words: String...) throws -> Command.Outcome { try parties.command("dd_watch").run(words) }
        #expect(try run(config, "start").status == 0)
        #expect(try run(config, "status").output.contains("connected"))
        try Tree.write([1], to: parties.source + "/f")
        let log = parties.path("state/log")
        #expect(
            waitUntil(seconds: 20) {
                TemporaryFolder.names(in: log).contains { SmallFile.text("\(log)/\($0)")?.contains("watchdaemon/f\t") ?? false }
            })
        let second = try run(config)
        #expect(second.status == 64 && second.errors.contains("runs already"), "\(second)")
        #expect(try run(config, "reload").status == 0)
        #expect(
            waitUntil(seconds: 10) {
                TemporaryFolder.names(in: log).contains { SmallFile.text("\(log)/\($0)")?.contains("read again") ?? false }
            })
        try Tree.write([1], to: parties.source + "/g")
        #expect(
            waitUntil(seconds: 20) {
                TemporaryFolder.names(in: log).contains { SmallFile.text("\(log)/\($0)")?.contains("watchdaemon/g\t") ?? false }
            })
        #expect(try run(config, "stop").status == 0)
        #expect(try run(config, "status").status == 3)
        func fails(_ lines: String, _ words: String) throws {
            let bad = try parties.write(text + lines, to: "bad.conf")
            let outcome = try run(bad)
            #expect(
                outcome.status != 0 && outcome.errors.contains(words) && outcome.errors.split(separator: "\n").count == 1,
                "\(outcome)")
        }
        try fails("", "'path' is needed")
        try fails("path /\n", "not below the document root")
        try fails("path \(parties.source)\nevents file,close\n", "bad value 'file,close'")
        try fails("path \(parties.source)\nforce_polling 0\n", "force_polling")
        #expect(try run().status == 64)
    }
}
