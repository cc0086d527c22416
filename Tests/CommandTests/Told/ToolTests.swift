import DDCore
import DDTestSupport
import Glibc
import Testing

/// Small things that a newcomer meets on the command line, and folders that others have prepared.
@Suite("what newcomers meet", .enabled(if: SwitchTests.installed))
struct ToolTests {
    private func errors(_ program: String, _ words: [String]) throws -> (status: Int32, text: String) {
        let outcome = try Command(program, environment: ["DD_CONFIG_HOME": "/nowhere"]).run(words)
        return (outcome.status, outcome.errors + outcome.output)
    }

    @Test(
        "errors name the mistake that was made",
        arguments: [
            ("dd_subscribe", "--mirror yes radar", 64, "is written --mirror=yes"),
            ("dd_post", "-b amqp://a:b@h/ -u http://h/ -p /etc/passwd", 64, "a PATH stands by itself"),
            ("dd_switch", "help up", 0, "usage: dd_switch up [options] [DIR]"),
            ("dd_switch", "help user add", 0, "--reuse"),
            ("dd_switch", "help nonsense", 64, "there is no command 'nonsense'"),
            ("dd_switch", "check -w x", 3, "DD_SWITCH UNKNOWN - "),
        ])
    func mistakes(program: String, line: String, status: Int32, says: String) throws {
        let outcome = try errors(program, line.split(separator: " ").map(String.init))
        #expect(outcome.status == status && outcome.text.contains(says), "\(outcome)")
    }

    @Test("dd_post without a document root says as what a local path is announced")
    func wholePaths() throws {
        let files = try TemporaryFolder()
        let path = try files.write("x", to: "file")
        let plain = try errors("dd_post", ["-n", "-b", "amqp://a:b@h/", "-u", "http://h/data/", path])
        #expect(
            plain.status == 0 && plain.text.contains("no document_root: \(path) is announced as http://h/data\(path)"), "\(plain)"
        )
        for words in [["-dr", files.path], ["-u", "sftp://h/"]] {
            let meant = try errors("dd_post", ["-n", "-b", "amqp://a:b@h/", "-u", "http://h/data/"] + words + [path])
            #expect(meant.status == 0 && !meant.text.contains("no document_root"), "\(meant)")
        }
    }

    @Test("a password in a file that is not for this user is said to be there", .enabled(if: geteuid() == 0))
    func unreadable() throws {
        let files = try TemporaryFolder()
        chmod(files.path, 0o755)
        try files.write("amqp://bob:secret@h/\n", to: "credentials.conf", mode: 0o600)
        try files.write("broker amqp://bob@h/\n", to: "subscribe/s.conf")
        for folder in [files.path("subscribe")] { chmod(folder, 0o755) }
        let program = Command("dd_subscribe").path
        let line =
            "DD_CONFIG_HOME=\(files.path) DD_STATE_HOME=/tmp exec setpriv --reuid 65534 --regid 65534 --clear-groups \(program) s"
        let outcome = try Command(path: "/bin/sh").run(["-c", line])
        let said = outcome.status == 78 && outcome.errors.contains("chown nobody \(files.path("credentials.conf"))")
        // Where other users cannot reach the programs there is nothing to see.
        #expect(said || outcome.status == 126 || outcome.status == 127, "\(outcome)")
    }

    @Test(
        "up takes no folder that others have prepared, or may write to",
        arguments: [
            "chmod 770 .", "chmod 757 .", "chown 65534 .", "echo 'feeder known' >secrets; chmod 644 secrets",
            "echo x >a; chmod 600 a; ln a secrets",
        ])
    func prepared(line: String) throws {
        guard geteuid() == 0 || !line.hasPrefix("chown") else { return }
        let files = try TemporaryFolder()
        let folder = try files.makeFolder("switch")
        chmod(folder, 0o700)
        #expect(try Command(path: "/bin/sh", folder: folder).run(["-c", line]).status == 0)
        let outcome = try Command("dd_switch").run(["up", folder], seconds: 20)
        #expect(outcome.status == 1 && outcome.errors.contains("cannot use the folder \(folder)"), "\(outcome)")
        #expect(access(folder + "/broker", F_OK) != 0)
    }

    @Test("with umask 0 nothing is made that everybody may write")
    func mask() throws {
        let parties = try Parties("mask")
        let config = try parties.configure()
        try parties.prepare(config)
        try Tree.write([1], to: parties.source + "/folder/file")
        #expect(try parties.post().status == 0)
        let program = parties.command("dd_subscribe")
        let shell = Command(path: "/bin/sh", environment: program.environment, folder: program.folder)
        let outcome = try shell.run(["-c", "umask 0; exec \(program.path) \(config) --exit_idle 2"])
        #expect(outcome.status == 0, "\(outcome)")
        let found = try Command(path: "/usr/bin/find").run([
            parties.path("received"), parties.path("state"), "-perm", "-o=w", "!", "-type", "l",
        ])
        #expect(found.output.isEmpty && TemporaryFolder.tree(parties.received).contains { $0.hasSuffix("file") }, "\(found)")
    }
}
