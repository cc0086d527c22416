import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Where a password could be seen that should not.
    @Suite("secrets")
    struct SecretTests {
        @Test("no log line, message, process title or environment of the user's programs shows a password")
        func nowhere() throws {
            let ground = try AttackGround("secrets")
            let parties = try Parties("secrets")
            let secrets =
                (SmallFile.text(ground.running.folder + "/secrets") ?? "").split(separator: "\n")
                .compactMap { $0.split(separator: " ").last.map(String.init) } + ["mallory-secret", "carol-secret"]
            let script = try ground.files.write(
                "#!/bin/sh\n{ tr '\\0' '\\n' </proc/$$/environ; tr '\\0' ' ' </proc/$PPID/cmdline; } >>'\(ground.files.path("seen"))'\n",
                to: "look", mode: 0o755)
            try Tree.write([1], to: ground.tree(of: "carol") + "/file")
            let ingest = try ground.ingest("on_file \(script)\non_message \(script)")
            let heard = try ground.listen("bob", to: "xpublic")
            // A password in the URL of the data, and one on the command line, which our programs must not hand on.
            #expect(try ground.post("carol").status == 0)
            try ground.forge("secrets/file", base: "http://mallory:mallory-secret@127.0.0.1:1/")
            let direct = try parties.command("dd_post").run(
                [
                    "-b", ground.broker("carol"), "-u", "http://carol:carol-secret@127.0.0.1:1/", "-dr",
                    ground.running["DD_SOURCE_ROOT"], "--wait", "1", ground.tree(of: "carol"),
                ])
            _ = try ground.reports("carol", ".*secrets/") { $0.contains { $0.code == "201" } }
            _ = try ground.reports("mallory", ".*secrets/") { !$0.isEmpty }
            #expect(waitUntil(seconds: 10) { (SmallFile.text(ground.files.path("seen")) ?? "").contains("DD_PATH=") })
            let reports = try ground.command("dd_log").run([
                "-b", "amqp://mallory@127.0.0.1:\(ground.running["DD_AMQP_PORT"])/", "--since", "1h", "--exit_idle", "1",
                "--json",
            ])
            let messages = try RawClient(ground.broker("bob")).getAll(heard).map { "\($0.topic) \($0.headers) \($0.body)" }
                .joined(
                    separator: "\n")
            let titles = TemporaryFolder.names(in: "/proc").filter { $0.allSatisfy(\.isNumber) }
                .map { SmallFile.text("/proc/\($0)/cmdline") ?? "" }.filter { $0.contains("dd_sara") || $0.contains("dd_switch") }
                .joined()
            for (what, text) in [
                ("the log", ingest.errors), ("a program's environment", SmallFile.text(ground.files.path("seen")) ?? ""),
                ("a post", messages), ("a report", reports.output), ("a title", titles),
                ("dd_post", direct.output + direct.errors),
                ("the switch", ground.running.log),
            ] {
                #expect(!text.isEmpty || what == "the switch", "\(what) says nothing")
                for secret in secrets { #expect(!text.contains(secret), "\(what): \(secret)") }
            }
        }
    }
}
