import DDCore
import DDTestSupport
import Glibc
import Testing

/// `dd_switch up` and its command line. The tests that need a broker share one switch, or are skipped where it is not installed.
@Suite("dd_switch", .serialized)
struct SwitchTests {
    static let installed = RabbitMQ.isInstalled && Installed.has("/usr/sbin/nginx")

    private static let consumer = "bob"

    @Test(
        "a wrong command line is refused with 64 and one line",
        arguments: [["frobnicate"], ["up", "--wrong"], ["up", "a", "b"]])
    func usage(words: [String]) throws {
        let outcome = try Command("dd_switch").run(words)
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("dd_switch: ") && outcome.errors.split(separator: "\n").count == 1)
    }

    @Test("a folder whose name nginx or rabbitmq would misread is refused")
    func oddFolder() throws {
        let folder = try TemporaryFolder()
        let outcome = try Command("dd_switch").run(["up", folder.path("a $b")])
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("choose a folder"))
    }

    @Test("what up needs is on the broker, and each account has the permissions of its role", .enabled(if: installed))
    func definitions() throws {
        let running = try RunningSwitch.shared()
        // Users that other tests have made at the switch that all share.
        func isOthers(_ line: String) -> Bool {
            (AttackGround.users + ControlTests.users + RetryQueueTests.users + LogTests.users).contains {
                line.split(separator: "\t")[0].hasSuffix($0)
            }
        }
        let users = try list(running, "list_users", "user", "tags").filter { !isOthers($0) }
        #expect(users == ["admin\t[administrator]", "alice\t[]", "bob\t[]", "feeder\t[]"])

        let exchanges = try list(running, "list_exchanges", "name", "type", "durable").filter {
            $0.hasPrefix("x") && !isOthers($0)
        }
        let expected = [
            "xctl", "xd_alice", "xl_alice", "xl_bob", "xlog", "xp_alice", "xp_bob", "xpublic", "xs_alice", "xs_bob", "xunrouted",
        ]
        #expect(exchanges == expected.map { $0 + "\ttopic\ttrue" })

        let queues = try list(running, "list_queues", "name", "type")
        #expect(queues.contains("q_feeder.dd_sara.ingest.alice\tclassic"))
        #expect(queues.contains("q_feeder.dd_log.routing.bob\tclassic"))
        #expect(queues.contains("q_alice.reports\tstream"))
        #expect(queues.contains("q_feeder.control\tstream"))

        let bindings = try list(running, "list_bindings", "source_name", "destination_name", "routing_key")
        for binding in [
            "xd_alice\txpublic\t#", "xs_alice\tq_feeder.dd_sara.ingest.alice\tv02.post.#",
            "xs_alice\tq_feeder.dd_sara.ingest.alice\tv03.#", "xl_alice\tq_alice.reports\t#",
            "xctl\tq_feeder.control\t#", "xs_alice\tq_feeder.dd_log.routing.alice\tv02.log.#",
            "xs_bob\tq_feeder.dd_log.routing.bob\tv02.report.#", "xunrouted\tq_feeder.unrouted\t#",
        ] {
            #expect(bindings.contains(binding), "\(binding)")
        }

        let permissions = try list(running, "list_permissions", "user", "configure", "write", "read")
        for (name, role) in [("alice", Permissions.Role.user), ("bob", .user), ("feeder", .feeder), ("admin", .administrator)] {
            let wanted = Permissions(role, name: name)
            let line = "\(name)\t\(wanted.configure)\t\(wanted.write)\t\(wanted.read)"
            #expect(permissions.contains(line), "\(line)")
        }
    }

    @Test("everything that listens does so on the loopback address", .enabled(if: installed))
    func loopback() throws {
        let running = try RunningSwitch.shared()
        let ports = (SmallFile.text(running.folder + "/etc/ports") ?? "").split(separator: "\n").compactMap { line in
            line.split(separator: " ").last.flatMap { UInt16($0) }
        }
        #expect(ports.count == 6)
        let table = (SmallFile.text("/proc/net/tcp") ?? "") + (SmallFile.text("/proc/net/tcp6") ?? "")
        var listening: [UInt16: [Substring]] = [:]
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[3] == "0A" else { continue }
            let address = fields[1].split(separator: ":")
            listening[UInt16(address[1], radix: 16) ?? 0, default: []].append(address[0])
        }
        for port in ports {
            let addresses = listening[port] ?? []
            #expect(!addresses.isEmpty, "nobody listens at \(port)")
            // 127.0.0.1 and ::1, in the byte order of the kernel's table.
            let loopback: [Substring] = ["0100007F", "00000000000000000000000001000000"]
            #expect(addresses.allSatisfy(loopback.contains), "\(port): \(addresses)")
        }
    }

    @Test("the secrets are for their owner alone, and nothing else shows a password", .enabled(if: installed))
    func secrets() throws {
        let running = try RunningSwitch.shared()
        for file in ["secrets", "env", "etc/credentials.conf", "broker/definitions.json"] {
            var status = stat()
            #expect(stat("\(running.folder)/\(file)", &status) == 0 && status.st_mode & 0o777 == 0o600, "\(file)")
        }
        let passwords = (SmallFile.text(running.folder + "/secrets") ?? "").split(separator: "\n")
            .compactMap { $0.split(separator: " ").last }
        #expect(passwords.count == 4 && Set(passwords).count == 4)
        let secret = ["secrets", "env", "etc/credentials.conf"]
        // What users have sent is theirs, and may be large.
        let others = ["broker/data/", "data/"]
        for file in TemporaryFolder.tree(running.folder)
        where !secret.contains(file) && !others.contains(where: file.hasPrefix) {
            let text = SmallFile.text("\(running.folder)/\(file)") ?? ""
            #expect(!passwords.contains { text.contains($0) }, "\(file)")
        }
        #expect(!passwords.contains { running.log.contains($0) })
    }

    @Test("a folder of a running switch is refused to a second one", .enabled(if: installed))
    func locked() throws {
        let running = try RunningSwitch.shared()
        let outcome = try Command("dd_switch").run(["up", running.folder])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("a running switch has it"))
        #expect(access(running.folder + "/env", R_OK) == 0)
    }

    @Test(
        "an administrator has it at once; started again it has passwords, ports and changes; killed, it leaves no process behind",
        .enabled(if: installed))
    func restart() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("switch")
        let first = try RunningSwitch(folder: path)
        func administrate(_ words: String...) throws -> Command.Outcome {
            let environment = ["DD_CONFIG_HOME": path + "/etc", "DD_STATE_HOME": path + "/state"]
            return try Command("dd_switch", environment: environment).run(words)
        }
        #expect(try waitUntil(seconds: 20) { try administrate("check").output.hasPrefix("DD_SWITCH OK - local: 3 users") })
        #expect(try administrate("doctor").output == "the switch 'local' is well\n")
        #expect(try administrate("init").output == "the switch 'local' stands: nothing to change\n")
        #expect(try administrate("user", "stop", Self.consumer).status == 0)
        let added = try administrate("user", "add", "carol", "--password", "chosen-by-me", "--url", first["DD_SOURCE_URL"])
        #expect(added.status == 0, "\(added.errors)")
        let words = ["-u", first["DD_SOURCE_URL"], "-dr", path + "/source", path + "/source"]
        let posted = try Command("dd_post").run(["-b", first.broker("carol", password: "chosen-by-me")] + words)
        #expect(posted.status == 0, "\(posted.errors)")
        #expect(
            waitUntil(seconds: 20) { TemporaryFolder.tree(path + "/data").contains { $0.hasSuffix("/carol/hello/hello.txt") } })
        // Also what users ask for is done.
        let file = try folder.write("chosen-again\n", to: "password", mode: 0o600)
        let changed = try Command("dd_switch").run(
            ["passwd", "-b", first.broker("carol", password: "chosen-by-me"), "--password_file", file])
        #expect(changed.status == 0, "\(changed.errors)")
        #expect(first.stop(SIGINT) == 0)
        #expect(access(path + "/env", F_OK) != 0)
        #expect(processes(of: path).isEmpty)

        let second = try RunningSwitch(folder: path)
        for name in ["DD_BROKER_ALICE", "DD_BROKER_ADMIN", "DD_URL", "DD_SOURCE_URL"] { #expect(first[name] == second[name]) }
        #expect(first["DD_SWITCH_PID"] != second["DD_SWITCH_PID"])
        #expect(try administrate("user", "list").output.contains("\(Self.consumer) consumer stopped (hold)\ncarol user active"))
        let again = try Command("dd_post").run(["-b", second.broker("carol", password: "chosen-again")] + words)
        #expect(again.status == 0, "\(again.errors)")
        #expect(processes(of: path).count >= 6)
        second.stop(SIGKILL)
        #expect(waitUntil(seconds: 30) { processes(of: path).isEmpty }, "\(processes(of: path))")
    }

    @Test("a program that dies is started again", .enabled(if: installed))
    func restarted() throws {
        let running = try RunningSwitch.shared()
        let file = running.folder + "/run/web.pid"
        let number = { SmallFile.text(file).flatMap { Int32($0.dropLast()) } }
        let old = try #require(number())
        kill(old, SIGKILL)
        let port = try #require(UInt16(running["DD_PORT"]))
        #expect(waitUntil(seconds: 20) { number() != nil && number() != old && FreePort.answers(port) })
        let new = try #require(number())
        // It has stayed: the worker of the one that was killed does not hold the port.
        usleep(3_000_000)
        #expect(number() == new && kill(new, 0) == 0)
        #expect(running.log.contains("web ended with status 137, is started again"))
    }

    /// The lines of one of rabbitmqctl's lists, sorted.
    private func list(_ running: RunningSwitch, _ words: String...) throws -> [String] {
        let lines = try running.rabbitmqctl(columns(words)).split(separator: "\n").map(String.init)
        return lines.filter { $0 != words.dropFirst().joined(separator: "\t") }.sorted()
    }

    /// Users and permissions are listed with fixed columns.
    private func columns(_ words: [String]) -> [String] {
        ["list_users", "list_permissions"].contains(words[0]) ? [words[0]] : words
    }

    /// The processes that were started for the switch of a folder.
    private func processes(of folder: String) -> [String] {
        TemporaryFolder.names(in: "/proc").filter { name in
            guard name.allSatisfy(\.isNumber), let command = SmallFile.text("/proc/\(name)/cmdline"), !command.isEmpty else {
                return false
            }
            let environment = SmallFile.text("/proc/\(name)/environ") ?? ""
            return command.contains(folder + "/") || environment.contains("DD_SWITCH_DIR=\(folder)\0")
        }
    }
}
