import DDCore
import DDTestSupport
import Glibc
import Testing

/// What people do with the tools of every day in a tree that dd_watch announces: in the end the subscriber has the same.
@Suite("dd_watch beside everyday tools", .serialized, .enabled(if: SwitchTests.installed))
struct WatchFieldTests {
    /// Runs a line of shell in alice's folder.
    private func run(_ line: String, in parties: Parties) throws {
        let script = try parties.write("#!/bin/sh\nset -e\ncd '\(parties.source)'\n\(line)\n", to: "do.sh", mode: 0o755)
        let outcome = try Command(path: "/bin/sh", environment: ["HOME": parties.path("home"), "PATH": "/usr/bin:/bin"]).run(
            [script], seconds: 60)
        try #require(outcome.status == 0, "\(outcome)")
    }

    @Test(
        "git, tar, rsync --delete, an editor's save and the move of a large tree",
        arguments: Backend.usable.filter { $0 != .polling })
    func tools(_ backend: Backend) throws {
        let parties = try Parties("tools\(backend)")
        let count = Seed.isLong ? 10_000 : 600
        let bob = try parties.subscribe([try parties.configure("mirror on\nstrip 2\nremove on\nretry_ttl 1m")])
        let watch = try parties.command("dd_watch").start(parties.postWords(backend.words))
        try #require(waitUntil(seconds: 20) { watch.errors.contains("looked through") }, "\(watch.errors)")
        func same(_ what: String) {
            let copy = parties.received + "/" + parties.name
            let isSame = waitUntil(seconds: 90) { Tree.facts(copy, times: false) == Tree.facts(parties.source, times: false) }
            let differences = Tree.differences(Tree.facts(parties.source, times: false), Tree.facts(copy, times: false))
            #expect(isSame, "\(what): \(differences)\n\(watch.errors.suffix(2_000))")
        }
        let many =
            "i=0; while [ $i -lt \(count) ]; do mkdir -p origin/$((i % 97)); echo $i >origin/$((i % 97))/$i; i=$((i + 1)); done"
        let elsewhere = parties.path("elsewhere")
        try SmallFile.makeFolder(elsewhere)
        let git = "git -c init.defaultBranch=main -c user.name=a -c user.email=a@b"
        try run("cd \(elsewhere); \(many); \(git) init -q origin; cd origin; \(git) add -A; \(git) commit -qm one", in: parties)
        try run("\(git) clone -q \(elsewhere)/origin clone", in: parties)
        same("git clone")
        try run("cd clone; echo changed >1/1; git rm -q 2/2; \(git) commit -qam two; \(git) gc -q", in: parties)
        same("git commit and gc")
        try run(
            "tar cf \(elsewhere)/t.tar -C \(elsewhere)/origin 1 2 3; mkdir tar; tar xf \(elsewhere)/t.tar -C tar", in: parties)
        same("tar")
        try run(
            "rsync -a --delete --exclude .git \(elsewhere)/origin/ tar/; rm -r \(elsewhere)/origin/5; rsync -a --delete --exclude .git \(elsewhere)/origin/ tar/",
            in: parties)
        same("rsync --delete")
        // As vim writes: a number to see whether it may, the old one renamed, the new one written, the old one removed.
        try run(
            "touch 4913; rm 4913; mv clone/1/1 'clone/1/1~'; echo saved >clone/1/1; rm 'clone/1/1~'; cp clone/3/3 x.new; mv x.new clone/3/3",
            in: parties)
        same("an editor")
        try run("mv clone moved; mv tar moved/in", in: parties)
        same("mv")
        try run("rm -rf moved", in: parties)
        same("rm -rf")
        watch.send(SIGTERM)
        #expect(try watch.outcome(seconds: 30).status == 0)
        bob.send(SIGTERM)
        _ = try bob.outcome(seconds: 30)
    }
}
