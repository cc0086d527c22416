import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// What must not work, and what is said then.
@Suite("refusals", .serialized, .enabled(if: SwitchTests.installed))
struct RefusalTests {
    @Test("a post that cannot be made ends with the status of its reason and one line that says it")
    func statuses() throws {
        let parties = try Parties("statuses")
        try Tree.write([1], to: parties.source + "/file")
        let port = parties.running["DD_AMQP_PORT"]
        let nobody = try #require(FreePort.find())
        let cases: [(words: [String], status: Int32, says: String)] = [
            (["-b", "amqp://alice:wrong@127.0.0.1:\(port)/"], 77, "cannot log in"),
            (["-b", "amqp://nobody:wrong@127.0.0.1:\(port)/"], 77, "cannot log in"),
            // She may write there: that it is not there is what is wrong.
            (["-ex", "q_alice.not_there"], 78, "q_alice.not_there"),
            (["-b", parties.broker("bob"), "-ex", "xs_alice"], 77, "xs_alice"),
            (["-ex", "xpublic"], 77, "xpublic"),
            (["-b", "amqp://alice:any@127.0.0.1:\(nobody)/", "--wait", "1"], 69, "cannot connect"),
        ]
        for (words, status, says) in cases {
            let start = Monotonic.now()
            let outcome = try parties.post(words, seconds: 20)
            #expect(outcome.status == status, "\(words): \(outcome.errors)")
            #expect(outcome.output.isEmpty, "\(words)")
            let last = outcome.errors.split(separator: "\n").last ?? ""
            #expect(last.contains(says) && last.contains("1 of 1"), "\(words): \(outcome.errors)")
            #expect(!outcome.errors.contains("wrong@") && !outcome.errors.contains(":wrong"), "\(words)")
            #expect(Monotonic.now() - start < 8, "\(words)")
        }
    }

    @Test("dd_subscribe says with its status why it cannot subscribe")
    func subscribing() throws {
        let parties = try Parties("subscribing")
        let nobody = try #require(FreePort.find())
        let config = try parties.configure()
        let port = parties.running["DD_AMQP_PORT"]
        let cases: [([String], Int32)] = [
            (["-b", "amqp://bob:wrong@127.0.0.1:\(port)/"], 77), (["-ex", "xs_alice"], 77), (["-ex", "xd_nobody"], 78),
            (["-b", "amqp://bob:any@127.0.0.1:\(nobody)/", "--wait", "1"], 69), (["--queue", "q_alice.mine"], 77),
        ]
        for (words, status) in cases {
            let outcome = try parties.command("dd_subscribe").run(words + [config], seconds: 20)
            #expect(outcome.status == status, "\(words): \(outcome.errors)")
        }
    }

    @Test("a post that no queue takes is named and counted")
    func unroutable() throws {
        let parties = try Parties("unroutable")
        for name in ["one", "t w o"] { try Tree.write([1], to: parties.source + "/" + name) }
        let outcome = try parties.post(["--topic_prefix", "v02.nobody"])
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        for name in ["one", "t%20w%20o"] {
            #expect(outcome.errors.contains("no queue takes \(parties.running["DD_SOURCE_URL"])unroutable/\(name) "))
        }
        let silent = try parties.post(["--topic_prefix", "v02.nobody", "--mandatory=off"])
        #expect(silent.status == 0 && silent.output.split(separator: "\n").count == 2, "\(silent.errors)")
    }

    @Test("a path outside of the document root is an error of usage")
    func outside() throws {
        let parties = try Parties("outside")
        for path in ["/etc/hostname", parties.source + "/../..", parties.running["DD_SOURCE_ROOT"] + "x"] {
            let outcome = try parties.post(paths: [path])
            #expect(outcome.status == 64 && outcome.errors.contains("document root"), "\(path): \(outcome.errors)")
        }
    }

