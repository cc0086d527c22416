import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// Users, stops and quotas that come over `xctl` while the switch's own ingest runs.
@Suite("control", .serialized, .enabled(if: SwitchTests.installed))
struct ControlTests {
    static let users = ["dora", "dirk"]
    private static let isPrepared = Guarded(false)

    private let running: RunningSwitch
    private let files: TemporaryFolder

    init() throws {
        let running = try RunningSwitch.shared()
        try Self.isPrepared.withLock { isPrepared in
            guard !isPrepared else { return }
            try running.addUsers(Self.users)
            let admin = try RawClient(running["DD_BROKER_ADMIN"])
            for user in Self.users {
                for exchange in ["xs_", "xl_", "xd_"] { try admin.declareExchange(exchange + user) }
                try admin.declareQueue(
                    QueueName.reports(of: user), ["x-queue-type": "stream"], numbers: ["x-max-length-bytes": 100_000_000])
                try admin.bind(queue: QueueName.reports(of: user), to: "xl_" + user)
            }
            isPrepared = true
        }
        self.running = running
        files = try TemporaryFolder()
        let accounts = Self.users.map { running.broker($0, password: $0 + "-secret") }
        try files.write(accounts.joined(separator: "\n") + "\n", to: "credentials.conf", mode: 0o600)
        for user in Self.users { try say(.add, user) }
    }

    /// The administrator's word about a user.
    private func say(_ action: ControlMessage.Action, _ user: String, _ change: (inout UserRecord) -> Void = { _ in }) throws {
        var record = UserRecord(name: user, role: .source)
        record.urls = ["\(running["DD_SOURCE_URL"])\(user)/"]
        change(&record)
        let message = ControlMessage(action, record, by: "admin").wire
        try RawClient(running["DD_BROKER_ADMIN"]).publish("xctl", message.topic, body: Array(message.body.utf8), as: "admin")
    }

