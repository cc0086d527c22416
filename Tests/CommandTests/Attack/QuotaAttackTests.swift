import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// A source that wants more of the disk than it may have.
    @Suite("attacks on the disk")
    struct QuotaAttackTests {
        /// A file of mallory's that takes no disk at the source.
        private func makeFile(_ name: String, _ ground: AttackGround, size: off_t) throws {
            try Tree.write([], to: "\(ground.tree(of: "mallory"))/\(name)")
            try #require(truncate("\(ground.tree(of: "mallory"))/\(name)", size) == 0)
        }

        /// What mallory has below the ingest's root: names, bytes as they are or will be, bytes of the disk.
        private func occupied(_ ground: AttackGround) -> (names: [String], size: Int64, disk: Int64) {
            var (names, size, disk): ([String], Int64, Int64) = ([], 0, 0)
            for day in TemporaryFolder.names(in: ground.root) {
                let tree = "\(ground.root)/\(day)/mallory"
                var folders = 0
                FileWalker.walk(tree) { found in
                    guard case .entry(let path, let info) = found else { return true }
                    names.append(path)
                    let name = String(path.split(separator: "/").last ?? "")
                    if !BlockNames.isMap(name, lock: ".tmp") { size += Int64(info.st_size) }
                    disk += Int64(info.st_blocks) * 512
                    return true
                } folders: {
                    folders += 1
                }
                names += (0..<folders).map { "folder \($0)" }
            }
            return (names, size, disk)
        }

        private func isHeld(_ ingest: RunningCommand) -> Bool {
            waitUntil(seconds: 20) { ingest.errors.contains("mallory is held") }
        }

        // Found before: 80 such posts reserved 4,000 MiB and 160 inodes with a quota of 60 MiB and 30 files.
        @Test("the first blocks of many large files take no more than the quota, and no disk that no bytes have come for")
        func firstBlocks() throws {
            let ground = try AttackGround("firstblocks")
            try makeFile("large", ground, size: 50 << 20)
            let ingest = try ground.ingest("block_min 1\nquota mallory bytes=60M files=30")
            for number in 0..<80 {
                try ground.forge("firstblocks/large", ["parts": "i,1048576,50,0,0", "rename": "/firstblocks/f\(number)"])
            }
            #expect(isHeld(ingest), "\(ingest.errors)")
            try ground.expectBystanderIsServed()
            let (names, size, disk) = occupied(ground)
            #expect(size == 50 << 20 && names.count <= 4 && disk < 4 << 20, "\(size) \(disk) \(names)")
            #expect(ingest.isRunning)
        }

        // Found before: the disk was reserved for all of the file, until it was full, and not given back.
        @Test("one block of a very large file takes the disk for one block; a file larger than the disk is not begun")
        func oneBlock() throws {
            let ground = try AttackGround("oneblock")
            try makeFile("large", ground, size: 1 << 30)
            let ingest = try ground.ingest("block_min 1")
            try ground.forge("oneblock/large", ["parts": "i,1048576,1024,0,0"])
            // A pebibyte.
            try ground.forge("oneblock/large", ["parts": "i,1073741824,1048576,0,0", "rename": "/oneblock/endless"])
            let reports = try ground.reports("mallory", "oneblock/large") { !$0.isEmpty }
            #expect(reports.contains { $0.code == "206" } || reports.contains { $0.code == "201" }, "\(reports)")
            let (_, size, disk) = occupied(ground)
            #expect(size == 1 << 30 && disk < 3 << 20, "\(size) \(disk)")
            #expect(waitUntil(seconds: 10) { ingest.errors.contains("oneblock/endless of 1125899906842624 bytes") })
            try ground.expectBystanderIsServed(files: 5)
        }

        // Found before: 400 MiB with a quota of 10.
        @Test("a file that does not say how large it is, or is larger than it says, is cut at what its source may still have")
        func unknownSize() throws {
            let ground = try AttackGround("unknownsize")
            try makeFile("large", ground, size: 60 << 20)
            try Tree.write([1], to: ground.tree(of: "mallory") + "/small")
            let ingest = try ground.ingest("quota mallory bytes=10M")
            let body = "\(Timestamp.now().wire) \(ground.url(of: "mallory")) unknownsize/large"
            try RawClient(ground.broker("mallory")).publish(
                "xs_mallory", "v02.post", ["sum": "0,0"], body: Array(body.utf8), as: "mallory")
            let reports = try ground.reports("mallory", "unknownsize/large") { !$0.isEmpty }
            #expect(reports.map(\.code) == ["413"], "\(reports) \(ingest.errors)")
            #expect(occupied(ground).size == 0 && ground.stored == [], "\(ground.stored)")
            // It has given back what it had.
            try ground.forge("unknownsize/small")
            #expect(waitUntil(seconds: 20) { ground.stored == ["mallory/unknownsize/small"] }, "\(ground.stored)")
            try ground.expectBystanderIsServed(files: 5)
        }

        // Found before: links, folders, and the folders of files that could not be fetched lay outside the quota.
        @Test("of files that cannot be fetched no folders stay")
        func missing() throws {
            let ground = try AttackGround("countmissing")
            let ingest = try ground.ingest("quota mallory files=30")
            for number in 0..<120 { try ground.forge("countmissing/d\(number)/deep/file") }
            let reports = try ground.reports("mallory", "countmissing/") { $0.count >= 120 }
            #expect(reports.count { $0.code == "404" } >= 120, "\(reports.count) \(ingest.errors.suffix(2000))")
            #expect(waitUntil(seconds: 20) { occupied(ground).names.count <= 2 }, "\(occupied(ground).names)")
            try ground.expectBystanderIsServed()
        }

        @Test("links and folders count", arguments: ["link", "folder"])
        func links(kind: String) throws {
            let ground = try AttackGround("count\(kind)")
            let ingest = try ground.ingest("quota mallory files=30")
            for number in 0..<120 {
                let path = "count\(kind)/d\(number)"
                switch kind {
                case "link": try ground.forge(path, ["sum": "L,0", "link": "nowhere"])
                default: try ground.forge(path, ["sum": "m,0"])
                }
            }
            #expect(isHeld(ingest), "\(ingest.errors.suffix(2000))")
            try ground.expectBystanderIsServed()
            let names = occupied(ground).names
            #expect(names.count <= 30 && names.count > 5, "\(names.count): \(names)")
        }

        // Found before: what was put back came again before anything else was done, for ever. Nothing was announced, and no signal heard.
        @Test("a crowd of posts that are put back does not keep the others' from being announced, nor the program from ending")
        func crowd() throws {
            let ground = try AttackGround("crowd")
            let script = try ground.files.write("#!/bin/sh\ncase \"$1\" in */crowd/*) exit 75;; esac\n", to: "later", mode: 0o755)
            let first = try ground.ingest("on_message \(script)\n")
            first.kill()
            for number in 0..<1500 { try ground.forge("crowd/f\(number)") }
            let config = ground.files.path("attack.conf")
            let lines = try #require(SmallFile.text(config))
            try SmallFile.write(lines + "quota mallory files=1\nretry_waits 1s\nprefetch 1000\n", to: config)
            let ingest = try ground.command("dd_sara").start([config])
            #expect(isHeld(ingest), "\(ingest.errors.suffix(2000))")
            try ground.expectBystanderIsServed()
            ingest.send(SIGTERM)
            #expect(try ingest.outcome(seconds: 30).status != 137)
        }

        // Found before: 30,000 posts in the retry queues of a source that may have 30 files.
        @Test("posts that wait for another try count like files")
        func retries() throws {
            let ground = try AttackGround("waiting")
            let script = try ground.files.write(
                "#!/bin/sh\ncase \"$1\" in */waiting/*) exit 75;; esac\n", to: "later", mode: 0o755)
            let ingest = try ground.ingest("quota mallory files=30\non_message \(script)\nretry_waits 20s")
            for number in 0..<200 { try ground.forge("waiting/f\(number)") }
            #expect(isHeld(ingest), "\(ingest.errors.suffix(2000))")
            try ground.expectBystanderIsServed()
            let left = try RawClient(ground.broker("admin")).facts(ground.ingestQueue("mallory")).messages
            #expect(left >= 150, "\(left)")
            #expect(ingest.isRunning)
        }

        // Found before: nothing expired.
        @Test("an unfinished file to which nothing comes is removed and reported, and its room is its source's again")
        func unfinished() throws {
            let ground = try AttackGround("unfinished")
            try makeFile("large", ground, size: 8 << 20)
            try Tree.write([UInt8](repeating: 1, count: 5 << 20), to: ground.tree(of: "mallory") + "/next")
            let ingest = try ground.ingest("block_min 1\nquota mallory bytes=10M\nunfinished_keep 6s")
            try ground.forge("unfinished/large", ["parts": "i,1048576,8,0,0"])
            _ = try ground.reports("mallory", "unfinished/large") { !$0.isEmpty }
            try ground.forge("unfinished/next", ["parts": "1,5242880,1,0,0"])
            #expect(isHeld(ingest), "\(ingest.errors)")
            #expect(ground.stored.allSatisfy { !$0.hasSuffix("/next") })
            let reports = try ground.reports("mallory", ".*unfinished/large") { $0.contains { $0.code == "499" } }
            #expect(
                reports.contains { $0.code == "499" && $0.description.contains("7 of 8 blocks are missing") },
                "\(reports) \(ingest.errors)")
            #expect(ingest.errors.contains("what there was of it is removed"), "\(ingest.errors)")
            #expect(waitUntil(seconds: 20) { ground.stored == ["mallory/unfinished/next"] }, "\(ground.stored)")
        }

        @Test("what is kept aside counts, also after a start, until it is removed after its time")
        func aside() throws {
            let ground = try AttackGround("asidecount")
            for name in ["bad", "good"] {
                try Tree.write([UInt8](repeating: 1, count: 8_000), to: ground.tree(of: "mallory") + "/" + name)
            }
            let script = try ground.files.write("#!/bin/sh\ncase \"$1\" in */bad*) exit 3;; esac\n", to: "judge", mode: 0o755)
            let lines = "quota mallory bytes=10K\non_file \(script)\n"
            let first = try ground.ingest(lines)
            try ground.forge("asidecount/bad", ["parts": "1,8000,1,0,0"])
            #expect(try ground.reports("mallory", "asidecount/bad") { !$0.isEmpty }.map(\.code) == ["424"])
            try ground.forge("asidecount/good", ["parts": "1,8000,1,0,0"])
            #expect(isHeld(first), "\(first.errors)")
            first.kill()
            let second = try ground.ingest(lines + "quarantine_keep 15s\n")
            try ground.forge("asidecount/good", ["parts": "1,8000,1,0,0"])
            #expect(isHeld(second), "\(second.errors)")
            #expect(waitUntil(seconds: 40) { ground.stored == ["mallory/asidecount/good"] }, "\(second.errors)")
            #expect(second.errors.contains("kept aside since"), "\(second.errors)")
        }
    }
}