    @Test("names that cannot travel are refused by name, and the others go")
    func names() throws {
        let parties = try Parties("names")
        let bad: [(bytes: [UInt8], shown: String)] = [
            (Array("new\nline".utf8), "new\\x0aline"), ([0x61, 0xff, 0x62], "a\\xffb"), (Array("tab\t".utf8), "tab\\x09"),
            (Array("next\u{85}".utf8), "next\\xc2\\x85"), ([0xc3], "\\xc3"),
        ]
        for name in bad { try Tree.write([1], toBytes: Array((parties.source + "/").utf8) + name.bytes) }
        try Tree.write([1], to: parties.source + "/good")
        try Tree.write([1], to: parties.source + "/folder/good")
        #expect(symlink("a\nb", parties.source + "/link") == 0)
        let outcome = try parties.post()
        #expect(outcome.status == 1)
        #expect(outcome.output.split(separator: "\n").count == 2)
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.count == bad.count + 1, "\(outcome.errors)")
        for name in bad { #expect(lines.contains { $0.contains("'\(parties.source)/\(name.shown)'") }, "\(outcome.errors)") }
        #expect(lines.contains { $0.contains("names/link cannot be announced") })
        // Given by themselves they are refused too.
        let given = try parties.post(paths: [parties.source + "/new\nline", parties.source + "/good"])
        #expect(
            given.status == 1 && given.output.split(separator: "\n").count == 1 && given.errors.contains("control characters"))
    }

    @Test("the switch refuses posts that lead astray, tells their source, and writes nothing outside of its root")
    func admission() throws {
        let parties = try Parties("admission")
        try Tree.write(Array("secret".utf8), to: parties.source + "/file")
        for (name, target) in [("out", "../../../../x"), ("absolute", "/etc/passwd"), ("sideways", "../../../x")] {
            #expect(symlink(target, parties.source + "/" + name) == 0)
        }
        let file = parties.source + "/file"
        #expect(try parties.post(paths: ["out", "absolute"].map { parties.source + "/" + $0 }).status == 0)
        for rename in ["../../admission_x", "admission/../../../x", "/../admission_x", "admission/.y.dd.tmp"] {
            #expect(try parties.post(["--rename", rename], paths: [file]).status == 0)
        }
        for url in [
            "http://127.0.0.1:\(parties.running["DD_PORT"])/", "file:///",
            "http://localhost:\(parties.running["DD_SOURCE_PORT"])/",
        ] {
            #expect(try parties.post(["-u", url], paths: [file]).status == 0)
        }
        try publishRaw(parties, relpath: "admission/../../../admission_x")
        let reports = try parties.reports(".*admission") { $0.count >= 10 }
        #expect(reports.count == 10)
        for report in reports { #expect(report.code == "403" && report.user == "feeder", "\(report)") }

        // A post that is fine comes through behind them.
        #expect(try parties.post(paths: [file]).status == 0)
        #expect(waitUntil(seconds: 20) { parties.stored.contains { access($0 + "/file", F_OK) == 0 } })
        for folder in parties.stored { #expect(TemporaryFolder.tree(folder) == ["file"]) }
        let data = parties.running["DD_DOCUMENT_ROOT"]
        for folder in [data, parties.running.folder, data + "/..", parties.running["DD_SOURCE_ROOT"] + "/.."] {
            let names = TemporaryFolder.names(in: folder)
            #expect(!names.contains("x") && !names.contains("admission_x") && !names.contains("file"), "\(folder): \(names)")
        }
    }

    /// Publishes as alice what dd_post would not make.
    private func publishRaw(_ parties: Parties, relpath: String) throws {
        let post = Post(
            time: .now(), location: Location(base: parties.running["DD_SOURCE_URL"], relpath: relpath),
            event: .file(.whole(size: 6), .none("0")),
            subtopic: "admission")
        let publisher = try AMQPPublisher(BrokerSettings(url: try BrokerURL(parties.running["DD_BROKER_ALICE"]), name: "a test"))
        _ = try publisher.publish(try PostCodec.encode(post), to: "xs_alice")
        var taken = false
        #expect(
            try waitUntil(seconds: 10) {
                try publisher.poll { _ in taken = true }; return taken
            })
        publisher.close()
    }
}
