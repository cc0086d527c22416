import DDCore
import DDTestSupport
import Glibc
import Testing

/// dd_subscribe --existing: what was there before, then what comes.
@Suite("what is there already", .serialized, .enabled(if: SwitchTests.installed))
struct ExistingTests {
    @Test("all that the index lists is fetched once, and what is posted meanwhile comes after it")
    func walk() throws {
        let parties = try Parties("existing")
        for name in ["plain", "a b#c%41.txt", "été/日本.txt", "deep/er/file", "12:30", "deep/empty"] {
            try Tree.write(name == "deep/empty" ? [] : Array(name.utf8), to: parties.source + "/" + name)
        }
        try SmallFile.makeFolder(parties.source + "/nothing in it")
        #expect(try parties.post().status == 0)
        let stored = waitUntil(seconds: 20) { parties.stored.contains { TemporaryFolder.tree($0).count == 6 } }
        try #require(stored)
        let config = try parties.configure("mirror on\nstrip 2\nexisting on\nindex \(parties.running["DD_URL"])")
        let first = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.errors.contains("6 fetched, 0 unchanged, 0 failed"), "\(first.errors)")
        let copy = parties.received + "/existing"
        #expect(Tree.differences(contents(parties.source), contents(copy)) == "")
        #expect(Tree.leftovers(copy) == [])
        // The queue stood before: what is posted while nobody runs is in it.
        try Tree.write(Array("new".utf8), to: parties.source + "/posted later")
        #expect(try parties.post(paths: [parties.source + "/posted later"]).status == 0)
        _ = waitUntil(seconds: 20) { parties.stored.contains { TemporaryFolder.tree($0).count == 7 } }
        let changed = copy + "/plain"
        try Tree.write(Array("spoiled here".utf8), to: changed)
        let second = try parties.command("dd_subscribe").run([config, "--exit_idle", "2"])
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.errors.contains("2 fetched, 5 unchanged, 0 failed"), "\(second.errors)")
        #expect(Tree.differences(contents(parties.source), contents(copy)) == "")
    }

    @Test("an index that is cut short, or a page that is none, is said, and the exit status is 1")
    func badIndex() throws {
        let parties = try Parties("badindex")
        let entry = "<a href=\"a\">a</a> 21-Nov-2026 16:39 3\n"
        let cut = "<html><head><title>Index of /</title></head><pre>\n\(entry)"
        for (page, says) in [(cut, "cut short"), ("<html>welcome</html>", "no index")] {
            let server = try LyingServer { request in
                request.path == "/" ? .http(200, [:], Array(page.utf8)) : .http(200, [:], Array("abc".utf8))
            }
            let config = try parties.configure("mirror on\nexisting on\nindex \(server.url("/"))\nsubtopic #", name: "bad")
            let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(says), "\(outcome.errors)")
            #expect(TemporaryFolder.tree(parties.received) == [])
        }
    }

    @Test("an index that leads around in a ring comes to an end")
    func ring() throws {
        let parties = try Parties("ring")
        let page =
            "<html><head><title>Index of /</title></head><pre>\n<a href=\"again/\">again/</a> 21-Nov-2026 16:39 -\n</pre></html>"
        let server = try LyingServer { _ in .http(200, [:], Array(page.utf8)) }
        let config = try parties.configure("mirror on\nexisting on\nindex \(server.url("/"))\nsubtopic #", name: "ring")
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
        #expect(outcome.status == 1)
        // Folders of one name in each other may be meant: some are looked into, and what is left out is said.
        #expect(outcome.errors.contains("files below it are not seen"), "\(outcome.errors)")
        #expect(server.requests.count == 4)
    }

    private func contents(_ folder: String) -> [String: String] {
        Tree.facts(folder, times: false).filter { $0.value != "an empty folder" }
    }
}
