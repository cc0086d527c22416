import DDTestSupport
import Glibc
import Testing

@testable import DDCore

/// The small form of `make network`: switches on machines of their own, with links that delay, lose and are cut.
@Suite("switches far from each other", .enabled(if: NetworkNamespace.isPossible && SwitchTests.installed))
struct WireTests {
    @Test("over links that take their time, lose packets and are cut for a while each file comes once, and its reports come home")
    func cut() throws {
        let network = try Network(["a", "b", "c"], over: PacketWire.Properties(delay: 0.02, loss: 0.01))
        try network.link(from: "a", to: "b", reaches: "c")
        try network.link(from: "b", to: "c")
        let bob = try network.subscribe(at: "c")
        defer { bob.send(SIGTERM) }
        let files = (0..<100).map { "w/\($0 % 10)/\($0)" }
        try network.post(at: "a", Array(files.prefix(50)), to: "c")
        #expect(waitUntil(seconds: 60) { network.received(at: "c").count >= 10 })
        let wire = try network.wire("b", "c")
        wire.cut()
        try network.post(at: "a", Array(files.suffix(50)), to: "c")
        #expect(waitUntil(seconds: 60) { files.allSatisfy { network.stored($0, of: "alice@a", at: "b") != nil } })
        usleep(5_000_000)
        #expect(network.received(at: "c").count < 100)
        wire.mend()
        let wanted = files.map { "alice@a/\($0)" }.sorted()
        #expect(waitUntil(seconds: 120) { network.received(at: "c") == wanted }, "\(network.said("b", "c"))")
        var told: [String] = []
        #expect(
            waitUntil(seconds: 60) {
                told = (try? network.reports(at: "a", about: "w/")) ?? []
                return told.filter { $0 == "201 bob@c" }.count == 100
            }, "\(told.count)")
        // The way there and back takes as long as the wires do: what is measured is not loopback.
        let route = try network.route(to: "c", from: "a")
        let far = try #require(route.output.split(separator: "\n").first { $0.hasPrefix("201 c ") })
        let time = try #require(far.split(separator: " ").compactMap { Int($0.replacing("ms", with: "")) }.last, "\(far)")
        #expect(time >= 40, "\(route)")
    }
}
