import DDCore
import DDTestSupport
import Glibc
import Testing

/// `make network`: a whole network at full size. `DD_TEST_NETWORK` is the number of files.
@Suite("a ring of five switches with a chord", .enabled(if: getenv("DD_TEST_NETWORK") != nil && SwitchTests.installed))
struct RingTests {
    static let names = ["a", "b", "c", "d", "e"]
    static let count = getenv("DD_TEST_NETWORK").flatMap { Int(String(cString: $0)) } ?? 10_000
    /// Both ways round, and b to e and back.
    static let edges: [(String, String)] = {
        let ring = zip(names, names.dropFirst() + ["a"]) + [("b", "e")]
        return ring.flatMap { [($0, $1), ($1, $0)] }
    }()

    /// How many links are between a switch and each other.
    private func distances(from start: String) -> [String: Int] {
        var (found, next) = ([start: 0], [start])
        while let name = next.first {
            next.removeFirst()
            for (_, other) in Self.edges.filter({ $0.0 == name }) where found[other] == nil {
                found[other] = (found[name] ?? 0) + 1
                next.append(other)
            }
        }
        return found
    }

    /// How often each file of alice was fetched from a switch, as its web server says.
    private func fetches(from network: Network, _ name: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in (SmallFile.text(network[name].folder + "/log/access.log") ?? "").split(separator: "\n") {
            guard let path = line.split(separator: "\"").dropFirst().first?.split(separator: " ").dropFirst().first else {
                continue
            }
            counts[String(path), default: 0] += 1
        }
        return counts
    }

    @Test(
        "files of two sources to two clusters each, while a link is cut for a while: each once where it belongs, and nowhere else"
    )
    func ring() throws {
        // Machines of their own where that is possible, 5 ms from each other.
        let isWide = NetworkNamespace.isPossible
        let network = try Network(
            Self.names, ["--access_log"], over: isWide ? PacketWire.Properties(delay: 0.005, loss: 0.001) : nil)
        for (upper, lower) in Self.edges {
            let behind = distances(from: lower).filter { $0.value > 0 && $0.key != upper }.sorted { $0.key < $1.key }
            try network.link(from: upper, to: lower, reaches: behind.map { "\($0.key):\($0.value)" }.joined(separator: ","))
        }
        let bobs = try Self.names.map { try network.subscribe(at: $0) }
        defer { for bob in bobs { bob.send(SIGTERM) } }
        let files = (0..<Self.count / 2).map { "n/\($0 % 100)/\($0)" }
        let start = Monotonic.now()
        let first = files.prefix(files.count / 2)
        try network.post(at: "a", Array(first), to: "c,d")
        try network.cut("a", "b", SIGKILL)
        if isWide { try network.wire("a", "b").cut() }
        try network.post(at: "a", Array(files.dropFirst(first.count)), to: "c,d")
        try network.post(at: "c", files, to: "e,b")
        usleep(UInt32(min(60, Double(Self.count) / 150) * 1e6))
        if isWide { try network.wire("a", "b").mend() }
        try network.start("a", "b")
        let wanted = [
            "a": [], "b": files.map { "alice@c/\($0)" }, "c": files.map { "alice@a/\($0)" }, "d": files.map { "alice@a/\($0)" },
            "e": files.map { "alice@c/\($0)" },
        ].mapValues { $0.sorted() }
        for name in Self.names {
            let limit = 60 + Double(Self.count) / 20
            let isComplete = waitUntil(seconds: limit) { network.received(at: name).count >= wanted[name]?.count ?? 0 }
            #expect(isComplete, "\(name) has \(network.received(at: name).count)")
        }
        print(
            "network: \(Self.count) files to two clusters each over five switches in \(Int(Monotonic.now() - start)) s, with a link cut"
        )
        // What does not belong there would come now.
        usleep(3_000_000)
        for name in Self.names { #expect(network.received(at: name) == wanted[name], "\(name)") }
        // Bob reports each once, to its source.
        for (source, ends) in [("a", ["c", "d"]), ("c", ["b", "e"])] {
            var told: [String: Int] = [:]
            #expect(
                waitUntil(seconds: 120) {
                    let reports = (try? network.reports(at: source, about: "n/")) ?? []
                    told = Dictionary(reports.map { ($0, 1) }, uniquingKeysWith: +)
                    return ends.allSatisfy { told["201 bob@\($0)"] == files.count }
                }, "\(source): \(told)")
            #expect(told.keys.filter { $0.contains("bob") }.sorted() == ends.map { "201 bob@\($0)" }, "\(told)")
        }
        for name in ["b", "d", "e"] { #expect(try network.reports(at: name, about: "n/") == []) }
        // Each link was crossed once at most: what is fetched twice is so by two links, or by one and by the consumer.
        for name in Self.names {
            // What was under way when the wire was cut may be asked for again.
            let again = fetches(from: network, name).filter { $0.value > 2 }
            #expect(
                again.count <= (isWide && ["a", "b"].contains(name) ? 32 : 0),
                "\(name): \(again.sorted { $0.key < $1.key }.prefix(9))")
        }
    }
}
