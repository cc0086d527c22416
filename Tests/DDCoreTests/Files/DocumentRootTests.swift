import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("the document root")
struct DocumentRootTests {
    let folder: TemporaryFolder
    let root: DocumentRoot

    init() throws {
        folder = try TemporaryFolder()
        root = try DocumentRoot(folder.path("root"))
    }

    /// Stores a file the way a worker does.
    private func store(_ text: String, _ path: String) throws {
        try root.receive(try Place(path), lock: ".tmp") { file in
            try Array(text.utf8).withUnsafeBytes { try file.write($0) }
            try file.commit(mtime: nil, mode: nil)
        }
    }

    private func text(_ path: String) -> String? { SmallFile.text(folder.path("root/" + path)) }

    @Test("is made with its parents, and may itself be reached through a link")
    func made() throws {
        _ = try DocumentRoot(folder.path("x/y/z"))
        #expect(symlink(folder.path("x/y"), folder.path("link")) == 0)
        let linked = try DocumentRoot(folder.path("link/z"))
        try linked.make(directory: try Place("a/b"))
        #expect(SmallFile.isFolder(folder.path("x/y/z/a/b")))
        try folder.write("", to: "file")
        #expect(throws: FileError.self) { try DocumentRoot(folder.path("file/z")) }
    }

    @Test("a link among the parents is refused, wherever it leads and whatever is asked", arguments: ["../out", ".", "real"])
    func linkedParents(target: String) throws {
        try folder.write("secret", to: "out/f")
        try folder.write("own", to: "root/real/f")
        #expect(symlink(target, folder.path("root/link")) == 0)
        for path in ["link/f", "link/sub/f"] {
            let place = try Place(path)
            for attempt in [
                { _ = try root.entry(at: place) }, { _ = try root.remove(place) }, { try root.make(directory: place) },
                { try root.makeLink(place, target: "x", lock: ".tmp") }, { try store("new", path) },
            ] {
                let error = #expect(throws: FileError.self) { try attempt() }
                #expect(error?.code == .notAllowed)
            }
            #expect(try root.digest(of: place, with: Digest(.md5)) == nil)
            #expect(root.linkTarget(at: place) == nil)
        }
        #expect(TemporaryFolder.tree(folder.path("out")) == ["f"])
        #expect(SmallFile.text(folder.path("out/f")) == "secret" && text("real/f") == "own")
    }

    @Test("a file among the parents is refused")
    func fileAmongParents() throws {
        try store("file", "a")
        let error = #expect(throws: FileError.self) { try store("below", "a/b") }
        #expect(error?.code == .notAllowed && text("a") == "file")
    }

    @Test("tells what stands at a place, without following links")
    func entries() throws {
        try store("12345", "d/file")
        try root.makeLink(try Place("d/link"), target: "file", lock: ".tmp")
        #expect(mkfifo(folder.path("root/d/pipe"), 0o600) == 0)
        let entry = try #require(try root.entry(at: try Place("d/file")))
        #expect(entry.kind == .file && entry.size == 5 && Timestamp.now().seconds(since: entry.placed) < 60)
        #expect(try root.entry(at: try Place("d"))?.kind == .directory)
        #expect(try root.entry(at: try Place("d/link"))?.kind == .link)
        #expect(try root.entry(at: try Place("d/pipe"))?.kind == .other)
        #expect(try root.entry(at: try Place("d/nothing")) == nil)
        #expect(try root.entry(at: try Place("nowhere/nothing")) == nil)
        #expect(!SmallFile.isFolder(folder.path("root/nowhere")))
    }

    @Test("digests regular files only")
    func digests() throws {
        try store("abc", "file")
        try root.makeLink(try Place("link"), target: "file", lock: ".tmp")
        #expect(mkfifo(folder.path("root/pipe"), 0o600) == 0)
        try root.make(directory: try Place("folder"))
        let digest = try Digest(.md5)
        #expect(
            try Hexadecimal.text(root.digest(of: try Place("file"), with: digest) ?? []) == "900150983cd24fb0d6963f7d28e17f72")
        for name in ["link", "pipe", "folder", "nothing", "nowhere/nothing"] {
            #expect(try root.digest(of: try Place(name), with: digest) == nil, "\(name)")
        }
    }

    @Test("a file can be stored in more directories than are kept open")
    func manyDirectories() throws {
        for number in 0..<200 { try store("\(number)", "many/d\(number)/x/f") }
        for number in [0, 63, 64, 199, 0] { try store("again \(number)", "many/d\(number)/x/f") }
        for number in 0..<200 {
            #expect(text("many/d\(number)/x/f") == ([0, 63, 64, 199].contains(number) ? "again \(number)" : "\(number)"))
        }
    }

    // Found before: directories were kept by name as Swift compares it, which takes the two forms of é for one.
    @Test("names that only look equal are two directories")
    func normalForms() throws {
        let (one, other) = ("\u{e9}", "e\u{301}")
        try store("one", one + "/f")
        try store("other", other + "/f")
        #expect(text(one + "/f") == "one" && text(other + "/f") == "other")
    }
}
