import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("bringing what a post announces to its place")
struct AcquirerTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Gives the same bytes for every URL.
    private final class Giver: Fetcher {
        let bytes: [UInt8]
        var count = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        func fetch(_ request: FetchRequest, into sink: (UnsafeRawBufferPointer) throws -> Void) throws -> Int64 {
            count += 1
            try bytes.withUnsafeBytes { try sink($0) }
            return Int64(bytes.count)
        }
    }

    private func acquire(
        _ relpath: String, _ event: Post.Event, _ fetcher: Giver = Giver("abc"), _ settings: AcquireSettings = AcquireSettings()
    ) throws -> Acquirer.Result {
        let acquirer = Acquirer(settings, fetcher: fetcher) { _ in FetchPolicy(allowsLocal: false) }
        let post = Sample.post(relpath, event)
        return try acquirer.acquire(
            Job(delivery: Sample.delivery(), post: post, place: try Place(relpath), root: folder.path),
            Triggers())
    }

    private var abc: Post.Event {
        let sum = (try? Sum(wire: "d,900150983cd24fb0d6963f7d28e17f72")) ?? .none("")
        return .file(.whole(size: 3), sum)
    }

    @Test("a file is fetched once: the second time its bytes are there")
    func file() throws {
        let giver = Giver("abc")
        #expect(try acquire("d/f", abc, giver).status.code == 201)
        #expect(try acquire("d/f", abc, giver).status.code == 304)
        #expect(giver.count == 1 && SmallFile.text(folder.path("d/f")) == "abc")
    }

    @Test("other bytes than those announced never reach the place")
    func wrongBytes() throws {
        try folder.write("old", to: "f")
        let error = #expect(throws: TransferError.self) { try acquire("f", abc, Giver("abd")) }
        #expect(error?.code == .wrongSum)
        #expect(TemporaryFolder.tree(folder.path) == ["f"] && SmallFile.text(folder.path("f")) == "old")
    }

    // Found before: a removal that came while the file was tried again was carried out first, and the folders stayed for ever.
    @Test("what could not be had leaves no empty folders behind")
    func emptyFolders() throws {
        try folder.write("old", to: "kept/f")
        for path in ["a/b/c/f", "kept/d/f", "f"] {
            #expect(throws: TransferError.self) { try acquire(path, abc, Giver("abd")) }
        }
        #expect(TemporaryFolder.tree(folder.path) == ["kept/f"] && TemporaryFolder.names(in: folder.path) == ["kept"])
        #expect(TemporaryFolder.names(in: folder.path("kept")) == ["f"])
        // The same place afterwards, by the same worker too.
        let acquirer = Acquirer(AcquireSettings(), fetcher: Giver("abc")) { _ in FetchPolicy(allowsLocal: false) }
        func job(_ relpath: String, _ event: Post.Event) throws -> Job {
            Job(delivery: Sample.delivery(), post: Sample.post(relpath, event), place: try Place(relpath), root: folder.path)
        }
        let wrong = try Sum(wire: "d,00000000000000000000000000000000")
        #expect(throws: TransferError.self) { try acquirer.acquire(job("x/y/f", .file(.whole(size: 3), wrong)), Triggers()) }
        #expect(try acquirer.acquire(job("x/y/f", abc), Triggers()).status.code == 201 && acquirer.foldersMade == 2)
    }

    @Test("nothing is done with overwrite off when something is there")
    func noOverwrite() throws {
        try folder.write("old", to: "f")
        var settings = AcquireSettings()
        settings.overwrites = false
        let giver = Giver("abc")
        #expect(try acquire("f", abc, giver, settings).status.code == 304)
        #expect(giver.count == 0 && SmallFile.text(folder.path("f")) == "old")
    }

    // Found before: a directory of that name stood in the way of the file's lock name.
    @Test(
        "names kept for files on their way in are not taken from posts", arguments: [".f.dd.tmp", "d/.f.dd.tmp/x", ".f.dd.tmp/x"])
    func reserved(path: String) throws {
        for event in [abc, .directory, .link(target: "x"), .removed] {
            let error = #expect(throws: FileError.self) { try acquire(path, event) }
            #expect(error?.code == .notAllowed)
        }
        #expect(TemporaryFolder.names(in: folder.path) == [])
    }

    // Found before: a configuration with a date in its directory ran out of descriptors after some days.
    @Test("folders of days that are over are not kept open")
    func manyRoots() throws {
        let acquirer = Acquirer(AcquireSettings(), fetcher: Giver("abc")) { _ in FetchPolicy(allowsLocal: false) }
        for day in 0..<100 {
            let job = Job(
                delivery: Sample.delivery(), post: Sample.post("d/f", abc), place: try Place("d/f"),
                root: folder.path("\(day)"))
            #expect(try acquirer.acquire(job, Triggers()).status.code == 201)
        }
        let open = TemporaryFolder.names(in: "/proc/self/fd").filter {
            LinkTarget.read(AT_FDCWD, "/proc/self/fd/" + $0).starts(with: folder.path.utf8)
        }
        #expect(open.count <= 32, "\(open.count)")
    }

    // Found before: a program that ended between storing and syncing left a file that was acknowledged without ever being safe.
    @Test("what is found in place by a repeated try is made safe on disk before it is acknowledged", arguments: [false, true])
    func repeated(isRepeated: Bool) throws {
        try folder.write("abc", to: "f")
        let worker = SubscribeWorker(
            AcquireSettings(), fetcher: Giver("abc"), policy: FetchPolicy(allowsLocal: false),
            triggers: Triggers(), reporter: nil, patience: 1, log: Log(program: "test", level: .error)
        )
        var job = Job(delivery: Sample.delivery(), post: Sample.post("f", abc), place: try Place("f"), root: folder.path)
        job.attempt = isRepeated ? 1 : 0
        let outcome = worker.process(job)
        guard case .passed = outcome.result else {
            Issue.record("\(outcome)")
            return
        }
        #expect(outcome.touchedRoot?.path == (isRepeated ? folder.path : nil))
    }

    // Found before: only the file system of the document root itself was synced.
    @Test(
        "what lies on a file system that is mounted below the document root is synced there",
        .enabled(if: access("/dev/shm", W_OK) == 0))
    func mounted() throws {
        var outer = stat()
        var inner = stat()
        try #require(stat("/", &outer) == 0 && stat("/dev/shm", &inner) == 0 && outer.st_dev != inner.st_dev)
        let name = "dd.test.\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
        defer { TemporaryFolder.remove("/dev/shm/" + name) }
        let acquirer = Acquirer(AcquireSettings(), fetcher: Giver("abc")) { _ in FetchPolicy(allowsLocal: false) }
        let place = try Place("dev/shm/\(name)/f")
        let job = Job(delivery: Sample.delivery(), post: Sample.post("f", abc), place: place, root: "/")
        let result = try acquirer.acquire(job, Triggers())
        let written = try #require(result.touchedRoot(job))
        var synced = stat()
        #expect(stat(written.path, &synced) == 0 && synced.st_dev == inner.st_dev, "\(written.path)")
        #expect(Syncer.failures(below: [written]) == [])
    }

    @Test("a link that is already there as announced, byte by byte, is left")
    func link() throws {
        #expect(try acquire("l", .link(target: "\u{e9}")).status.code == 201)
        #expect(try acquire("l", .link(target: "\u{e9}")).status.code == 304)
        #expect(try acquire("l", .link(target: "e\u{301}")).status.code == 201)
        #expect(throws: FileError.self) { try acquire("l", .link(target: "../\u{301}out")) }
    }
}
