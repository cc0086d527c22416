import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("directories that cannot be read are not empty ones")
struct DirectoryReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("all names come, also such as are not UTF-8, and none that the system makes")
    func names() throws {
        for name in ["a", ".b", "c d"] { try folder.write("", to: "d/\(name)") }
        let odd: [CChar] = Array((folder.path("d") + "/").utf8CString.dropLast()) + [-1, 0x41, 0]
        let descriptor = odd.withUnsafeBufferPointer { $0.baseAddress.map { creat($0, 0o644) } ?? -1 }
        try #require(descriptor >= 0)
        close(descriptor)
        var names: [[UInt8]] = []
        let reader = try DirectoryReader(at: folder.path("d"))
        while let name = try reader.next() { names.append(name) }
        #expect(Set(names) == [Array("a".utf8), Array(".b".utf8), Array("c d".utf8), [0xff, 0x41]])
        #expect(try reader.next() == nil)
        var texts: [String] = []
        let held = try HeldDirectory(at: folder.path("d"))
        for _ in 0..<2 {
            // From its beginning, however far another has read it.
            let again = try DirectoryReader(of: held.descriptor, shown: "d")
            while let text = try again.nextText() { texts.append(text) }
        }
        #expect(texts.sorted() == [".b", ".b", "a", "a", "c d", "c d"])
    }

    @Test("what is no directory, or none any more, is an error")
    func errors() throws {
        try folder.write("", to: "f")
        #expect(throws: FileError.self) { try DirectoryReader(at: folder.path("f")) }
        #expect(throws: FileError.self) { try DirectoryReader(at: folder.path("absent")) }
    }

    @Test("the days of a tree: none where there is no root, an error where it cannot be read")
    func days() throws {
        #expect(try DailyTrees(root: folder.path("absent")).days() == [])
        try folder.write("", to: "root/20240101/alice/f")
        try folder.write("", to: "root/20240230/alice/f")
        #expect(try DailyTrees(root: folder.path("root")).days() == ["20240101"])
        try folder.write("", to: "file")
        let broken = DailyTrees(root: folder.path("file"))
        #expect(throws: FileError.self) { try broken.days() }
        #expect(throws: FileError.self) { try broken.usage(of: "alice") }
        var told: [FileError] = []
        #expect(broken.remove(before: "20990101") { told.append($0) } == [] && told.count == 1)
    }

    @Test("what a source has and cannot be measured is not nothing: its quota stays closed until it is known")
    func unmeasured() throws {
        try folder.write("", to: "root")
        let path = try folder.write("", to: "log")
        let descriptor = open(path, O_WRONLY | O_APPEND)
        defer { close(descriptor) }
        let log = Log(program: "test", level: .notice, format: .text, descriptor: descriptor)
        let usage = DiskUsage(DailyTrees(root: folder.path("root")))
        try usage.open(log)
        usage.measure(["alice"])
        #expect(waitUntil(seconds: 10) { SmallFile.text(path)?.contains("what alice has on disk is not known") ?? false })
        var quota = UserRecord.Quota()
        quota.bytes = 100
        #expect(usage.usage(of: "alice") == nil && !usage.fits("alice", DailyTrees.Usage(bytes: 1, files: 1), quota))
        #expect(unlink(folder.path("root")) == 0)
        try folder.write("12345", to: "root/20240101/alice/f")
        #expect(waitUntil(seconds: 20) { usage.usage(of: "alice") == DailyTrees.Usage(bytes: 5, files: 1) })
        #expect(usage.fits("alice", DailyTrees.Usage(bytes: 95, files: 1), quota))
    }

    @Test("what lies among the files that are kept aside and cannot be understood is named")
    func aside() throws {
        let quarantine = Quarantine(folder.path("aside"))
        #expect(try quarantine.contents().items.isEmpty)
        let id = String(repeating: "0f", count: 16)
        try folder.write("{", to: "aside/\(id)/about.json")
        try folder.write("", to: "aside/note")
        let (items, unreadable) = try quarantine.contents()
        #expect(items.isEmpty && unreadable == [id, "note"])
        try folder.write("", to: "file")
        #expect(throws: FileError.self) { try Quarantine(folder.path("file")).contents() }
    }
}
