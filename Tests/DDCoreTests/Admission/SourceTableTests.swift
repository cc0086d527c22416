import DDTestSupport
import Testing

@testable import DDCore

@Suite("what holds for sources")
struct SourceTableTests {
    private func record(_ name: String, _ change: (inout UserRecord) -> Void = { _ in }) -> UserRecord {
        var record = UserRecord(name: name, role: .source)
        change(&record)
        return record
    }

    @Test("the administrator's last word about a source replaces the configuration's and all earlier ones")
    func words() throws {
        let table = SourceTable(
            ["alice", "bob"],
            allowed: [try AllowedURL("alice http://h/a", withSource: true), try AllowedURL("http://all/", withSource: true)],
            quotas: [try SourceQuota("bytes=1K"), try SourceQuota("alice files=5 rate=1M")])
        #expect(table.consumed == ["alice", "bob"] && table.standing(of: "carol") == .unknown)
        #expect(
            table.quota(of: "alice").files == 5 && table.quota(of: "alice").bytes == nil && table.quota(of: "bob").bytes == 1024)
        let version = table.version
        try table.apply(record("carol") { $0.urls = ["http://c/"] })
        try table.apply(record("alice") { $0.stopped = .hold })
        try table.apply(record("bob") { $0.stopped = .discard })
        #expect(table.version > version && table.consumed == ["bob", "carol"])
        #expect(table.standing(of: "alice") == .held && table.standing(of: "bob") == .discarded)
        #expect(table.allowed(for: "carol").map(\.url.host) == ["c", "all"] && table.allowed(for: "alice").count == 2)
        #expect(table.allowed(for: nil).count == 1)
        try table.apply(record("alice") { $0.quota.bytes = 7 })
        #expect(
            table.standing(of: "alice") == .open && table.quota(of: "alice").bytes == 7 && table.quota(of: "alice").files == nil)
        try table.apply(record("carol") { $0.removed = .now() })
        try table.apply(record("bob") { $0.role = .consumer })
        #expect(table.consumed == ["alice"] && table.standing(of: "carol") == .unknown && table.standing(of: "bob") == .unknown)
        #expect(throws: ConfigError.self) { try table.apply(record("eve") { $0.urls = ["http://u@h/"] }) }
        #expect(table.standing(of: "eve") == .unknown)
    }

    @Test("while the control stream is read again from its beginning, what is known holds")
    func reading() throws {
        let table = SourceTable(["alice"])
        try table.apply(record("alice") { $0.stopped = .hold })
        table.beginReading()
        try table.apply(record("alice"))
        #expect(table.standing(of: "alice") == .held)
        try table.apply(record("alice") { $0.stopped = .hold })
        try table.apply(record("bob"))
        #expect(table.standing(of: "bob") == .unknown)
        table.endReading()
        #expect(table.standing(of: "alice") == .held && table.standing(of: "bob") == .open)
    }

    @Test("a control stream that was deleted and made again says nothing about anybody: what is known holds")
    func emptyStream() throws {
        let table = SourceTable()
        try table.apply(record("alice"))
        table.beginReading()
        #expect(table.endReading() && table.consumed == ["alice"])
        table.beginReading()
        try table.apply(record("bob"))
        #expect(!table.endReading() && table.consumed == ["bob"])
        var users = UserTable()
        users.beginReading()
        #expect(!users.endReading() && users.names.isEmpty)
        users.apply(record("bob"))
        users.beginReading()
        #expect(users.endReading() && users.names == ["bob"])
    }

    @Test(
        "a quota line that is none is refused",
        arguments: ["", "alice", "alice bytes", "bytes=x", "apples=1", "bytes=1 alice", "alice bob bytes=1"])
    func badQuota(line: String) {
        #expect(throws: ConfigError.self) { try SourceQuota(line) }
    }

    @Test("what is on its way counts, and a source that waited goes on when what it waited for fits")
    func quotas() throws {
        let folder = try TemporaryFolder()
        try folder.write("12345", to: "20240101/alice/f")
        let usage = DiskUsage(DailyTrees(root: folder.path))
        try usage.open()
        var disk = DiskQuotas(usage)
        var quota = UserRecord.Quota()
        quota.bytes = 10
        // The macro evaluates what it is given with values that it does not change.
        func isOpen(_ quota: UserRecord.Quota) -> Bool { disk.isOpen("alice", quota) }
        func admit(_ tag: UInt64, _ bytes: Int64, of size: Int64 = 0, _ quota: UserRecord.Quota) -> DiskQuotas.Verdict {
            disk.admit(tag, of: "alice", bytes: bytes, fileSize: size, quota)
        }
        #expect(admit(1, 1, UserRecord.Quota()) == .admitted)
        #expect(!isOpen(quota) && isOpen(UserRecord.Quota()))
        usage.measure(["alice"])
        #expect(waitUntil(seconds: 10) { usage.usage(of: "alice") != nil })
        #expect(isOpen(quota) && admit(2, 11, quota) == .never)
        // Found before: the first block of any file was taken, and the disk reserved for all of it.
        #expect(admit(2, 1, of: 11, quota) == .never)
        #expect(admit(3, 4, quota) == .admitted && admit(4, 2, quota) == .full)
        #expect(!isOpen(quota))
        disk.finished(3)
        disk.finished(3)
        #expect(isOpen(quota))
        usage.add("alice", bytes: 4, files: 1)
        #expect(admit(5, 2, quota) == .full)
        usage.add("alice", bytes: -4, files: -1)
        #expect(isOpen(quota))
        quota.bytes = nil
        quota.files = 1
        #expect(admit(6, 0, quota) == .full)
        // Found before: two posts that claim to be as large as a number can be ended the program.
        quota.files = 10
        #expect(admit(7, .max, quota) == .admitted && admit(8, .max, quota) == .admitted)
        disk.finished(7)
        quota.bytes = 10
        #expect(admit(9, 1, quota) == .admitted)
    }
}
