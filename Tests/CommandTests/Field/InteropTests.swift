import DDCore
import DDTestSupport
import Glibc
import Testing

/// The field's own tools and ours on one broker, both ways; docs/interop.md tells what was seen.
@Suite("with the field's own tools", .serialized, .enabled(if: SwitchTests.installed))
struct InteropTests {
    static let oddNames = [
        "sp ace/fi le.txt", "été_日本.txt", "a#b.txt", "odd*c%d+e&f;g=h.v1.2.txt", "2015.10/20/x.y.txt", "q\"uote",
    ]

    @Test(
        "what they post arrives at ours as they have it, whatever the names",
        arguments: [(FieldTool.sr3, "v02"), (.sr3, "v03"), (.v2, "v02"), (.v2, "v03")])
    func theirsToOurs(_ tool: FieldTool, _ form: String) throws {
        let parties = try Parties("from\(tool.rawValue)\(form)")
        for name in ["plain.txt", "empty"] + Self.oddNames {
            try Tree.write(name == "empty" ? [] : Array(name.utf8), to: parties.source + "/" + name)
        }
        // The newer tool's v02 has no word for where a link leads.
        let losesLinks = tool == .sr3 && form == "v02"
        let link = symlink("plain.txt", parties.source + "/link")
        #expect(link == 0)
        let bob = try parties.subscribe([try parties.configure()])
        let posted = try FieldHome(parties).post(tool, form, parties.source)
        #expect(posted.status == 0, "\(posted.output)\(posted.errors)")
        // They count time in floating point: the last digits of nanoseconds are lost.
        var wanted = Tree.facts(parties.source, times: false)
        if losesLinks { wanted["link"] = nil }
        let copy = parties.received + "/" + parties.name
        _ = waitUntil(seconds: 20) { Tree.differences(wanted, Tree.facts(copy, times: false)) == "" }
        #expect(Tree.differences(wanted, Tree.facts(copy, times: false)) == "", "\(posted.output)\(posted.errors)\(bob.errors)")
        let reports = try parties.reports { $0.count { $0.code == "201" } >= 2 * wanted.count }
        // The newer tool posts folders, too.
        #expect(reports.count { $0.code == "201" && $0.user == "bob" } >= wanted.count)
        #expect(reports.count { $0.code == "417" } == (losesLinks ? 1 : 0))
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }

    @Test("what ours and theirs post arrives at theirs through our switch, and dd_log has their reports")
    func oursToTheirs() throws {
        let parties = try Parties("totheirs")
        let home = try FieldHome(parties)
        let (sr3, v2) = (parties.path("sr3"), parties.path("v2"))
        let subscribers = [try home.subscribe(.sr3, into: sr3), try home.subscribe(.v2, into: v2)]
        let bob = try parties.subscribe([try parties.configure()])

        for name in ["plain.txt"] + Self.oddNames { try Tree.write(Array(name.utf8), to: parties.source + "/" + name) }
        #expect(try parties.post().status == 0)
        for (tool, name) in [(FieldTool.sr3, "from sr3.txt"), (.v2, "from v2.txt")] {
            let path = parties.source + "/" + name.replacing(" ", with: "-")
            try Tree.write(Array(name.utf8), to: path)
            #expect(try home.post(tool, "v02", path).status == 0)
        }

        let plain = ["plain.txt", "from-sr3.txt", "from-v2.txt"]
        for folder in [sr3, v2, parties.received] {
            for name in plain {
                let copy = "\(folder)/totheirs/\(name)"
                let arrives = waitUntil(seconds: 30) { Tree.content(copy) == Tree.content("\(parties.source)/\(name)") }
                #expect(arrives, "\(copy): \(subscribers.map { $0.output + $0.errors }.joined())")
            }
        }
        // What their own clients cannot ask for arrives at ours.
        #expect(
            Tree.differences(Tree.facts(parties.source, times: false), Tree.facts(parties.received + "/totheirs", times: false))
                == "")
        #expect(waitUntil(seconds: 20) { Tree.content(sr3 + "/totheirs/été_日本.txt") != nil })
        let reports = try parties.reports { lines in
            plain.allSatisfy { name in lines.contains { $0.isOfV2("201", name) } }
                && lines.contains { $0.isOfV2("499", "fi le.txt") }
        }
        for name in plain { #expect(reports.contains { $0.isOfV2("201", name) }, "\(reports)") }
        for name in ["fi le.txt", "été_日本.txt", "a#b.txt"] { #expect(reports.contains { $0.isOfV2("499", name) }, "\(reports)") }
        #expect(Tree.content(sr3 + "/totheirs/a#b.txt") == nil)
        // Theirs may go on with their own tries for minutes after a signal.
        for program in subscribers { program.kill() }
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 0)
    }
}

extension ReportLine {
    /// Whether it is the older tool's about a file: that one calls its machine localhost.
    fileprivate func isOfV2(_ code: String, _ name: String) -> Bool {
        self.code == code && description.contains(" bob@localhost ") && description.contains("/\(name) ")
    }
}
