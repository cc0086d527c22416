import Glibc
import Testing

@testable import DDCore

/// Under which word the state of a configuration is kept, and whom a password that cannot be read concerns.
@Suite("state names")
struct StateNameTests {
    private let folder: ScratchFolder
    private let paths: ConfigPaths

    init() throws {
        folder = try ScratchFolder()
        for name in ["home/subscribe/s.conf", "a/s.conf", "b/s.conf", "b/t.conf"] { try folder.write("", to: name) }
        paths = ConfigPaths(environment: ["DD_CONFIG_HOME": folder.path + "/home"])
    }

    private func word(_ text: String) -> String { paths.stateName(of: text, folder: "subscribe").word }

    @Test("a configuration in an ordinary place keeps its name, however it is spelled")
    func ordinary() throws {
        #expect(word("s") == "s")
        #expect(word(folder.path + "/home/subscribe/s.conf") == "s")
        #expect(word(folder.path + "/a/../home/./subscribe/s.conf") == "s")
        #expect(symlink(folder.path + "/home", folder.path + "/linked") == 0)
        #expect(word(folder.path + "/linked/subscribe/s.conf") == "s")
        // It is gone, and what runs with it is to be stopped.
        #expect(unlink(folder.path + "/home/subscribe/s.conf") == 0)
        #expect(word(folder.path + "/home/subscribe/s.conf") == "s")
    }

    @Test("two of one name in different folders have two words, which stay when the file is gone")
    func elsewhere() {
        let (a, b) = (word(folder.path + "/a/s.conf"), word(folder.path + "/b/s.conf"))
        #expect(a != b && a.hasPrefix("s-") && a.utf8.count == 18 && b.hasPrefix("s-"))
        #expect(word(folder.path + "/b/../a/s.conf") == a)
        #expect(unlink(folder.path + "/a/s.conf") == 0)
        #expect(word(folder.path + "/a/s.conf") == a)
    }

    @Test("what was kept under the name alone goes to the first, unless it is that of a configuration in an ordinary place")
    func takingOver() throws {
        try folder.write("old", to: "state/t.queue")
        let t = paths.stateName(of: folder.path + "/b/t.conf", folder: "subscribe")
        try t.takeOver(in: folder.path + "/state", tail: ".queue")
        #expect(SmallFile.text("\(folder.path)/state/\(t.word).queue") == "old")
        #expect(access(folder.path + "/state/t.queue", F_OK) != 0)
        try folder.write("later", to: "state/t.queue")
        try t.takeOver(in: folder.path + "/state", tail: ".queue")
        #expect(SmallFile.text("\(folder.path)/state/\(t.word).queue") == "old")

        try folder.write("of the ordinary one", to: "state/s.queue")
        let s = paths.stateName(of: folder.path + "/a/s.conf", folder: "subscribe")
        try s.takeOver(in: folder.path + "/state", tail: ".queue")
        #expect(SmallFile.text(folder.path + "/state/s.queue") == "of the ordinary one")
    }

    @Test("a look has a queue of its own and one process; what the file says is work", arguments: ["-n", "-d"])
    func looks(option: String) throws {
        try folder.write("broker amqp://bob:x@h/\n", to: "home/subscribe/s.conf")
        try folder.write(
            "broker amqp://bob:x@h/\n\(option == "-n" ? "notify_only" : "download_and_discard") on\n", to: "home/subscribe/w.conf"
        )
        func load(_ words: String...) throws -> SubscribeOptions? {
            let environment = ["DD_CONFIG_HOME": folder.path + "/home", "DD_STATE_HOME": folder.path + "/state"]
            guard case .run(let options) = try SubscribeOptions.load(arguments: words, environment: environment) else {
                return nil
            }
            return options
        }
        let look = try #require(try load(option, "s"))
        let settings = try PumpSettings(look, nil, reports: false)
        #expect(look.look != nil && settings.queues[0].name.hasPrefix("q_bob.dd_subscribe.s.look-") && settings.retries == nil)
        #expect(settings.queues[0].expires == 300_000)
        #expect(try load("w")?.look == nil)
        for words in [[option, "s", "start"], [option, "--instances", "2", "s"]] {
            let environment = ["DD_CONFIG_HOME": folder.path + "/home"]
            let error = #expect(throws: ConfigError.self) {
                try SubscribeOptions.load(arguments: words, environment: environment)
            }
            #expect(error?.exitStatus == ExitStatus.usage)
        }
    }
}
