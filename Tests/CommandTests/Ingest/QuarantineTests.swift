import DDTestSupport
import Glibc
import Testing

@testable import DDCore

extension Attacks {
    /// Files that the switch's own programs refuse, and trees that are too old.
    @Suite("validation on a switch")
    struct QuarantineTests {
        static let scanner = "/usr/bin/clamscan"

        @Test("what on_file refuses is kept aside, neither served nor announced, can be listed, and released or removed")
        func quarantine() throws {
            let ground = try AttackGround("aside")
            for name in ["good", "bad 1", "bad 2"] {
                try Tree.write(Array("a \(name)".utf8), to: ground.tree(of: "carol") + "/" + name)
            }
            let script = try ground.files.write("#!/bin/sh\ncase \"$1\" in */bad*) exit 3;; esac\n", to: "judge", mode: 0o755)
            let ingest = try ground.ingest("on_file \(script)")
            let heard = try ground.listen("bob", to: "xd_carol", "v02.post.*.carol.aside.#")
            #expect(try ground.post("carol").status == 0)
            let reports = try ground.reports("carol", "aside/") { $0.count >= 3 }
            #expect(reports.map(\.code).sorted() == ["201", "424", "424"], "\(reports)")
            #expect(ground.stored == ["carol/aside/good"])
            func announced() throws -> [String] {
                try RawClient(ground.broker("bob")).getAll(heard).compactMap {
                    $0.body.split(separator: " ").last.map(String.init)
                }
            }
            #expect(try announced().map { String($0.suffix(10)) } == ["aside/good"])
            // The folder of the daily tree is the one of the announcement; everything else is as if the file had been let through.
            let config = ground.files.path("attack.conf")
            let tool = ground.command("dd_switch")
            let listed = try tool.run(["quarantine", "list", config])
            let lines = listed.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
            #expect(listed.status == 0 && lines.count == 2 && lines.allSatisfy { $0.count == 6 && $0[2] == "carol" }, "\(listed)")
            let ids = ["bad 1", "bad 2"].compactMap { name in lines.first { $0[4].hasSuffix("carol/aside/\(name)") }?[0] }
            try #require(ids.count == 2)
            #expect(try tool.run(["quarantine", "release", config, ids[0]]).status == 0)
            #expect(ground.stored == ["carol/aside/bad 1", "carol/aside/good"])
            #expect(try announced().count == 1)
            #expect(
                try ground.reports("carol", "aside/bad 1|.*carol/aside/bad 1") { $0.contains { $0.code == "201" } }.contains {
                    $0.code == "201"
                })
            #expect(try tool.run(["quarantine", "remove", config, ids[1]]).status == 0)
            #expect(try tool.run(["quarantine", "list", config]).output.isEmpty)
            let unknown = try tool.run(["quarantine", "release", config, ids[1], "../../etc"])
            #expect(unknown.status == 1 && unknown.errors.contains("there is no '../../etc'"), "\(unknown.errors)")
            #expect(try tool.run(["quarantine", "release", config]).status == 64)
            #expect(try tool.run(["quarantine", "burn", config]).status == 64)
            #expect(ground.stored == ["carol/aside/bad 1", "carol/aside/good"] && ingest.isRunning)
        }

        // Found before: only the block that came last was announced again, and who had missed another never had the file.
        @Test("the release of a file that came in blocks announces all of them again, as they were")
        func releasedBlocks() throws {
            let ground = try AttackGround("pieces")
            try Tree.write((0..<2_500).map { UInt8($0 % 251) }, to: ground.tree(of: "carol") + "/large")
            let script = try ground.files.write("#!/bin/sh\nexit 3\n", to: "judge", mode: 0o755)
            let ingest = try ground.ingest("block_min 1\non_file \(script)")
            let heard = try ground.listen("bob", to: "xd_carol", "v02.block.*.carol.pieces.#")
            let whole = try ground.listen("bob", to: "xd_carol", "v02.post.*.carol.pieces.#")
            #expect(try ground.post("carol", ["--parts", "i,1000"]).status == 0)
            let reports = try ground.reports("carol", "pieces/") { $0.contains { $0.code == "424" } }
            #expect(reports.contains { $0.code == "424" }, "\(reports) \(ingest.errors)")
            #expect(ground.stored == [])
            func announced() throws -> [String] {
                // What is different: where the bytes were until the file was whole.
                try RawClient(ground.broker("bob")).getAll(heard).map { message in
                    "\(message.topic) \(message.body) \(message.headers.filter { !$0.hasPrefix("retrieve=") })"
                }.sorted()
            }
            let before = try announced()
            // The last one was refused with the file.
            #expect(before.count == 2, "\(before)")
            #expect(try RawClient(ground.broker("bob")).get(whole) == nil)
            let config = ground.files.path("attack.conf")
            let item = try #require(try Quarantine(ground.quarantine).contents().items.first)
            let released = try ground.command("dd_switch").run(["quarantine", "release", config, item.id])
            #expect(released.status == 0, "\(released.errors)")
            let after = try announced()
            #expect(after.count == 3 && Set(after).isSuperset(of: before), "\(before) \(after)")
            let files = try RawClient(ground.broker("bob")).getAll(whole)
            #expect(files.count == 1 && files.first?.headers.contains("parts=1,2500,1,0,0") == true, "\(files)")
            #expect(ground.stored == ["carol/pieces/large"])
        }

