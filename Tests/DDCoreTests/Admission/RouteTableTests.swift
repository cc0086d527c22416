import DDTestSupport
import Testing

@testable import DDCore

@Suite("which way posts go")
struct RouteTableTests {
    private func link(_ name: String, _ reaches: [String: Int] = [:]) -> UserRecord {
        var record = UserRecord(name: "link_" + name, role: .link)
        record.reaches = reaches
        return record
    }

    private func table(_ links: [UserRecord]) -> RouteTable {
        let table = RouteTable(
            cluster: "here", aliases: ["also"], groups: ["south": ["c", "d"], "odd": ["south", "odd", "here"]])
        for link in links { table.apply(link) }
        return table
    }

    @Test("the shortest way, of equal ones the first by name, and never one to itself")
    func shortest() {
        let table = table([link("b", ["c": 1, "d": 2, "here": 1]), link("e", ["d": 1, "c": 1, "b": 1]), link("a", ["also": 3])])
        let routes = table.routes()
        #expect(routes.mapValues { "\($0.hop) \($0.distance)" } == ["a": "a 1", "b": "b 1", "e": "e 1", "c": "b 2", "d": "e 2"])
        #expect(table.routes(without: ["b"])["c"] == RouteTable.Route(hop: "e", distance: 2))
        #expect(table.hops == ["a", "b", "e"])
    }

    @Test("accounts that are stopped, removed, or no links are no ways")
    func others() {
        var (stopped, removed) = (link("b"), link("c"))
        (stopped.stopped, removed.removed) = (.hold, .now())
        var user = UserRecord(name: "link_d", role: .user)
        user.reaches = ["x": 1]
        #expect(table([stopped, removed, user, UserRecord(name: "alice", role: .source)]).routes().isEmpty)
    }

    @Test("names, aliases, groups and ALL; each destination is one link's care")
    func destinations() {
        let table = table([link("b", ["c": 1]), link("e", ["d": 1])])
        #expect(table.destinations([]) == RouteTable.Destinations(isHere: true))
        #expect(table.destinations(["here"]).isHere && table.destinations(["also"]).isHere)
        let several = table.destinations(["c", "d", "x", "c", "b"])
        #expect(!several.isHere && several.hops == ["b": ["c", "b"], "e": ["d"]] && several.unreachable == ["x"])
        let group = table.destinations(["odd"])
        #expect(group.isHere && group.hops == ["b": ["c"], "e": ["d"]])
        let all = table.destinations(["c", "ALL"])
        #expect(all.isHere && all.hops == ["b": ["ALL"], "e": ["ALL"]])
        #expect(table.destinations(["x", "y"]).isEmpty)
        #expect(table.words(unreachable: ["nowhere", "sout"]) == "no way from here to nowhere, sout (is south meant?)")
    }

    @Test("what has passed a switch does not go back there")
    func back() {
        let table = table([link("b", ["c": 1]), link("e", ["c": 2])])
        #expect(table.destinations(["c", "b"], via: ["b"]) == RouteTable.Destinations(hops: ["e": ["c"]]))
        #expect(table.destinations(["ALL"], via: ["b", "e"]) == RouteTable.Destinations(isHere: true))
    }

    @Test("in any network in which each switch knows what lies behind its links, a post ends, and reaches each destination once")
    func networks() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            let names = (0..<Int.random(in: 2...9, using: &random)).map { "s\($0)" }
            var edges: [String: Set<String>] = [:]
            for name in names {
                for other in names where other != name && Int.random(in: 0..<3, using: &random) == 0 {
                    edges[name, default: []].insert(other)
                }
            }
            // How far each is from each.
            func distances(_ start: String) -> [String: Int] {
                var (found, next) = ([start: 0], [start])
                while let name = next.first {
                    next.removeFirst()
                    for other in (edges[name] ?? []).sorted() where found[other] == nil {
                        found[other] = (found[name] ?? 0) + 1
                        next.append(other)
                    }
                }
                return found
            }
            var tables: [String: RouteTable] = [:]
            for name in names {
                let table = RouteTable(cluster: name)
                for hop in edges[name] ?? [] {
                    table.apply(link(hop, distances(hop).filter { $0.value > 0 && $0.key != name }))
                }
                tables[name] = table
            }
            let start = names[0]
            let reachable = Set(distances(start).keys)
            let targets = names.filter { _ in Bool.random(using: &random) }
            guard !targets.isEmpty else { continue }
            var arrived: [String: Int] = [:]
            var crossed: [String: Int] = [:]
            var under: [(at: String, names: [String], via: [String])] = [(start, targets, [])]
            var steps = 0
            while let post = under.popLast() {
                steps += 1
                try #require(steps < 1_000, "seed \(seed): a loop")
                let result = try #require(tables[post.at]).destinations(post.names, via: post.via)
                if result.isHere { arrived[post.at, default: 0] += 1 }
                for (hop, names) in result.hops {
                    crossed["\(post.at)-\(hop)", default: 0] += 1
                    under.append((hop, names, post.via + [post.at]))
                }
                try #require(result.unreachable.allSatisfy { !reachable.contains($0) }, "seed \(seed): \(result.unreachable)")
            }
            #expect(Set(arrived.keys) == Set(targets).intersection(reachable), "seed \(seed)")
            #expect(arrived.values.allSatisfy { $0 == 1 } && crossed.values.allSatisfy { $0 == 1 }, "seed \(seed)")
        }
    }

    @Test("before the control stream has been read nothing is known, and one that is empty takes nothing away")
    func reading() {
        let table = RouteTable(cluster: "here", isKnown: false)
        #expect(!table.isKnown)
        table.beginReading()
        table.apply(link("b"))
        #expect(table.hops == [])
        table.endReading()
        #expect(table.isKnown && table.hops == ["b"])
        table.beginReading()
        table.endReading()
        #expect(table.hops == ["b"])
    }

    @Test("the record of a link travels as JSON, and one that makes no sense is refused")
    func record() throws {
        let record = link("b", ["c": 1, "d.e": 100])
        #expect(try UserRecord(JSONParser.parse(record.json.text)) == record)
        for reaches in ["[]", "{\"c\":0}", "{\"c\":101}", "{\"c\":\"1\"}", "{\"c/d\":1}", "1"] {
            let text = "{\"name\":\"link_b\",\"role\":\"link\",\"reaches\":\(reaches)}"
            #expect(throws: MessageError.self, "\(reaches)") { try UserRecord(JSONParser.parse(text)) }
        }
    }
}
