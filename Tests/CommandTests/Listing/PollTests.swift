import DDCore
import DDTestSupport
import Glibc
import Testing

/// dd_poll: what a server lists is posted as if its owner had.
@Suite("dd_poll", .serialized, .enabled(if: SwitchTests.installed))
struct PollTests {
    /// Polls alice's folder once through her web server; the posts printed, as relative paths.
    private func poll(_ parties: Parties, _ lines: String = "") throws -> (status: Int32, posts: [String], errors: String) {
        let url = parties.running["DD_SOURCE_URL"]
        let config = try parties.write(
            """
            broker \(parties.broker("alice"))
            poll_url \(url)
            once on
            accept \(url)\(parties.name)/.*
            \(lines)
            """, to: "poll.conf")
        let outcome = try parties.command("dd_poll").run([config])
        let posts = outcome.output.split(separator: "\n").map { line in
            String(line.split(separator: "\t")[0].dropFirst(url.utf8.count + parties.name.utf8.count + 1))
        }
        return (outcome.status, posts.sorted(), outcome.errors)
    }

    @Test("what is new or changed is posted once, with names of all kinds, and arrives")
    func changes() throws {
        let parties = try Parties("polled")
        for name in ["plain", "a b#.txt", "été.txt", "deep/er/file"] {
            try Tree.write(Array(name.utf8), to: parties.source + "/" + name)
        }
        let bob = try parties.subscribe([try parties.configure()])
        let first = try poll(parties)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.posts == ["%C3%A9t%C3%A9.txt", "a%20b%23.txt", "deep/er/file", "plain"])
        #expect(try poll(parties).posts == [])
        // A file in a folder that was not there, whole, and again when it has changed: faults 8 and 9 of the field's tools.
        try Tree.write(Array("in".utf8), to: parties.source + "/fresh/in")
        #expect(try poll(parties).posts == ["fresh/in"])
        try Tree.write(Array("longer".utf8), to: parties.source + "/fresh/in")
        #expect(try poll(parties).posts == ["fresh/in"])
        #expect(try poll(parties).posts == [])
        let copy = parties.received + "/polled"
        _ = waitUntil(seconds: 20) { Tree.facts(copy, times: false) == Tree.facts(parties.source, times: false) }
        #expect(Tree.differences(Tree.facts(parties.source, times: false), Tree.facts(copy, times: false)) == "")
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    @Test(
        "what has gone is forgotten, and announced as removed where that is wanted; a renamed folder is posted under its new name"
    )
    func removals() throws {
        let parties = try Parties("pollgone")
        for name in ["stays", "goes", "old/one", "old/deep/two"] {
            try Tree.write(Array(name.utf8), to: parties.source + "/" + name)
        }
        #expect(try poll(parties, "remove on").posts.count == 4)
        unlink(parties.source + "/goes")
        let moved = rename(parties.source + "/old", parties.source + "/new")
        #expect(moved == 0)
        let second = try poll(parties, "remove on")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.posts == ["goes", "new/deep/two", "new/one", "old/deep/two", "old/one"])
        #expect(try poll(parties, "remove on").posts == [])
        try Tree.write(Array("goes".utf8), to: parties.source + "/goes")
        #expect(try poll(parties).posts == ["goes"])
    }

    @Test("a listing that fails or is cut short makes nothing look removed or new")
    func badListings() throws {
        let parties = try Parties("pollbad")
        let entries = (0..<20).map { "<a href=\"f\($0)\">f\($0)</a> 21-Nov-2026 16:39 \($0)\n" }.joined()
        let whole = "<html><head><title>Index of /</title></head><pre>\n\(entries)</pre></html>"
        let mode = parties.path("mode")
        let server = try LyingServer { _ in
            switch SmallFile.text(mode) {
            case "fails": .http(500, [:], Array("<html><title>Index of /</title></html>".utf8))
            case "cut": .http(200, [:], Array(whole.utf8.prefix(600)))
            case "length":
                .last(
                    Array("HTTP/1.1 200 OK\r\nContent-Length: \(whole.utf8.count)\r\n\r\n".utf8) + Array(whole.utf8.prefix(300)))
            case "other": .http(200, [:], Array("<html>maintenance <a href=\"x\">x</a></html>".utf8))
            default: .http(200, [:], Array(whole.utf8))
            }
        }
        let config = try parties.write(
            "broker \(parties.broker("alice"))\npoll_url \(server.url("/"))\nonce on\nremove on\nwait 10\n", to: "poll.conf")
        try SmallFile.write("whole", to: mode)
        let first = try parties.command("dd_poll").run([config])
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.split(separator: "\n").count == 20)
        for bad in ["fails", "cut", "length", "other"] {
            try SmallFile.write(bad, to: mode)
            let outcome = try parties.command("dd_poll").run([config])
            #expect(outcome.status == 1, "\(bad): \(outcome.errors)")
            #expect(outcome.output.isEmpty, "\(bad): \(outcome.output)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(bad): \(outcome.errors)")
        }
        try SmallFile.write("whole", to: mode)
        let last = try parties.command("dd_poll").run([config])
        #expect(last.status == 0 && last.output.isEmpty, "\(last.output)\(last.errors)")
    }

    @Test("a post that no queue takes is tried again at the next look")
    func unroutable() throws {
        let parties = try Parties("pollnobody")
        try Tree.write([1], to: parties.source + "/file")
        let lost = try poll(parties, "topic_prefix v02.nobody")
        #expect(lost.status == 1)
        #expect(lost.posts == [])
        #expect(lost.errors.contains("no queue takes"), "\(lost.errors)")
        #expect(try poll(parties).posts == ["file"])
    }

    @Test("between two looks it waits, and a signal ends it at once with 0")
    func interval() throws {
        let parties = try Parties("pollagain")
        try Tree.write([1], to: parties.source + "/one")
        let url = parties.running["DD_SOURCE_URL"] + parties.name
        let config = try parties.write("broker \(parties.broker("alice"))\npoll_url \(url)\ninterval 1\n", to: "poll.conf")
        let running = try parties.command("dd_poll").start([config])
        #expect(
            waitUntil(seconds: 20) { running.output.contains("/pollagain/one\t1,1,1,0,0\tz,d") },
            "\(running.output)\(running.errors)")
        try Tree.write([1], to: parties.source + "/two")
        #expect(waitUntil(seconds: 20) { running.output.contains("/pollagain/two") }, "\(running.errors)")
        running.send(SIGTERM)
        #expect(try running.outcome(seconds: 10).status == 0)
        #expect(running.output.split(separator: "\n").count == 2)
    }

    @Test(
        "a configuration that cannot work is refused",
        arguments: [
            ("", 64), ("poll_url gopher://h/", 78), ("poll_url http://u:secret@h/", 78), ("poll_url http://h/\nsum d", 78),
            ("poll_url http://h/\ninterval 0", 78), ("poll_url http://h/\nnonsense 1", 78),
        ])
    func refused(_ lines: String, _ status: Int32) throws {
        let files = try TemporaryFolder()
        let config = try files.write("broker amqp://alice:any@127.0.0.1:1/\n\(lines)\n", to: "poll.conf")
        let outcome = try Command("dd_poll", environment: ["DD_CONFIG_HOME": files.path]).run([config], seconds: 10)
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(!outcome.errors.contains("secret"))
    }
}