        @Test("a virus scanner keeps what it knows aside, as a command for each file", .enabled(if: access(scanner, X_OK) == 0))
        func clamav() throws {
            let ground = try AttackGround("virus")
            // The harmless file that every scanner calls a virus, put together here so that none finds it in this one.
            let parts = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-", "TEST-FILE!$H+H*"]
            try Tree.write(Array(parts.joined().utf8), to: ground.tree(of: "carol") + "/sick")
            try Tree.write(Array("well".utf8), to: ground.tree(of: "carol") + "/well")
            try ground.files.write("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n", to: "signatures.hdb")
            let ingest = try ground.ingest(
                "on_file \(Self.scanner) --no-summary --quiet -d \(ground.files.path("signatures.hdb"))")
            #expect(try ground.post("carol").status == 0)
            let reports = try ground.reports("carol", "virus/") { $0.count >= 2 }
            #expect(reports.map(\.code).sorted() == ["201", "424"], "\(reports)")
            #expect(ground.stored == ["carol/virus/well"])
            #expect(try Quarantine(ground.quarantine).contents().items.map(\.size) == [68])
            #expect(ingest.isRunning)
        }

        @Test(
            "a virus scanner that stays is asked by the program that comes with dd, and while it is away files wait",
            .enabled(if: Installed.has("/usr/sbin/clamd") && Installed.has("/usr/bin/python3")))
        func clamd() throws {
            let ground = try AttackGround("clamd")
            let parts = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-", "TEST-FILE!$H+H*"]
            try Tree.write(Array("early".utf8), to: ground.tree(of: "carol") + "/early")
            try ground.files.write("44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test\n", to: "signatures/test.hdb")
            let socket = ground.files.path("clamd.ctl")
            let config = try ground.files.write(
                "LocalSocket \(socket)\nDatabaseDirectory \(ground.files.path("signatures"))\nForeground yes\n",
                to: "clamd.conf")
            let program = Self.root + "/etc/dd/programs/ask_clamd"
            let ingest = try ground.ingest("on_file | \(program) \(socket)")
            #expect(try ground.post("carol").status == 0)
            // Nobody answers yet.
            #expect(waitUntil(seconds: 20) { ingest.errors.contains("cannot ask clamd") }, "\(ingest.errors)")
            #expect(try ground.reports("carol", "clamd/") { _ in true }.isEmpty)
            let clamd = try Command(path: "/usr/sbin/clamd").start(["--config-file", config])
            #expect(waitUntil(seconds: 60) { access(socket, F_OK) == 0 || !clamd.isRunning }, "\(clamd.output)\(clamd.errors)")
            // What waits comes again after a minute; what is new is looked at now.
            unlink(ground.tree(of: "carol") + "/early")
            try Tree.write(Array(parts.joined().utf8), to: ground.tree(of: "carol") + "/sick")
            try Tree.write(Array("well".utf8), to: ground.tree(of: "carol") + "/well")
            #expect(try ground.post("carol").status == 0)
            let reports = try ground.reports("carol", "clamd/") { $0.count >= 2 }
            #expect(reports.map(\.code).sorted() == ["201", "424"], "\(reports)")
            #expect(reports.contains { $0.description.contains("Eicar-Test") }, "\(reports) \(ingest.errors)")
            #expect(ground.stored == ["carol/clamd/early", "carol/clamd/well"])
            guard Seed.isLong else { return }
            let early = waitUntil(seconds: 90) {
                ingest.errors.contains("201 Published path=") && ingest.errors.contains("/clamd/early")
            }
            #expect(early, "\(ingest.errors)")
        }

        /// The project's folder.
        private static let root: String = {
            let words = #filePath.split(separator: "/")
            return "/" + words.dropLast(4).joined(separator: "/")
        }()

        @Test("names and sizes that the administrator does not take are refused before anything is fetched")
        func limits() throws {
            let ground = try AttackGround("limits")
            for (name, size) in [("small", 10), ("large", 2_000), ("virus.exe", 10), ("dir.exe/file", 10)] {
                try Tree.write([UInt8](repeating: 1, count: size), to: ground.tree(of: "carol") + "/" + name)
            }
            let ingest = try ground.ingest("block_min 1\nblock_max 1K\nban_name *.exe")
            #expect(try ground.post("carol", ["--parts", "1"]).status == 0)
            let reports = try ground.reports("carol", "limits/") { $0.count >= 4 }
            #expect(reports.map(\.code).sorted() == ["201", "403", "403", "413"], "\(reports)")
            #expect(ground.stored == ["carol/limits/small"] && ingest.isRunning)
        }

        @Test("dd_sara removes daily trees that are older than keep when it starts, and nothing else")
        func retention() throws {
            let ground = try AttackGround("keep")
            let today = Timestamp.now()
            func day(_ ago: Int64) -> String { Timestamp(seconds: today.seconds - ago * 86_400).day }
            for ago in [0, 1, 2, 3, 40] as [Int64] { try Tree.write([1], to: "\(ground.root)/\(day(ago))/carol/file") }
            try Tree.write([1], to: "\(ground.root)/19990101.old/file")
            try Tree.write([1], to: ground.files.path("outside/file"))
            #expect(symlink(ground.files.path("outside"), ground.root + "/19990101") == 0)
            let ingest = try ground.ingest("keep 2d")
            #expect(waitUntil(seconds: 20) { ingest.errors.contains("older than is kept") })
            let left = TemporaryFolder.names(in: ground.root)
            #expect(left == (["19990101", "19990101.old"] + [2, 1, 0].map(day)).sorted(), "\(left)")
            #expect(TemporaryFolder.tree(ground.files.path("outside")) == ["file"])
            ingest.send(SIGTERM)
            #expect(try ingest.outcome().status == 0)
        }
    }
}
