import DDCore
import DDTestSupport
import Glibc
import Testing

/// What becomes of the directory that files go to while a program runs.
@Suite("the destination changes under the program", .serialized, .enabled(if: SwitchTests.installed))
struct DestinationTests {
    /// What is done to it.
    enum Change: CaseIterable, CustomTestStringConvertible {
        case madeAnew, linkedElsewhere, removed

        var testDescription: String {
            switch self {
            case .madeAnew: "moved away and made anew"
            case .linkedElsewhere: "replaced by a link"
            case .removed: "removed with all that was in it"
            }
        }
    }

    // Found before: 200 of 200 later posts were acknowledged, reported 201, their programs started with a path that did not exist, and
    // nothing was at the destination.
    @Test("what is posted afterwards is where the path leads, also for its program", arguments: Change.allCases)
    func changed(_ change: Change) throws {
        let parties = try Parties("dest-\(change)")
        let script = try parties.write(
            "#!/bin/sh\n[ -f \"$1\" ] && echo there >>calls || echo gone >>calls\n", to: "on", mode: 0o755)
        let config = try parties.configure("mirror on\nstrip 2\nparallel 2\non_file \(script)")
        let bob = try parties.subscribe([config])
        let root = parties.received + "/\(parties.name)"
        try post("early", 10, parties)
        #expect(
            waitUntil(seconds: 30) { TemporaryFolder.tree(root).count == 10 && calls(parties).count == 10 }, "\(bob.errors)")
        switch change {
        case .madeAnew:
            #expect(rename(parties.received, parties.path("away")) == 0)
            #expect(mkdir(parties.received, 0o755) == 0)
        case .linkedElsewhere:
            #expect(rename(parties.received, parties.path("away")) == 0)
            #expect(mkdir(parties.path("elsewhere"), 0o755) == 0 && symlink("elsewhere", parties.received) == 0)
        case .removed: TemporaryFolder.remove(parties.received)
        }
        try post("late", 40, parties)
        #expect(
            waitUntil(seconds: 40) { TemporaryFolder.tree(root + "/late").count == 40 && calls(parties).count >= 50 },
            "\(TemporaryFolder.tree(root)) \(bob.errors)")
        #expect(!calls(parties).contains("gone"), "\(bob.errors)")
        #expect(bob.isRunning)
        bob.send(SIGTERM)
        #expect(try bob.outcome().status <= 1, "\(bob.errors)")
        // What was not acknowledged at the time of the change comes again, and nothing waits then.
        let rest = try parties.command("dd_subscribe").run([config, "--exit_idle", "3"])
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(TemporaryFolder.tree(root + "/late").count == 40)
        for name in TemporaryFolder.tree(root + "/late") { #expect(SmallFile.bytes(root + "/late/" + name)?.count == 3) }
    }

    // Found before: exit 1, which the keeper took for an end on purpose.
    @Test("a destination that is away for a second ends nothing: the files are where they were, or come again")
    func away() throws {
        let parties = try Parties("away-dest")
        let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\n")])
        let root = parties.received + "/\(parties.name)"
        try post("first", 5, parties)
        #expect(waitUntil(seconds: 30) { TemporaryFolder.tree(root).count == 5 }, "\(bob.errors)")
        var rounds = 0
        for round in 0..<10 where rounds < 3 {
            let left = Monotonic.now()
            #expect(rename(parties.received, parties.path("away")) == 0)
            try post("round\(round)", 20, parties)
            usleep(600_000)
            // What is away for five seconds is made anew, and rightly: on a machine that posts so slowly the round says nothing.
            guard Monotonic.now() - left < 4.5 else {
                TemporaryFolder.remove(parties.received)
                #expect(rename(parties.path("away"), parties.received) == 0)
                continue
            }
            rounds += 1
            // Nothing was made in its place.
            try #require(access(parties.received, F_OK) != 0)
            #expect(rename(parties.path("away"), parties.received) == 0)
            #expect(
                waitUntil(seconds: 40) { TemporaryFolder.tree(root + "/round\(round)").count == 20 },
                "\(TemporaryFolder.tree(root)) \(bob.errors)")
        }
        #expect(rounds > 0 && bob.isRunning && bob.errors.contains("cannot find"), "\(bob.errors)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0, "\(bob.errors)")
    }

    // Found before: the sync of a group ended the program when the dated folder was gone.
    @Test("an on_file that moves each file away and removes its dated folder is no fault")
    func emptied() throws {
        let parties = try Parties("emptied")
        try SmallFile.makeFolder(parties.path("taken"))
        let script = try parties.write(
            "#!/bin/sh\nmv \"$1\" taken/ && rmdir -p \"$(dirname \"$1\")\" 2>/dev/null\nexit 0\n", to: "on", mode: 0o755)
        let config = try parties.configure(
            "mirror off\nparallel 2\non_file \(script)\ndirectory \(parties.received)/${%Y%m%d}/in\naccept .*")
        let bob = try parties.subscribe([config])
        try post("all", 60, parties)
        #expect(waitUntil(seconds: 40) { TemporaryFolder.tree(parties.path("taken")).count == 60 }, "\(bob.errors)")
        #expect(bob.isRunning)
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0, "\(bob.errors)")
        #expect(!bob.errors.contains("brought again"), "\(bob.errors)")
        let rest = try parties.command("dd_subscribe").run([config, "--exit_idle", "1"])
        #expect(rest.status == 0 && TemporaryFolder.tree(parties.path("taken")).count == 60, "\(rest.errors)")
    }

    @Test("files that are made safe before they get their names arrive as the others")
    func synced() throws {
        let parties = try Parties("presynced")
        let config = try parties.configure("mirror on\nstrip 2\nsync_before_rename on\n")
        let bob = try parties.subscribe([config])
        try post("all", 20, parties)
        let root = parties.received + "/\(parties.name)/all"
        #expect(waitUntil(seconds: 30) { TemporaryFolder.tree(root).count == 20 }, "\(bob.errors)")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    private func post(_ folder: String, _ count: Int, _ parties: Parties) throws {
        for number in 0..<count { try Tree.write([1, 2, UInt8(number)], to: "\(parties.source)/\(folder)/\(number)") }
        let outcome = try parties.post(paths: ["\(parties.source)/\(folder)"])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func calls(_ parties: Parties) -> [Substring] {
        (SmallFile.text(parties.path("calls")) ?? "").split(separator: "\n")
    }
}
