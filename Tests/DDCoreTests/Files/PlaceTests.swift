import Testing

@testable import DDCore

@Suite("a place below the document root")
struct PlaceTests {
    @Test(
        "slashes in front and repeated ones are passed over",
        arguments: ["a/b/c", "/a/b/c", "//a///b//c", "a/b/c/"])
    func slashes(path: String) throws {
        let place = try Place(path)
        #expect(place.directories == ["a", "b"] && place.name == "c")
        #expect(place.relpath == "a/b/c" && place.directory == "a/b")
    }

    @Test(
        "what leads out of the tree, or names nothing, is refused",
        arguments: [
            "", "/", "//", ".", "..", "../x", "x/..", "x/../y", "a/./b", "/..", "a/..//b", "a\0b", "\0", "a\nb", "a\u{1b}[2J",
            "a\u{7f}", "a/\u{1f}/b",
        ])
    func refused(path: String) {
        let error = #expect(throws: FileError.self) { try Place(path) }
        #expect(error?.code == .notAllowed)
        #expect(error?.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } == true)
    }

    @Test(
        "what only looks like a way out is a name",
        arguments: ["...", "..x", "x..", ". ", "%2e%2e", "..%2f", "\\..\\x", "~", "-rf"])
    func odd(name: String) throws {
        let place = try Place("d/" + name)
        #expect(place.directories == ["d"] && place.name == name)
    }

    // Found before: strings were cut by characters, and "/" with a combining mark behind it is another one than "/".
    @Test("a slash is a slash, whatever mark stands behind it", arguments: ["\u{301}", "\u{200d}", "\u{fe0f}", "\u{1f3fd}"])
    func marks(mark: String) throws {
        #expect(throws: FileError.self) { try Place("../\(mark)x/f") }
        #expect(throws: FileError.self) { try Place("a/../\(mark)x") }
        let place = try Place("a/\(mark)b")
        #expect(place.directories == ["a"] && place.name.utf8.elementsEqual("\(mark)b".utf8))
        #expect(!place.contains(linkTarget: "../../\(mark)x"))
        #expect(!place.contains(linkTarget: "/\(mark)x"))
    }

    @Test("a name has at most 255 bytes, a path at most 4,095")
    func lengths() throws {
        let longest = String(repeating: "é", count: 127) + "x"
        #expect(try Place(longest).name == longest)
        #expect(throws: FileError.self) { try Place(longest + "x") }
        #expect(throws: FileError.self) { try Place("\(longest)x/f") }
        let path = Array(repeating: longest, count: 15).joined(separator: "/")
        #expect(try Place(path + "/" + String(repeating: "y", count: 4_095 - path.utf8.count - 1)).directories.count == 15)
        #expect(throws: FileError.self) { try Place(path + "/" + String(repeating: "y", count: 4_096 - path.utf8.count - 1)) }
    }

    @Test(
        "a link that stays below the root may be made",
        arguments: ["x", "./x", "../x", "../../x", "..", "../..", "x//y", "...", "../a/b/z", "..//./..//z"])
    func inside(target: String) throws {
        #expect(try Place("a/b/link").contains(linkTarget: target))
    }

    @Test(
        "a link that is absolute or leaves the root on its way is told",
        arguments: [
            "", "/", "/etc/passwd", "//x", "../../../x", "x/../../../../y", "../../../a/b/x", "./../../.././a", "../../..",
            // The name in front may be a link that leads up already.
            "x/../y", "../a/b/../../z", "x/..",
        ])
    func outside(target: String) throws {
        #expect(try !Place("a/b/link").contains(linkTarget: target))
    }

    @Test("a link can be kept below the first directories of its place")
    func keeping() throws {
        let place = try Place("20240229/alice/dir/link")
        for target in ["x", "../x", ".."] { #expect(place.contains(linkTarget: target, keeping: 2), "\(target)") }
        for target in ["../../x", "../..", "../../../20240229/alice/x"] {
            #expect(!place.contains(linkTarget: target, keeping: 2), "\(target)")
        }
    }
}
