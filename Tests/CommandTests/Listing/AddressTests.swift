import DDCore
import DDTestSupport
import Glibc
import Testing

/// URLs as browsers show them, in configurations and on command lines.
@Suite("addresses as they are copied", .serialized, .enabled(if: SwitchTests.installed))
struct AddressTests {
    @Test("a base with %20 and other letters is that of the files, for dd_post, dd_poll and dd_subscribe --existing alike")
    func encoded() throws {
        let parties = try Parties("copied")
        let folder = parties.source + "/sp ace/é#1"
        try Tree.write(Array("hello".utf8), to: folder + "/f")
        let encoded = parties.running["DD_SOURCE_URL"] + "copied/sp%20ace/%C3%A9%231/"
        let blank = encoded.replacing("%20", with: " ")
        for url in [encoded, blank] {
            let posted = try parties.command("dd_post").run([
                "-b", parties.broker("alice"), "-u", url, "-dr", folder, "--mandatory=off", folder + "/f",
            ])
            #expect(posted.status == 0 && posted.output.hasPrefix(encoded + "f\t"), "\(posted.output)\(posted.errors)")
            let fetched = try Command(path: "/usr/bin/curl").run(["-sSf", String(posted.output.prefix { $0 != "\t" })])
            #expect(fetched.output == "hello", "\(fetched.errors)")
        }
        let poll = try parties.write(
            "broker \(parties.broker("alice"))\npoll_url \(encoded)\nonce on\nmandatory off\n", to: "poll.conf")
        let polled = try parties.command("dd_poll").run([poll])
        #expect(polled.status == 0 && polled.output.hasPrefix(encoded + "f\t"), "\(polled.output)\(polled.errors)")
        let config = try parties.configure("mirror on\nexisting on\nindex \(encoded)\nsubtopic #", name: "copied")
        let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
        #expect(outcome.status == 0 && TemporaryFolder.tree(parties.received) == ["f"], "\(outcome.errors)")
    }

    @Test("a query or a fragment is refused, with what to write instead")
    func refused() throws {
        let parties = try Parties("query")
        for (url, code) in [("http://h/get?file=", "%3F"), ("http://h/a#b/", "%23")] {
            let outcome = try parties.command("dd_post").run([
                "-n", "-b", parties.broker("alice"), "-u", url, "-dr", "/", "/etc/hostname",
            ])
            #expect(outcome.status == 64 && outcome.output.isEmpty && outcome.errors.contains(code), "\(outcome.errors)")
        }
    }
}

/// `--existing` where the page does not say sizes.
@Suite(
    "what is there already, behind pages that round", .serialized,
    .enabled(if: SwitchTests.installed && RunningServer.hasListingServers))
struct RoundedTests {
    enum Kind: String, CaseIterable, Sendable { case apache, lighttpd, python }

    @Test("what is here is not fetched again", arguments: Kind.allCases)
    func again(kind: Kind) throws {
        let parties = try Parties("rounded\(kind.rawValue)")
        let home = try TemporaryFolder()
        chmod(home.path, 0o755)
        for (name, size) in [("small", 3), ("large", 3_000), ("sub/larger", 2_000_000)] {
            try home.write(String(repeating: "x", count: size), to: "tree/" + name)
        }
        let server: RunningServer =
            switch kind {
            case .apache: try .apache(home.path, "IndexOptions FancyIndexing")
            case .lighttpd: try .lighttpd(home.path)
            case .python: try .python(home.path)
            }
        let index = "http://127.0.0.1:\(server.port)/tree/"
        let config = try parties.configure("mirror on\nexisting on\nindex \(index)\nsubtopic #", name: "rounded")
        for says in ["3 fetched, 0 unchanged, 0 failed", "0 fetched, 3 unchanged, 0 failed"] {
            let outcome = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
            #expect(outcome.status == 0 && outcome.errors.contains(says), "\(outcome.errors)")
        }
        try home.write(String(repeating: "y", count: 3_001), to: "tree/large")
        let changed = try parties.command("dd_subscribe").run([config, "--exit_idle", "0"])
        #expect(changed.errors.contains("1 fetched, 2 unchanged, 0 failed"), "\(changed.errors)")
    }
}
