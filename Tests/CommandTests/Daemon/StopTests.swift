import DDCore
import DDTestSupport
import Glibc
import Testing

/// Signals: a program ends when it is told to, at once where it has nothing in hand, and does nothing while there is nothing to do.
@Suite("stopping", .serialized, .enabled(if: SwitchTests.installed))
struct StopTests {
    @Test("an idle dd_subscribe ends with 0 within two seconds", arguments: [SIGTERM, SIGINT])
    func idle(signal: Int32) throws {
        let parties = try Parties("stopping")
        let bob = try parties.subscribe([try parties.configure()])
        try expectEnd(of: bob, after: signal, status: 0, within: 2)
    }

    @Test("an idle dd_subscribe uses no processor time")
    func quiet() throws {
        let parties = try Parties("quiet")
        let bob = try parties.subscribe([try parties.configure()])
        usleep(500_000)
        let before = ProcessUse.ticks(of: bob.pid)
        usleep(3_000_000)
        #expect(ProcessUse.ticks(of: bob.pid) - before <= 1)
    }

    @Test("dd_subscribe ends at once where a connection is taken and nobody answers")
    func blackHole() throws {
        let parties = try Parties("hole")
        let hole = try SilentPort()
        let config = try parties.configure()
        let url = "amqp://bob:any@127.0.0.1:\(hole.port)/"
        let bob = try parties.command("dd_subscribe").start(["-b", url, config])
        #expect(waitUntil(seconds: 10) { hole.hasCaller })
        try expectEnd(of: bob, after: SIGTERM, status: 0, within: 2)
    }

    @Test("dd_subscribe ends at once while it waits to try again")
    func backoff() throws {
        let parties = try Parties("backoff")
        let nobody = try #require(FreePort.find())
        let bob = try parties.command("dd_subscribe").start(
            ["-b", "amqp://bob:any@127.0.0.1:\(nobody)/", try parties.configure()])
        // The later waits are seconds long.
        #expect(waitUntil(seconds: 20) { bob.errors.split(separator: "\n").count >= 4 })
        try expectEnd(of: bob, after: SIGTERM, status: 0, within: 2)
    }

    @Test("what is in hand is finished first; a second signal ends it at once, and the post comes again")
    func draining() throws {
        let parties = try Parties("draining")
        let script = try parties.write("#!/bin/sh\necho begun >>begun\nsleep 2\necho done >>done\n", to: "slow", mode: 0o755)
        let config = try parties.configure("mirror on\nstrip 2\non_file \(script)")
        let bob = try parties.subscribe([config])
        try Tree.write([1], to: parties.source + "/first")
        #expect(try parties.post().status == 0)
        #expect(waitUntil(seconds: 20) { count(parties.path("begun")) == 1 })
        let start = Monotonic.now()
        try expectEnd(of: bob, after: SIGTERM, status: 0, within: 4)
        #expect(Monotonic.now() - start > 0.5 && count(parties.path("done")) == 1)

        try Tree.write([2], to: parties.source + "/second")
        #expect(try parties.post(paths: [parties.source + "/second"]).status == 0)
        let again = try parties.subscribe([config])
        #expect(waitUntil(seconds: 20) { count(parties.path("begun")) == 2 })
        again.send(SIGTERM)
        usleep(300_000)
        #expect(again.isRunning)
        try expectEnd(of: again, after: SIGINT, status: 130, within: 2)

        let third = try parties.command("dd_subscribe").run([config, "--exit_idle", "1"])
        #expect(third.status == 0 && count(parties.path("begun")) == 3, "\(third.errors)")
    }

    @Test("dd_post that is ended while the broker is away says how many were not posted", arguments: [SIGTERM, SIGINT])
    func posting(signal: Int32) throws {
        let parties = try Parties("posting")
        for name in 0..<3 { try Tree.write([1], to: "\(parties.source)/\(name)") }
        let hole = try SilentPort()
        let nobody = try #require(FreePort.find())
        for port in [hole.port, nobody] {
            let words = parties.postWords(["-b", "amqp://alice:any@127.0.0.1:\(port)/", "--wait", "forever"])
            let alice = try parties.command("dd_post").start(words)
            let waits = waitUntil(seconds: 20) {
                port == nobody ? alice.errors.split(separator: "\n").count >= 4 : hole.hasCaller
            }
            #expect(waits, "\(alice.errors)")
            let outcome = try expectEnd(of: alice, after: signal, status: 128 + signal, within: 2)
            #expect(outcome.output.isEmpty && outcome.errors.contains("1 posts read so far were not confirmed"))
        }
    }

    @discardableResult
    private func expectEnd(
        of program: RunningCommand, after signal: Int32, status: Int32, within seconds: Double
    ) throws -> Command.Outcome {
        let start = Monotonic.now()
        program.send(signal)
        let outcome = try program.outcome(seconds: 20)
        #expect(Monotonic.now() - start < seconds)
        #expect(outcome.status == status, "\(outcome.errors)")
        return outcome
    }

    private func count(_ file: String) -> Int { (SmallFile.text(file) ?? "").split(separator: "\n").count }
}

/// A port of the loopback address where connections are taken and nothing is ever said.
final class SilentPort {
    /// Its number.
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard status else { throw ProcessError("cannot listen on a port", errno) }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Whether somebody waits for an answer.
    var hasCaller: Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) == 1
    }
}
