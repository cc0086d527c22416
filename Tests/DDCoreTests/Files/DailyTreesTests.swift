import DDTestSupport
import Glibc
import Testing

@testable import DDCore

@Suite("daily trees")
struct DailyTreesTests {
    @Test("the trees of old days are removed, whatever is in them, and nothing else below the root")
    func removes() throws {
        let folder = try TemporaryFolder()
        let root = try folder.makeFolder("root")
        try folder.write("outside", to: "outside/file")
        for name in [
            "20240101/alice/a", "20240101/bob/deep/er/b", "20240229/alice/a", "20240301/alice/a", "20240302/alice/a",
            "20231399/x",
            "20230230/x", "2024010/x", "202401011/x", "2024010x/x", "alice/20230101/x", ".20230101/x", "20230101.tmp/x",
        ] {
            try folder.write("x", to: "root/" + name)
        }
        try folder.write("a file", to: "root/20230105")
        #expect(symlink(folder.path("outside"), root + "/20230101") == 0)
        #expect(symlink(folder.path("outside"), root + "/20240101/link") == 0)
        #expect(symlink("../../20240302", root + "/20240101/alice/today") == 0)
        mkfifo(root + "/20240101/pipe", 0o600)
        let failures = Failures()
        let removed = DailyTrees(root: root).remove(before: "20240301") { failures.texts.append($0.description) }
        #expect(removed == ["20240101", "20240229"] && failures.texts == [])
        #expect(
            TemporaryFolder.names(in: root) == [
                ".20230101", "20230101", "20230101.tmp", "20230105", "20230230", "20231399", "2024010", "202401011", "2024010x",
                "20240301", "20240302", "alice",
            ])
        #expect(SmallFile.text(folder.path("outside/file")) == "outside")
        #expect(DailyTrees(root: root).remove(before: "20240301") { _ in } == [])
    }

    @Test("a tree deeper than a path can be long is removed")
    func deep() throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("20240101")
        var current = open(folder.path("20240101"), O_RDONLY | O_DIRECTORY)
        let name = String(repeating: "d", count: 200)
        for _ in 0..<1_500 {
            #expect(mkdirat(current, name, 0o777) == 0)
            let next = openat(current, name, O_RDONLY | O_DIRECTORY)
            close(current)
            current = next
        }
        close(current)
        #expect(DailyTrees(root: folder.path).remove(before: "20250101") { _ in } == ["20240101"])
    }

    @Test("what a source has is counted over all days, and nobody else's")
    func usage() throws {
        let folder = try TemporaryFolder()
        for (name, text) in [
            ("20240101/alice/a", "12345"), ("20240102/alice/x/y/b", "123"), ("20240102/bob/c", "1"), ("other/alice/d", "1"),
        ] {
            try folder.write(text, to: name)
        }
        var wanted = DailyTrees.Usage()
        // Two files, and the folders x and y.
        (wanted.bytes, wanted.files) = (8, 4)
        #expect(try DailyTrees(root: folder.path).usage(of: "alice") == wanted)
        #expect(try DailyTrees(root: folder.path).usage(of: "nobody") == DailyTrees.Usage())
    }

    @Test("so many days are kept, counted in UTC")
    func firstKept() {
        let now = Timestamp(seconds: 1_709_251_199)  // 2024-02-29T23:59:59
        #expect(DailyTrees.firstKept(days: 0, now: now) == "20240229")
        #expect(DailyTrees.firstKept(days: 1, now: now) == "20240228")
        #expect(DailyTrees.firstKept(days: 29, now: now) == "20240131")
        #expect(DailyTrees.firstKept(days: 1, now: Timestamp(seconds: now.seconds + 1)) == "20240229")
    }

    private final class Failures { var texts: [String] = [] }
}
