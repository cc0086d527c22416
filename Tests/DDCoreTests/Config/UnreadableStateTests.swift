import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("what a program remembers and cannot read is not forgotten")
struct UnreadableStateTests {
    private let folder: TemporaryFolder
    private let environment: [String: String]

    init() throws {
        folder = try TemporaryFolder()
        environment = ["DD_CONFIG_HOME": folder.path, "DD_STATE_HOME": folder.path + "/state"]
    }

    // Found before: a new name was made, and all that waited in the queue of the old one stayed behind.
    @Test("a queue's name")
    func queue() throws {
        try folder.write("broker amqp://bob:pw@h\n", to: "subscribe/r.conf")
        let options = try running(SubscribeOptions.load(arguments: ["r"], environment: environment))
        let name = try QueueState(options).name
        #expect(try QueueState(options).name == name)
        let path = "\(folder.path)/state/dd_subscribe/r.queue"
        #expect(SmallFile.text(path) == name + "\n")
        // A folder is something that can be opened and not read, also by root.
        #expect(unlink(path) == 0)
        try SmallFile.makeFolder(path)
        #expect(throws: FileError.self) { try QueueState(options) }
    }

    @Test("what was announced of a polled folder")
    func known() throws {
        var known = try KnownFolder("http://h/", in: folder.path("home"))
        let entry = ListedEntry(name: "f", isFolder: false, size: 1, modified: nil)
        try known.replace(by: [Array("f".utf8): entry], form: .page)
        #expect(try KnownFolder("http://h/", in: folder.path("home")).entries.count == 1)
        let file = try #require(TemporaryFolder.tree(folder.path("home")).first)
        #expect(unlink(folder.path("home/" + file)) == 0)
        try SmallFile.makeFolder(folder.path("home/" + file))
        #expect(throws: (any Error).self) { try KnownFolder("http://h/", in: folder.path("home")) }
    }

    @Test("the audit trail: entries, and the lines that are none")
    func audit() throws {
        let path = folder.path("audit")
        #expect(try AuditTrail.entries(path).entries.isEmpty)
        try AuditTrail(path, account: "root").note("user add", ["alice"])
        let line = try #require(SmallFile.text(path))
        try SmallFile.write(line + "not one\n" + line, to: path)
        let (entries, unreadable) = try AuditTrail.entries(path)
        #expect(entries.count == 2 && unreadable == [2])
        #expect(throws: ProcessError.self) { try AuditTrail.entries(folder.path) }
    }

    @Test("state of an earlier version that cannot be taken over is not left lying without a word")
    func former() throws {
        let state = StateName("t", at: "/b/t.conf", former: "t")
        try folder.write("old", to: "state/t.queue")
        try folder.write("", to: "state/other")
        // A folder cannot take the place of a file, nor a file that of a name below a file.
        #expect(throws: FileError.self) { try state.takeOver(in: folder.path("state/other"), tail: ".queue") }
        try state.takeOver(in: folder.path("state"), tail: ".queue")
        #expect(SmallFile.text(folder.path("state/\(state.word).queue")) == "old")
    }
}

@Suite("a configuration that is read again")
struct ReloadedConfigurationTests {
    @Test("what a running process cannot take over is named, with what it stays")
    func unchanged() throws {
        let folder = try TemporaryFolder()
        let environment = ["DD_CONFIG_HOME": folder.path, "DD_STATE_HOME": folder.path + "/state"]
        func sara(_ more: String) throws -> SaraOptions {
            try folder.write(
                "source_broker amqp://link:pw@far\nbroker amqp://feeder:pw@here\ndocument_root /data\nurl http://here/d\n" + more,
                to: "sara/s.conf")
            return try running(SaraOptions.load(arguments: ["s"], environment: environment))
        }
        typealias Program = ConfiguredProgram<SaraOptions>
        let (plain, other) = (
            try sara(""), try sara("parallel 7\ninstances 3\nin_flight 1G\nlog_figures 1m\ndeadline 1h\nnext_hop link_c\n")
        )
        #expect(Program.unchanged(from: plain, to: plain, isAlone: true) == [])
        let words = Program.unchanged(from: plain, to: other, isAlone: true)
        #expect(
            words == [
                "deadline is now '3600.0 seconds': that needs a restart, until then it stays 'not set'",
                "in_flight is now '1073741824': that needs a restart, until then it stays 'not set'",
                "instances is now '3': that needs a restart, until then it stays '1'",
                "log_figures is now '60.0 seconds': that needs a restart, until then it stays 'not set'",
                "next_hop is now 'link_c': that needs a restart, until then it stays 'not set'",
            ], "\(words)")
        #expect(!Program.unchanged(from: plain, to: other, isAlone: false).contains { $0.hasPrefix("instances") })
        #expect(
            Program.unchanged(from: other, to: plain, isAlone: false).contains(
                "in_flight is now 'not set': that needs a restart, until then it stays '1073741824'"))
    }
}
