import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("walking a tree")
struct FileWalkerTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private struct Enough: Error {}

    /// All that is found at and below a path, each with its kind, relative to the folder, sorted.
    private func found(_ path: String) -> [String] {
        var result: [String] = []
        func below(_ path: String) -> Substring { path.dropFirst(folder.path.count) }
        FileWalker.walk(path) { found in
            switch found {
            case .entry(let path, let info): result.append("\(below(path)) \(String(info.st_mode & S_IFMT, radix: 8))")
            case .emptyDirectory(let path, _): result.append("\(below(path)) empty")
            case .problem(let error): result.append(error.description)
            }
            return true
        }
        return result.sorted()
    }

    @Test("finds files, links and empty folders, each once; links are not followed")
    func tree() throws {
        for name in ["a/one", "a/b/two", ".hidden", "a/é e\u{301}"] { try folder.write("x", to: name) }
        try folder.makeFolder("a/empty/also")
        #expect(symlink("a", folder.path("link")) == 0 && symlink("nowhere", folder.path("dangling")) == 0)
        #expect(
            found(folder.path) == [
                "/.hidden 100000", "/a/b/two 100000", "/a/empty/also empty", "/a/one 100000", "/a/é e\u{301} 100000",
                "/dangling 120000", "/link 120000",
            ])
        #expect(found(folder.path("a/one")) == ["/a/one 100000"])
        #expect(found(folder.path("link")) == ["/link 120000"])
        #expect(found(folder.path("a/empty/also")) == ["/a/empty/also empty"])
    }

    @Test("says what cannot be looked at")
    func missing() {
        let problems = found(folder.path("nothing"))
        #expect(problems.count == 1 && problems[0].contains("cannot look at \(folder.path("nothing"))"))
    }

    @Test("says of names that cannot travel what they are, and finds the others")
    func names() throws {
        try folder.write("x", to: "good")
        for name in [[0x62, 0xff], [0x63, 0x0a, 0x64], [0x65, 0xc2, 0x85], [0x66, 0x7f]] as [[UInt8]] {
            let path = Array(folder.path.utf8) + [0x2f] + name + [0]
            let file = path.withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { creat($0, 0o600) } ?? -1 }
            }
            #expect(file >= 0)
            close(file)
        }
        let lines = found(folder.path)
        #expect(lines.count == 5 && lines.contains("/good 100000"))
        for shown in ["b\\xff", "c\\x0ad", "e\\xc2\\x85", "f\\x7f"] {
            #expect(lines.contains { $0.contains("/\(shown)' cannot be announced") }, "\(shown) in \(lines)")
        }
    }

    @Test("a folder in which nothing can be announced is not called empty")
    func notEmpty() throws {
        try folder.write("x", to: "a\u{7}b")
        #expect(found(folder.path).count == 1)
    }

    @Test("ends when told to, and closes what it has open")
    func ends() throws {
        for number in 0..<20 { try folder.write("x", to: "a/b/c/\(number)") }
        let open = TemporaryFolder.names(in: "/proc/self/fd").count
        for _ in 0..<200 {
            var count = 0
            FileWalker.walk(folder.path) { _ in
                count += 1
                return count < 3
            }
            #expect(count == 3)
            #expect(throws: Enough.self) { try FileWalker.walk(folder.path) { _ in throw Enough() } }
        }
        // Other tests run at the same time and have files open; sixteen hundred left open would show.
        #expect(TemporaryFolder.names(in: "/proc/self/fd").count < open + 800)
    }

    @Test("memory and descriptors follow the depth, which may be some hundreds")
    func deep() throws {
        let path = Array(repeating: "d", count: 300).joined(separator: "/")
        try folder.write("x", to: path + "/f")
        try folder.write("x", to: "d/d/g")
        #expect(found(folder.path) == ["/\(path)/f 100000", "/d/d/g 100000"].sorted())
    }
}
