import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("a directory that is held while its path may change")
struct HeldDirectoryTests {
    let folder: TemporaryFolder
    let path: String
    let root: DocumentRoot

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("root")
        root = try DocumentRoot(path)
    }

    @Test("what was written is safe only where its path leads")
    func syncs() throws {
        #expect(Syncer.failures(below: [root.held]) == [])
        #expect(rename(path, folder.path("away")) == 0)
        #expect(Syncer.failures(below: [root.held]).first?.hasPrefix("cannot find \(path)") == true)
        #expect(mkdir(path, 0o755) == 0)
        #expect(
            Syncer.failures(below: [root.held]) == ["\(path) is another directory now than the one that files were written to"])
        // A link to it is the same directory.
        #expect(rmdir(path) == 0 && symlink("away", path) == 0)
        #expect(Syncer.failures(below: [root.held]) == [])
        // Whoever removes it has taken what was in it.
        #expect(rmdir(folder.path("away")) == 0)
        #expect(root.held.standing == .removed && Syncer.failures(below: [root.held]) == [])
    }

    @Test("a root that was moved away is waited for, another one in its place is used")
    func looks() throws {
        let open = OpenRoot(root)
        #expect(try open.look(isRepeated: true) == .same)
        #expect(rename(path, folder.path("away")) == 0)
        // What was looked at a moment ago is not looked at again.
        #expect(try open.look(isRepeated: false) == .same)
        #expect(throws: FileError.self) { try open.look(isRepeated: true) }
        #expect(throws: FileError.self) { try open.look(isRepeated: false) }
        #expect(access(path, F_OK) != 0)
        #expect(rename(folder.path("away"), path) == 0)
        #expect(try open.look(isRepeated: true) == .same)
        #expect(rename(path, folder.path("away")) == 0 && mkdir(path, 0o755) == 0)
        #expect(try open.look(isRepeated: true) == .another)
    }

    // Found before: the first file of another thread made it anew while it was away, and went there.
    @Test("another thread that opens a root which is away for a moment does not make it anew")
    func away() throws {
        #expect(rename(path, folder.path("away")) == 0)
        #expect(throws: FileError.self) { try DocumentRoot(path) }
        #expect(throws: FileError.self) { try KnownRoots.shared.prepare(path) }
        #expect(access(path, F_OK) != 0)
        #expect(rename(folder.path("away"), path) == 0)
        #expect(try DocumentRoot(path).held.standing == .here)
        // One that was not known is made.
        _ = try DocumentRoot(folder.path("other/folder"))
    }

    // Found before: what was away once was taken to be away ever since, and made anew at once the next time.
    @Test("a root that is away, back, and away again six seconds later is waited for again")
    func awayTwice() throws {
        let open = OpenRoot(root)
        for _ in 0..<2 {
            #expect(rename(path, folder.path("away")) == 0)
            #expect(throws: FileError.self) { try open.look(isRepeated: true) }
            #expect(access(path, F_OK) != 0)
            #expect(rename(folder.path("away"), path) == 0)
            #expect(try open.look(isRepeated: true) == .same)
            usleep(UInt32((KnownRoots.absence + 0.5) * 1_000_000))
        }
    }

    @Test("a root that was removed is made again at once")
    func removed() throws {
        let open = OpenRoot(root)
        #expect(rmdir(path) == 0)
        #expect(try open.look(isRepeated: true) == .another)
        #expect(access(path, F_OK) == 0)
    }

    @Test("the workers' shares stay below the limit, and one that is too small is refused")
    func shares() throws {
        for (parallel, limit) in [(1, 200), (4, 1_024), (16, 400), (128, 4_096), (256, 1_000_000)] {
            let share = try DescriptorShare(parallel: parallel, limit: limit)
            #expect(share.files >= 1 && share.directories >= 1 && share.directories <= 64)
            #expect(parallel * (12 + 4 * share.files + share.directories) + 96 <= limit, "\(parallel) \(share)")
        }
        #expect(throws: ConfigError.self) { try DescriptorShare(parallel: 128, limit: 1_024) }
    }
}
