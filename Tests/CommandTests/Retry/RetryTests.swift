import DDCore
import DDTestSupport
import Glibc
import Testing

/// Transfers that fail: what may succeed later is tried again, from the broker's queues; what will not is reported once.
@Suite("retries", .serialized, .enabled(if: SwitchTests.installed))
struct RetryTests {
    private static let lines = "mirror on\nstrip 2\n"

    @Test("a data server that is away costs nothing: everything arrives when it is back, also over a restart in between")
    func outage() throws {
        let parties = try Parties("outage")
        let server = try RunningServer.nginx()
        server.stop()
        let alice = try Announcer(parties)
        let config = try parties.configure(Self.lines + "retry_waits 1s,2s,5s\n")
        let bob = try parties.subscribe([config])
        var wanted: [String: [UInt8]] = [:]
        for number in 0..<40 { wanted["old\(number)"] = Array("old \(number)".utf8) }
        for (name, bytes) in wanted {
            try Tree.write(bytes, to: alice.path(name, in: server.root))
            try alice.announce(name, bytes, at: server.url)
        }
        #expect(waitUntil(seconds: 30) { bob.errors.contains("does not answer: its files wait, others go on") })
        // The queue is free: what another server has comes at once.
        let healthy = try RunningServer.nginx()
        try Tree.write([1], to: alice.path("healthy", in: healthy.root))
        try alice.announce("healthy", [1], at: healthy.url)
        #expect(waitUntil(seconds: 10) { access(parties.received + "/outage/healthy", F_OK) == 0 })
        usleep(3_000_000)
        bob.send(SIGTERM)
        #expect(try bob.outcome().status <= 1, "\(bob.errors)")
        #expect(bob.errors.split(separator: "\n").count { $0.contains("does not answer: its files") } == 1, "\(bob.errors)")

        // What waits on the broker does not hold a program that is to leave when nothing comes, and is said by its status.
        let idle = try parties.command("dd_subscribe").run([config, "--exit_idle", "1"])
        #expect(idle.status == 1, "\(idle.errors)")
        #expect(TemporaryFolder.tree(parties.received) == ["outage/healthy"])

        let again = try parties.subscribe([config])
        try server.start()
        let fresh = Array("fresh".utf8)
        wanted["fresh"] = fresh
        try Tree.write(fresh, to: alice.path("fresh", in: server.root))
        try alice.announce("fresh", fresh, at: server.url)
        let arrived = { wanted.allSatisfy { SmallFile.bytes("\(parties.received)/outage/\($0)") == $1 } }
        #expect(waitUntil(seconds: 60, arrived), "\(again.errors)")
        again.send(SIGTERM)
        #expect(try again.outcome().status == 0, "\(again.errors)")
        let rest = try parties.command("dd_subscribe").run([config, "--exit_idle", "1"])
        #expect(rest.status == 0, "\(rest.errors)")
        let reports = try parties.reports { $0.count >= wanted.count + 1 }
        #expect(reports.count == wanted.count + 1 && reports.allSatisfy { $0.code == "201" }, "\(reports)")
    }

