import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// What a source with an account sends to be taken in.
    @Suite("attacks on the ingest")
    struct IngestAttackTests {
        @Test("what is bound or dead-lettered into one's own exchange does not become one's own post, with no client connected")
        func replay() throws {
            let ground = try AttackGround("replay")
            try Tree.write(Array("carol's".utf8), to: ground.tree(of: "carol") + "/file")
            let ingest = try ground.ingest()
            let log = try ground.listen("admin", to: "xlog")
            let mallory = try RawClient(ground.broker("mallory"))
            try mallory.bind(exchange: "xs_mallory", to: "xd_carol")
            try mallory.declareQueue(
                "q_mallory.letters", ["x-dead-letter-exchange": "xs_mallory", "x-dead-letter-routing-key": "v02.post.replayed"],
                numbers: ["x-message-ttl": 1])
            try mallory.bind(queue: "q_mallory.letters", to: "xd_carol")
            let heard = try ground.listen("bob", to: "xd_mallory")

            #expect(try ground.post("carol").status == 0)
            let refused = waitUntil(seconds: 20) {
                ingest.errors.contains("dead-lettered, not posted")
                    && ingest.errors.contains("xd_carol, which is no source's own")
            }
            #expect(refused, "\(ingest.errors)")
            try mallory.unbind(exchange: "xs_mallory", from: "xd_carol")
            try mallory.deleteQueue("q_mallory.letters")
            #expect(waitUntil(seconds: 10) { ground.stored == ["carol/replay/file"] }, "\(ground.stored)")
            #expect(try RawClient(ground.broker("bob")).getAll(heard).isEmpty)
            // Carol's file, and twice that it is not mallory's.
            let codes = try RawClient(ground.broker("admin")).getAll(log).filter { $0.body.contains("replay/file") }
                .compactMap { $0.body.split(separator: " ").dropFirst(3).first.map(String.init) }
            #expect(codes.sorted() == ["201", "417", "417"])
            ingest.send(SIGTERM)
            #expect(try ingest.outcome().status == 1)
        }

        @Test("headers that would speak for others are overwritten or dropped, and a post that claims a way behind it is refused")
        func forgedHeaders() throws {
            let ground = try AttackGround("forged")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/file")
            let ingest = try ground.ingest()
            let heard = try ground.listen("bob", to: "xpublic", "v02.post.*.mallory.forged.#")
            let copies = try ground.listen("bob", to: "xpublic", "v02.injected")
            let path = "forged/file"
            try ground.forge(
                path,
                ["source": "carol", "from_cluster": "elsewhere", "posted_as": "carol/file", "Bcc": "v02.injected"],
                lists: ["CC": ["v02.injected"], "BCC": ["v02.injected"]])
            try ground.forge("forged/far", ["via": "elsewhere"])
            try ground.forge("forged/dead", ["x-death": "so it says"])
            let reports = try ground.reports("mallory", "forged/") { $0.count >= 3 }
            #expect(reports.map(\.code).sorted() == ["201", "417", "417"] && ingest.isRunning, "\(reports) \(ingest.errors)")
            let announced = try RawClient(ground.broker("bob")).getAll(heard)
            #expect(announced.count == 1)
            let headers = announced.first?.headers ?? []
            #expect(headers.contains("source=mallory") && headers.contains("from_cluster=local"), "\(headers)")
            #expect(headers.contains("posted_as=\(path)") && headers.contains("via=local"), "\(headers)")
            #expect(!headers.contains { $0.lowercased().hasPrefix("x-") || $0.lowercased().contains("cc=") }, "\(headers)")
            #expect(try RawClient(ground.broker("bob")).getAll(copies).isEmpty)
            #expect(try ground.reports("carol", "forged/") { _ in true }.isEmpty)
            #expect(ground.stored == ["mallory/forged/file"])
        }

        @Test("no path, rename or link of a post leads out of its source's own tree")
        func paths() throws {
            let ground = try AttackGround("paths")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/file")
            try Tree.write([2], to: ground.tree(of: "carol") + "/file")
            let ingest = try ground.ingest("overwrite on")
            #expect(try ground.post("carol").status == 0)
            #expect(waitUntil(seconds: 20) { ground.stored == ["carol/paths/file"] })
            let before = Tree.facts(ground.root)
            let file = "paths/file"
            let day = TemporaryFolder.names(in: ground.root).first ?? ""
            var count = 0
            for rename in [
                "../carol/paths/file", "../../x", "a/../../b", "/../x", "..", ".", "a/./b", "x/..", "%2e%2e/x/../../y",
            ] {
                try ground.forge(file, ["rename": rename])
                count += 1
            }
            for relpath in ["../carol/paths/file", "paths/../../../carol/paths/file", "..", "%2e%2e/%2e%2e/etc/x"] {
                try ground.forge(relpath)
                count += 1
            }
            for target in ["../../../x", "/etc/passwd", "../../carol/paths/file/../../../../..", "..//..//..//x"] {
                try ground.forge("paths/link", ["sum": "L,0", "link": target])
                count += 1
            }
            // The place of another's file, named as seen from outside, lands in one's own tree.
            try ground.forge(file, ["rename": "/\(day)/carol/paths/file"])
            let reports = try ground.reports("mallory", ".*") {
                $0.filter { $0.description.contains("paths") || $0.code == "403" }.count > count
            }
            #expect(reports.count { $0.code == "403" } >= count, "\(reports)")
            #expect(waitUntil(seconds: 10) { ground.stored.contains("mallory/\(day)/carol/paths/file") }, "\(ground.stored)")
            for (path, fact) in before { #expect(Tree.facts(ground.root)[path] == fact, "\(path)") }
            #expect(ground.stored.allSatisfy { $0.hasPrefix("carol/paths/") || $0.hasPrefix("mallory/") }, "\(ground.stored)")
            #expect(TemporaryFolder.names(in: ground.files.path).contains("x") == false && ingest.isRunning)
        }

        @Test("removals reach only the source's own tree, and only where removals are wanted")
        func removals() throws {
            let ground = try AttackGround("removals")
            try Tree.write([1], to: ground.tree(of: "carol") + "/file")
            let ingest = try ground.ingest()
            #expect(try ground.post("carol").status == 0)
            #expect(waitUntil(seconds: 20) { ground.stored == ["carol/removals/file"] })
            for relpath in ["carol/removals/file", "../carol/removals/file", "carol"] {
                for sum in ["R,0", "r,0"] {
                    try ground.forge(relpath, ["sum": sum, "newname": "../carol/removals/file", "oldname": "../x"])
                }
            }
            _ = try ground.reports("mallory", ".*carol") { $0.count >= 6 }
            #expect(ground.stored == ["carol/removals/file"] && ingest.isRunning)
        }

        @Test("a file whose bytes are not those of the sum announced is neither kept nor announced, also with another's sum")
        func claimedSum() throws {
            let ground = try AttackGround("sum")
            try Tree.write(Array("carol's content".utf8), to: ground.tree(of: "carol") + "/file")
            try Tree.write(Array("mallory's words".utf8), to: ground.tree(of: "mallory") + "/file")
            let ingest = try ground.ingest()
            #expect(try ground.post("carol").status == 0)
            let digest = try Digest(.md5)
            Array("carol's content".utf8).withUnsafeBytes { digest.update($0) }
            let hex = digest.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let heard = try ground.listen("bob", to: "xpublic", "v02.post.*.mallory.sum.#")
            try ground.forge("sum/file", ["sum": "d,\(hex)", "parts": "1,15,1,0,0"])
            let reports = try ground.reports("mallory", "sum/") { !$0.isEmpty }
            #expect(reports.map(\.code) == ["499"], "\(reports)")
            #expect(ground.stored == ["carol/sum/file"] && ingest.isRunning)
            #expect(try RawClient(ground.broker("bob")).getAll(heard).isEmpty)
        }

        @Test("whatever is sent, the ingest reads on, says to its source that it cannot be read, and takes what comes after it")
        func malformed() throws {
            let ground = try AttackGround("malformed")
            try Tree.write([1], to: ground.tree(of: "mallory") + "/file")
            let ingest = try ground.ingest()
            let seed = Seed()
            var generator = seed.generator()
            let client = try RawClient(ground.broker("mallory"))
            let good = "\(Timestamp.now().wire) \(ground.url(of: "mallory")) malformed/file"
            let long = String(repeating: "x", count: 60_000)
            var bodies: [[UInt8]] = [
                [], [0], [0xff, 0xfe], Array(" ".utf8), Array("   ".utf8), Array(long.utf8), Array("20240229120000.0".utf8),
                Array("20240229120000.0 http://h/".utf8), Array("99999999999999.9 http://h/ f".utf8), Array("x http://h/ f".utf8),
                Array("20240229120000.0 nowhere f".utf8), Array("20240229120000.0 http://h/ a\u{1b}[2Jb".utf8),
                Array("20240229120000.0 :: f".utf8),
                Array("{\"pubTime\":".utf8), Array(repeating: 0x20, count: 70_000),
            ]
            for _ in 0..<60 {
                var bytes = Array(good.utf8)
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    bytes[Int.random(in: 0..<min(30, bytes.count), using: &generator)] = UInt8.random(
                        in: 128...255, using: &generator)
                }
                bodies.append(bytes)
            }
            for body in bodies { try client.publish("xs_mallory", "v02.post.malformed", ["sum": "0,0"], body: body) }
            let headers: [[String: String]] = [
                ["sum": "d,zz"], ["sum": "d"], ["sum": "q,00"], ["sum": "d,\(long)"], ["parts": "1"], ["parts": "i,0,0,0,0"],
                ["parts": "i,9223372036854775807,9223372036854775807,9223372036854775807,9223372036854775807"],
                ["parts": "1,-1,1,0,0"], ["parts": "1,99999999999999999999,1,0,0"], ["mode": "99999"], ["mtime": "soon"],
                ["rename": "a\u{0}b"], ["flow": "a\nb"], ["to_clusters": "a\u{7}b"],
            ]
            for header in headers {
                try client.publish(
                    "xs_mallory", "v02.post.malformed", ["sum": "0,0"].merging(header) { $1 }, body: Array(good.utf8))
            }
            // Legal, but more than could be published again.
            try client.publish("xs_mallory", "v02.post.malformed", ["sum": "0,0", "a": long, "b": long], body: Array(good.utf8))
            let many = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("h\($0)", "v") })
            try client.publish("xs_mallory", "v02.post.malformed", many, body: Array(good.utf8))

            let wanted = bodies.count + headers.count + 2
            let reports = try ground.reports("mallory") { $0.filter { $0.code == "417" }.count >= wanted }
            #expect(
                reports.count { $0.code == "417" } >= wanted,
                "\(reports.count) of \(wanted), \(seed): \(ingest.errors.suffix(2000))")
            #expect(try ground.post("mallory").status == 0)
            #expect(waitUntil(seconds: 20) { ground.stored.contains("mallory/malformed/file") }, "\(ground.stored)")
            #expect(ingest.isRunning)
        }

        @Test("while one source floods the switch with nonsense, another's files come through before the flood is dealt with")
        func flood() throws {
            let ground = try AttackGround("flood")
            let ingest = try ground.ingest("log_back off")
            let carol = try QuietSource(ground.running, "carol")
            let files = Seed.isLong ? 501 : 11
            let alone = try carol.median(of: files)
            let count = Seed.isLong ? 1_000_000 : 30_000
            let mallory = try RawClient(ground.broker("mallory"))
            let start = Monotonic.now()
            // Each is well formed, and fetched in vain.
            func flood(_ count: Int) throws {
                try mallory.flood("xs_mallory", "v02.post.flood", count: count) {
                    "\(Timestamp.now().wire) \(ground.url(of: "mallory")) flood/nothing\($0 % 1000)"
                }
            }
            try flood(count)
            let seconds = Monotonic.now() - start
            let beside = try carol.median(of: files)
            let admin = try RawClient(ground.broker("admin"))
            let left = try admin.facts(ground.ingestQueue("mallory")).messages
            #expect(left > count / 10, "\(left) of \(count)")
            print("\(count) messages sent in \(Int(seconds)) s; of carol's files, the median of \(files) is announced after")
            print("\(alone) ms alone, \(beside) ms beside them; \(left) wait")
            #expect(ingest.isRunning)
            ingest.kill()
            if Seed.isLong {
                // Her queue is full now, and refuses the rest.
                try flood(Int(QueuePlan.fullMessages) - left + 100_000)
                let isFull = try waitUntil(seconds: 60) {
                    try mallory.drain()
                    return try admin.facts(ground.ingestQueue("mallory")).messages >= QueuePlan.fullMessages
                        && mallory.refusals > 0
                }
                let most = try admin.facts(ground.ingestQueue("mallory")).messages
                #expect(isFull, "\(most) wait, \(mallory.refusals) refusals")
            }
            // Nobody is to try a million times more what cannot be fetched.
            #expect(try ground.command("dd_sara").run([ground.files.path("attack.conf"), "cleanup"]).status == 0)
        }
    }
}
