import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("a file on its way in")
struct IncomingFileTests {
    let folder: TemporaryFolder
    let root: DocumentRoot

    init() throws {
        folder = try TemporaryFolder()
        root = try DocumentRoot(folder.path)
    }

    private struct Abandoned: Error {}

    private func receive(_ path: String, _ text: String, mtime: Timestamp? = nil, mode: UInt16? = nil) throws {
        try root.receive(try Place(path), lock: ".tmp") { file in
            try write(text, file)
            try file.commit(mtime: mtime, mode: mode)
        }
    }

    private func write(_ text: String, _ file: IncomingFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    }

    private var names: [String] { TemporaryFolder.tree(folder.path) }

    @Test("is visible under its lock name alone until it is whole")
    func lockName() throws {
        try root.receive(try Place("d/f"), lock: ".part") { file in
            try write("ab", file)
            #expect(names == ["d/.f.dd.part"])
            try write("cd", file)
            try file.commit(mtime: nil, mode: nil)
            #expect(names == ["d/f"])
        }
        #expect(SmallFile.text(folder.path("d/f")) == "abcd")
    }

    @Test("replaces what was there in one step, and not before")
    func replaced() throws {
        try receive("f", "old and longer")
        try root.receive(try Place("f"), lock: ".tmp") { file in
            try write("new", file)
            #expect(SmallFile.text(folder.path("f")) == "old and longer")
            try file.commit(mtime: nil, mode: nil)
        }
        #expect(SmallFile.text(folder.path("f")) == "new" && names == ["f"])
    }

    @Test("leaves nothing behind when the work is given up")
    func discarded() throws {
        try receive("f", "old")
        #expect(throws: Abandoned.self) {
            try root.receive(try Place("f"), lock: ".tmp") { file in
                try write("new", file)
                throw Abandoned()
            }
        }
        try root.receive(try Place("g"), lock: ".tmp") { try write("never committed", $0) }
        #expect(SmallFile.text(folder.path("f")) == "old" && names == ["f"])
    }

    @Test("what a killed process left under the lock name is taken over, and none of its bytes stay")
    func takenOver() throws {
        try folder.write("bytes of the one that was killed", to: ".f.dd.tmp")
        try receive("f", "new")
        #expect(SmallFile.text(folder.path("f")) == "new" && names == ["f"])
    }

    @Test("is refused as busy while another open description holds it, which is not disturbed")
    func busy() throws {
        let place = try Place("f")
        try root.receive(place, lock: ".tmp") { file in
            try write("first", file)
            for other in [root, try DocumentRoot(folder.path)] {
                let error = #expect(throws: FileError.self) { try other.receive(place, lock: ".tmp") { _ in } }
                #expect(error?.code == .busy)
            }
            #expect(names == [".f.dd.tmp"])
            try file.commit(mtime: nil, mode: nil)
        }
        #expect(SmallFile.text(folder.path("f")) == "first")
        try receive("f", "second")
        #expect(SmallFile.text(folder.path("f")) == "second")
    }

    @Test("a link under the lock name is not written through", arguments: ["../out", "/nowhere/nothing", "target"])
    func linkedLockName(target: String) throws {
        try folder.write("kept", to: "d/target")
        #expect(symlink(target, folder.path("d/.f.dd.tmp")) == 0)
        #expect(throws: FileError.self) { try receive("d/f", "new") }
        #expect(SmallFile.text(folder.path("d/target")) == "kept")
    }

    @Test("has the announced time to the nanosecond, and the announced mode without its special bits")
    func attributes() throws {
        try receive("f", "x", mtime: Timestamp(seconds: 1_234_567_890, nanoseconds: 123_456_789), mode: 0o7641)
        var info = stat()
        #expect(stat(folder.path("f"), &info) == 0)
        #expect(info.st_mtim.tv_sec == 1_234_567_890 && info.st_mtim.tv_nsec == 123_456_789)
        #expect(info.st_mode & 0o7777 == 0o641)
        let before = time(nil)
        try receive("g", "x")
        #expect(stat(folder.path("g"), &info) == 0)
        #expect(info.st_mtim.tv_sec >= before - 1 && info.st_mode & 0o7111 == 0)
    }

    @Test("begins again for another try")
    func restart() throws {
        try root.receive(try Place("f"), lock: ".tmp") { file in
            try write("the first try", file)
            try file.restart()
            try write("second", file)
            try file.commit(mtime: nil, mode: nil)
        }
        #expect(SmallFile.text(folder.path("f")) == "second")
    }

    @Test("may have a name of 255 bytes", arguments: [1, 245, 246, 247, 255])
    func longNames(length: Int) throws {
        let name = String(repeating: "n", count: length)
        try receive(name, "x")
        #expect(names == [name])
        #expect(IncomingFile.lockName(for: name, lock: ".tmp").utf8.count <= 255)
    }

    @Test(
        "lock names are kept for such files, also those of names that begin with a combining mark",
        arguments: [".tmp", "", ".part"])
    func reserved(lock: String) {
        for name in ["f", ".f", "\u{301}x", "\u{200d}", String(repeating: "n", count: 255), "f.dd"] {
            #expect(IncomingFile.isReserved(IncomingFile.lockName(for: name, lock: lock), lock: lock), "\(name)")
        }
        for name in ["f", ".f", "f.dd" + lock, ".f.dd\(lock)x", ".f.dd\(lock)\u{301}"] {
            #expect(!IncomingFile.isReserved(name, lock: lock), "\(name)")
        }
    }
}