    @Test("what cannot be had is reported once, with its code, and nothing of it is left")
    func refusals() throws {
        let parties = try Parties("refusals")
        let other = try LyingServer { _ in .http(200, [:], Array("1234".utf8)) }
        let elsewhere = other.url("/1234")
        let server = try LyingServer { request in
            let name = request.path.split(separator: "/").last ?? ""
            switch name {
            case "gone": return .http(404)
            case "error": return .http(500)
            case "refused": return .http(403)
            case "short": return .http(200, [:], Array("12".utf8))
            case "long": return .http(200, [:], Array("123456".utf8))
            case "other": return .http(200, [:], Array("abcd".utf8))
            case "cut": return .last(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12".utf8))
            case "nothing": return .last([])
            case "silent": return .stall([])
            case "stalled": return .stall(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12".utf8))
            case "loopback": return .http(302, ["Location": elsewhere])
            case "loop": return .http(302, ["Location": request.path])
            case "file": return .http(302, ["Location": "file:///etc/hostname"])
            default: return .http(200, [:], Array("1234".utf8))
            }
        }
        let alice = try Announcer(parties)
        let config = try parties.configure(
            Self.lines + "retry_waits 1s,2s\nretry_ttl 15s\nlow_speed_time 2s\nallow_url \(server.url("/"))\n")
        let bob = try parties.subscribe([config])
        let names = [
            "gone", "error", "refused", "short", "long", "other", "cut", "nothing", "silent", "stalled", "loop", "file",
            "loopback",
            "good",
        ]
        for name in names { try alice.announce(name, Array("1234".utf8), at: server.url("/")) }
        let reports = try parties.reports { $0.count >= names.count }
        #expect(reports.count == names.count, "\(reports)")
        let codes = [
            "gone": ["404"], "error": ["499"], "refused": ["499"], "short": ["409", "499"], "long": ["409", "499"],
            "other": ["499"], "cut": ["409", "499"], "nothing": ["499"], "silent": ["499"], "stalled": ["409", "499"],
            "loop": ["499"],
            "file": ["403", "503"], "loopback": ["403"], "good": ["201"],
        ]
        for name in names {
            let own = reports.filter { $0.description.contains("/\(name) ") }
            #expect(own.count == 1 && own.allSatisfy { codes[name]?.contains($0.code) == true }, "\(name): \(own)")
        }
        #expect(server.requests.count { $0.path.hasSuffix("/gone") } == 3)
        #expect(3...20 ~= server.requests.count { $0.path.hasSuffix("/error") })
        for name in ["nothing", "silent", "stalled", "cut", "loopback"] {
            #expect(1...20 ~= server.requests.count { $0.path.hasSuffix("/\(name)") }, "\(name)")
        }
        #expect(other.requests.isEmpty)
        #expect(TemporaryFolder.tree(parties.received) == ["refusals/good"])
        bob.send(SIGTERM)
        #expect(try bob.outcome().status == 1)
        // Nothing waits any more.
        #expect(try parties.command("dd_subscribe").run([config, "--exit_idle", "1"]).status == 0)
    }

    @Test("what changed while it waited is let go with a report: the newer announcement has won")
    func changed() throws {
        let parties = try Parties("changed")
        let server = try RunningServer.nginx()
        server.stop()
        let alice = try Announcer(parties)
        let config = try parties.configure(Self.lines + "retry_waits 3s\n")
        let bob = try parties.subscribe([config])
        // The older one waits on the broker while its server is away; the newer one is elsewhere.
        try Tree.write([1], to: alice.path("file", in: server.root))
        try alice.announce("file", [1], at: server.url, mtime: Timestamp(seconds: 1_000))
        #expect(waitUntil(seconds: 30) { bob.errors.split(separator: "\n").count { $0.contains("trying again") } >= 3 })
        let other = try RunningServer.nginx()
        try Tree.write([2, 2], to: alice.path("file", in: other.root))
        try alice.announce("file", [2, 2], at: other.url, mtime: Timestamp(seconds: 2_000))
        #expect(waitUntil(seconds: 10) { SmallFile.bytes(parties.received + "/changed/file") == [2, 2] })
        try server.start()
        let reports = try parties.reports { $0.count >= 2 }
        #expect(reports.map(\.code).sorted() == ["201", "409"], "\(reports) \(bob.errors)")
        #expect(SmallFile.bytes(parties.received + "/changed/file") == [2, 2])
        bob.send(SIGTERM)
        _ = try bob.outcome()
    }

    @Test("cleanup takes the retry queues away too")
    func cleanup() throws {
        let parties = try Parties("cleanup")
        let alice = try Announcer(parties)
        let nobody = try #require(FreePort.find())
        let config = try parties.configure(Self.lines + "retry_waits 1s,1h\n")
        let bob = try parties.subscribe([config])
        try alice.announce("file", [1], at: "http://127.0.0.1:\(nobody)/")
        #expect(waitUntil(seconds: 30) { bob.errors.split(separator: "\n").count { $0.contains("trying again") } >= 2 })
        usleep(300_000)
        bob.send(SIGTERM)
        _ = try bob.outcome()
        let program = parties.command("dd_subscribe")
        #expect(try program.run([config, "--exit_idle", "0"]).status == 1)
        #expect(try program.run([config, "cleanup"]).status == 0)
        let rest = try program.run([config, "--exit_idle", "3"])
        #expect(rest.status == 0 && !rest.errors.contains("trying"), "\(rest.errors)")
    }

    @Test("a switch of two processes announces what it could fetch only at a later try, once")
    func switching() throws {
        let parties = try Parties("switching")
        let server = try RunningServer.nginx()
        server.stop()
        let alice = try Announcer(parties)
        let root = parties.path("root")
        try SmallFile.makeFolder(root)
        let config = try parties.write(
            """
            source_broker \(parties.broker("feeder"))
            source_topic *.alice.switching.#
            broker \(parties.broker("feeder"))
            exchange q_bob.announced
            document_root \(root)
            url \(parties.running["DD_URL"])
            cluster elsewhere
            retry_waits 1s,2s
            instances 2

            """, to: "second.conf")
        // Bob hears what is announced: an exchange of his own, with a queue at it.
        let heard = try Listener(parties, exchange: "q_bob.announced")
        let program = parties.command("dd_sara")
        let started = try program.run([config, "start"])
        defer { _ = try? program.run([config, "stop"], seconds: 70) }
        #expect(started.status == 0, "\(started.errors)")
        let status = { try program.run([config, "status"]).output }
        #expect(try waitUntil(seconds: 20) { try status().split(separator: "\n").count { $0.contains(", connected") } == 2 })
        for number in 0..<10 {
            try Tree.write([UInt8(number)], to: alice.path("\(number)", in: server.root))
            try alice.announce("\(number)", [UInt8(number)], at: server.url)
        }
        usleep(5_000_000)
        #expect(try heard.topics().isEmpty)
        try server.start()
        #expect(waitUntil(seconds: 40) { TemporaryFolder.tree(root).count { !$0.hasSuffix(".dd.tmp") } == 10 })
        #expect(try waitUntil(seconds: 10) { try heard.topics().count == 10 })
        usleep(500_000)
        #expect(try heard.topics().count == 10)
        #expect(try program.run([config, "stop"], seconds: 70).status == 0)
        #expect(try program.run([config, "cleanup"]).status == 0)
    }
}
