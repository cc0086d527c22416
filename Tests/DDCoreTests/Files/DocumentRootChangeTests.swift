import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("changes below the document root")
struct DocumentRootChangeTests {
    let folder: TemporaryFolder
    let root: DocumentRoot

    init() throws {
        folder = try TemporaryFolder()
        root = try DocumentRoot(folder.path)
    }

    private func store(_ text: String, _ path: String) throws {
        try root.receive(try Place(path), lock: ".tmp") { file in
            try Array(text.utf8).withUnsafeBytes { try file.write($0) }
            try file.commit(mtime: nil, mode: nil)
        }
    }

    @Test("a directory that was kept open and removed by somebody is made again")
    func removedMeanwhile() throws {
        try store("one", "a/b/f")
        TemporaryFolder.remove(folder.path("a"))
        try store("two", "a/b/g")
        #expect(TemporaryFolder.tree(folder.path) == ["a/b/g"])
        TemporaryFolder.remove(folder.path("a"))
        try root.makeLink(try Place("a/b/link"), target: "x", lock: ".tmp")
        #expect(root.linkTarget(at: try Place("a/b/link")) == "x")
    }

    // Found before: what stands in the new directory was looked for in the removed one, so that removals were passed over.
    @Test("a directory that was kept open, removed and made again by somebody is looked into anew")
    func replacedMeanwhile() throws {
        let place = try Place("a/b/f")
        let questions: [() throws -> Bool] = [
            { try root.entry(at: place)?.kind == .file }, { try root.digest(of: place, with: Digest(.md5)) != nil },
            { try root.remove(place) },
        ]
        for (number, question) in questions.enumerated() {
            try store("one", "a/b/f")
            TemporaryFolder.remove(folder.path("a"))
            try folder.write("two", to: "a/b/f")
            #expect(try question(), "question \(number)")
        }
        #expect(TemporaryFolder.tree(folder.path) == [])
    }

    // Found before: files went on into the directory that had been moved away, and were reported at their own place.
    @Test(
        "a directory that was kept open and moved away gets no more files: they go where their path says",
        arguments: ["a", "a/b"])
    func movedMeanwhile(_ moved: String) throws {
        try store("one", "a/b/f")
        #expect(rename(folder.path(moved), folder.path("old")) == 0)
        try store("two", "a/b/g")
        try store("three", "a/b/c/h")
        let old = moved == "a" ? "old/b/f" : "old/f"
        #expect(TemporaryFolder.tree(folder.path) == ["a/b/c/h", "a/b/g", old])
        // A link in its place leads nowhere.
        TemporaryFolder.remove(folder.path("a"))
        #expect(symlink(folder.path("old"), folder.path("a")) == 0)
        let error = #expect(throws: FileError.self) { try store("four", "a/b/g") }
        #expect(error?.code == .notAllowed)
        #expect(TemporaryFolder.tree(folder.path) == ["a", old])
    }

    @Test("a directory is made with those above it, and being there is no error")
    func make() throws {
        for _ in 0..<2 { try root.make(directory: try Place("a/b/c")) }
        #expect(SmallFile.isFolder(folder.path("a/b/c")))
    }

    @Test("a link takes the place of a file or link, and leaves nothing else behind")
    func makeLink() throws {
        try store("file", "d/x")
        for target in ["first", "second", "../elsewhere/nowhere"] {
            try root.makeLink(try Place("d/x"), target: target, lock: ".tmp")
            #expect(root.linkTarget(at: try Place("d/x")) == target)
            #expect(TemporaryFolder.tree(folder.path) == ["d/x"])
        }
    }

    @Test("a link is not followed when a file takes its place")
    func fileOverLink() throws {
        try store("other", "other")
        try root.makeLink(try Place("x"), target: "other", lock: ".tmp")
        try store("new", "x")
        #expect(SmallFile.text(folder.path("x")) == "new" && SmallFile.text(folder.path("other")) == "other")
    }

    @Test("what is left of an interrupted link is taken over")
    func leftOver() throws {
        #expect(symlink("/etc/passwd", folder.path(".x.dd.tmp")) == 0)
        try root.makeLink(try Place("x"), target: "y", lock: ".tmp")
        #expect(TemporaryFolder.tree(folder.path) == ["x"])
    }

    // Found before: such a post was tried again for ever.
    @Test("a directory that is in the way of a link or file is no matter of time")
    func inTheWay() throws {
        try store("below", "d/f")
        for attempt in [{ try root.makeLink(try Place("d"), target: "x", lock: ".tmp") }, { try store("file", "d") }] {
            let error = #expect(throws: FileError.self) { try attempt() }
            #expect(error?.code == .notAllowed)
        }
        #expect(TemporaryFolder.tree(folder.path) == ["d/f"])
    }

    @Test("removes files, links without their targets, and empty directories")
    func remove() throws {
        try store("kept", "kept")
        try store("gone", "d/gone")
        try root.makeLink(try Place("link"), target: "kept", lock: ".tmp")
        try root.makeLink(try Place("dlink"), target: "d", lock: ".tmp")
        for name in ["link", "dlink", "d/gone", "d"] { #expect(try root.remove(try Place(name)), "\(name)") }
        #expect(TemporaryFolder.names(in: folder.path) == ["kept"])
        for name in ["link", "d/gone", "d", "nowhere/nothing"] { #expect(try !root.remove(try Place(name)), "\(name)") }
    }

    @Test("a directory with something in it stays, and that is no matter of time")
    func removeFull() throws {
        try store("kept", "d/kept")
        let error = #expect(throws: FileError.self) { try root.remove(try Place("d")) }
        #expect(error?.code == .notAllowed)
        #expect(TemporaryFolder.tree(folder.path) == ["d/kept"])
    }
}
