import DDTestSupport
import Testing

@testable import DDCore

/// Many sources on one switch, all of them consumed. The long variant measures, and prints what it measured: with `DD_BIN` the programs of
/// a release build.
@Suite("many sources", .serialized, .enabled(if: SwitchTests.installed))
struct ManySourcesTests {
    /// How many sources, of which so many flood with so many messages each; how many files in a round, and how many rounds.
    private struct Size {
        var sources = 20
        var flooders = 2
        var flood = 3_000
        var files = 15
        var rounds = 1
    }

    @Test("among many sources, of which some flood, the files of a quiet one are announced about as fast as when it is alone")
    func latency() throws {
        let size = Seed.isLong ? Size(sources: 200, flooders: 4, flood: 30_000, files: 101, rounds: 5) : Size()
        let running = try RunningSwitch()
        let ground = try ManySources(running, count: size.sources)
        let quiet = try QuietSource(running, "s0")
        let others = Array(ground.names.dropFirst())
        let flooders = Array(others.prefix(size.flooders))
        var (alone, among, flooded): ([Double], [Double], [Double]) = ([], [], [])
        for round in 1...size.rounds {
            try ground.say(.stop, others)
            alone.append(try quiet.median(of: size.files))
            try ground.say(.resume, others)
            among.append(try quiet.median(of: size.files))
            try ground.flood(flooders, count: size.flood)
            flooded.append(try quiet.median(of: size.files))
            let left = try ground.waiting(flooders)
            #expect(left > 0, "the flood was over before the quiet source was")
            print("round \(round): alone \(alone[round - 1]) ms, among \(size.sources) \(among[round - 1]) ms,")
            print("    beside a flood of \(size.flooders) \(flooded[round - 1]) ms, of which \(left) messages still waited")
        }
        let medians = [alone, among, flooded].map { $0.sorted()[size.rounds / 2] }
        print("ingest latency of a quiet source, medians of \(size.rounds) rounds of \(size.files) files:")
        print("alone \(medians[0]) ms, among \(size.sources) \(medians[1]) ms, beside a flood \(medians[2]) ms")
        // A busy machine may be slow for all: only much more than it took alone is a failure here.
        #expect(medians[1] < medians[0] * 2 + 50)
        #expect(medians[2] < medians[0] * 5 + 200)
    }
}

/// Sources s0, s1 and so on at a switch, made as `dd_switch user add` would make them.
private struct ManySources {
    let names: [String]
    private let running: RunningSwitch
    private let admin: RawClient

    init(_ running: RunningSwitch, count: Int) throws {
        self.running = running
        names = (0..<count).map { "s\($0)" }
        admin = try RawClient(running["DD_BROKER_ADMIN"])
        try running.addUsers(names)
        for name in names {
            for exchange in ["xs_", "xd_", "xl_"] { try admin.declareExchange(exchange + name) }
            try admin.declareBoundedQueue(QueueName.ingest(source: name))
            try Tree.write([1], to: "\(running["DD_SOURCE_ROOT"])/\(name)/same")
        }
        try say(.add, names)
    }

    /// Says of sources what an administrator would, and waits until the ingest has heard it.
    func say(_ action: ControlMessage.Action, _ names: [String]) throws {
        for name in names {
            var record = UserRecord(name: name, role: .source)
            record.urls = ["\(running["DD_SOURCE_URL"])\(name)/"]
            record.stopped = action == .stop ? .hold : nil
            let message = ControlMessage(action, record, by: "admin").wire
            try admin.publish("xctl", message.topic, body: Array(message.body.utf8), as: "admin")
        }
        let wanted = action == .stop ? 0 : 1
        try #require(
            try waitUntil(seconds: 120) {
                try names.allSatisfy { try admin.facts(QueueName.ingest(source: $0)).consumers == wanted }
            })
        for name in names where action == .stop { try admin.purge(QueueName.ingest(source: name)) }
    }

    /// Each of `names` posts one file of its own again and again.
    func flood(_ names: [String], count: Int) throws {
        for name in names {
            try RawClient(running.broker(name, password: name + "-secret")).flood("xs_" + name, "v02.post", count: count) { _ in
                "\(Timestamp.now().wire) \(running["DD_SOURCE_URL"])\(name)/ same"
            }
        }
    }

    /// Messages that wait in the queues of `names`.
    func waiting(_ names: [String]) throws -> Int {
        try names.reduce(0) { $0 + (try admin.facts(QueueName.ingest(source: $1)).messages) }
    }
}