    /// Posts files of a user's; they must be new.
    private func post(_ user: String, _ names: [String]) throws {
        let root = "\(running["DD_SOURCE_ROOT"])/\(user)"
        for name in names { try Tree.write(Array("\(name) of \(user)".utf8), to: "\(root)/\(name)") }
        let environment = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        let url = "\(running["DD_SOURCE_URL"])\(user)/"
        let words = ["-b", "amqp://\(user)@127.0.0.1:\(running["DD_AMQP_PORT"])/", "-u", url, "-dr", root, "--mandatory=off"]
        let outcome = try Command("dd_post", environment: environment).run(words + names.map { "\(root)/\($0)" })
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private func isStored(_ user: String, _ name: String) -> Bool {
        let root = running["DD_DOCUMENT_ROOT"]
        return TemporaryFolder.names(in: root).contains { access("\(root)/\($0)/\(user)/\(name)", F_OK) == 0 }
    }

    private func comes(_ user: String, _ name: String) -> Bool { waitUntil(seconds: 20) { isStored(user, name) } }

    private func facts(_ user: String) throws -> (messages: Int, consumers: Int) {
        try RawClient(running["DD_BROKER_ADMIN"]).facts(QueueName.ingest(source: user))
    }

    private func codes(_ user: String, _ pattern: String) throws -> [String] {
        let environment = ["DD_CONFIG_HOME": files.path]
        let words = ["-b", "amqp://\(user)@127.0.0.1:\(running["DD_AMQP_PORT"])/", "--since", "1h", "--exit_idle", "1", pattern]
        return try Command("dd_log", environment: environment).run(words).output.split(separator: "\n")
            .compactMap { ReportLine($0)?.code }
    }

    private func isConsumed(_ user: String, _ wanted: Bool) -> Bool {
        waitUntil(seconds: 20) { (try? facts(user).consumers == (wanted ? 1 : 0)) ?? false }
    }

    @Test("a new user's posts are taken in without a restart, and a removed one's no longer")
    func users() throws {
        #expect(isConsumed("dora", true))
        try post("dora", ["new"])
        #expect(comes("dora", "new"))
        try say(.remove, "dora") { $0.removed = .now() }
        #expect(isConsumed("dora", false))
        try say(.add, "dora")
        #expect(isConsumed("dora", true))
    }

    @Test("a stopped source waits while others go on, also over a restart of the ingest, and then goes on")
    func hold() throws {
        try say(.stop, "dora") { $0.stopped = .hold }
        #expect(isConsumed("dora", false) && isConsumed("dirk", true))
        try post("dora", ["held1", "held2", "held3"])
        try post("dirk", ["goes on"])
        #expect(comes("dirk", "goes on"))
        #expect(!isStored("dora", "held1"))
        let pidFile = running.folder + "/run/ingest.pid"
        let old = try #require(SmallFile.text(pidFile).flatMap { Int32($0.dropLast()) })
        kill(old, SIGKILL)
        #expect(waitUntil(seconds: 30) { SmallFile.text(pidFile).flatMap { Int32($0.dropLast()) } ?? old != old })
        #expect(isConsumed("dirk", true))
        try post("dirk", ["after the restart"])
        #expect(comes("dirk", "after the restart"))
        #expect(try facts("dora").consumers == 0 && !isStored("dora", "held1"))
        try say(.resume, "dora")
        for name in ["held1", "held2", "held3"] { #expect(comes("dora", name)) }
    }

    @Test("a source that is stopped in the middle of its work gets back what was not begun, and none of it is lost or doubled")
    func middle() throws {
        let names = (0..<300).map { "middle\($0)" }
        try post("dora", names)
        try say(.stop, "dora") { $0.stopped = .hold }
        #expect(isConsumed("dora", false))
        try say(.resume, "dora")
        #expect(comes("dora", "middle299") && waitUntil(seconds: 20) { names.allSatisfy { isStored("dora", $0) } })
        let all = try codes("dora", "middle")
        #expect(all.count { $0 == "201" } == 300 && all.count <= 304, "\(all.count)")
    }

    @Test("a source whose posts are discarded is told so, file by file")
    func discard() throws {
        try say(.stop, "dora") { $0.stopped = .discard }
        let taken = waitUntil(seconds: 20) {
            (try? post("dora", ["discarded"])) != nil && ((try? codes("dora", "discarded").contains("403")) ?? false)
        }
        #expect(taken)
        try say(.resume, "dora")
        try post("dora", ["resumed"])
        #expect(comes("dora", "resumed"))
    }

    @Test("a source above its quota on disk waits until it may have more, and what it may never have is refused")
    func diskQuota() throws {
        let root = running["DD_DOCUMENT_ROOT"]
        let has = TemporaryFolder.names(in: root).reduce(0) { $0 + TemporaryFolder.tree("\(root)/\($1)/dirk").count }
        try say(.quota, "dirk") {
            $0.quota.files = Int64(has + 2)
            $0.quota.bytes = 1_000_000
        }
        #expect(isConsumed("dirk", true))
        try post("dirk", ["quota1", "quota2"])
        #expect(comes("dirk", "quota1") && comes("dirk", "quota2"))
        try post("dirk", ["quota3"])
        #expect(isConsumed("dirk", false) && !isStored("dirk", "quota3"))
        // The source and the administrator are told that it waits, and why; nobody is told to start what runs.
        #expect(waitUntil(seconds: 20) { (try? codes("dirk", "quota3").contains("507")) ?? false })
        let environment = ["DD_CONFIG_HOME": running.folder + "/etc", "DD_STATE_HOME": running.folder + "/state"]
        let doctor = { try Command("dd_switch", environment: environment).run(["doctor"]).output }
        let advice = try doctor()
        #expect(advice.contains("dd_sara holds the posts of dirk"), "\(advice)")
        #expect(!advice.contains("nobody consumes \(QueueName.ingest(source: "dirk"))"), "\(advice)")
        try say(.quota, "dirk") {
            $0.quota.files = Int64(has + 3)
            $0.quota.bytes = 1_000_000
        }
        #expect(comes("dirk", "quota3"))
        #expect(waitUntil(seconds: 20) { ((try? doctor().contains("dd_sara holds")) ?? true) == false })
        try Tree.write([UInt8](repeating: 1, count: 1_000_001), to: "\(running["DD_SOURCE_ROOT"])/dirk/too large")
        try say(.quota, "dirk") { $0.quota.bytes = 1_000_000 }
        let own = ["DD_CONFIG_HOME": files.path, "DD_STATE_HOME": files.path("state")]
        let url = "\(running["DD_SOURCE_URL"])dirk/"
        let folder = "\(running["DD_SOURCE_ROOT"])/dirk"
        let words = ["-b", "amqp://dirk@127.0.0.1:\(running["DD_AMQP_PORT"])/", "-u", url, "-dr", folder, "\(folder)/too large"]
        #expect(try Command("dd_post", environment: own).run(words).status == 0)
        #expect(waitUntil(seconds: 20) { (try? codes("dirk", "too large").contains("413")) ?? false })
        try say(.quota, "dirk")
    }

    @Test("a source above its rate goes slowly, and another at full speed meanwhile")
    func rate() throws {
        try say(.quota, "dirk") { $0.quota.messages = 10 }
        usleep(300_000)
        let start = Monotonic.now()
        let names = (0..<40).map { "slow\($0)" }
        try post("dirk", names)
        try post("dora", ["fast"])
        #expect(comes("dora", "fast"))
        #expect(!isStored("dirk", "slow39"))
        #expect(waitUntil(seconds: 30) { names.allSatisfy { isStored("dirk", $0) } })
        // 40 at 10 a second, with a second's worth at once.
        #expect(Monotonic.now() - start > 2.5)
        try say(.quota, "dirk")
    }
}
