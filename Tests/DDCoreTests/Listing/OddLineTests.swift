import DDTestSupport
import Testing

@testable import DDCore

/// Lines of ftp and sftp servers that are not as most are: each costs itself, and never the folder.
@Suite("odd lines of listings")
struct OddLineTests {
    private let now = Timestamp(seconds: 1_795_000_000)

    private func names(_ text: String, _ format: (any ListingFormat)? = nil) throws -> [String] {
        try ListingFormatTests.read(text, format ?? LongListing(now: now)).map { line in
            switch line {
            case .entry(let entry): "\(entry.name)\(entry.isFolder ? "/" : "") \(entry.size ?? -1)"
            case .unusable: "unusable"
            }
        }
    }

    private let before = "-rw-r--r--    1 root     root            5 Nov 21 11:39 before\n"
    private let after = "\n-rw-r--r--    1 root     root            6 Nov 21 11:39 after\n"

    @Test("a group or an owner with blanks is read")
    func groups() throws {
        for line in [
            "-rw-r--r--    1 root     domain users            3 Nov 21 11:39 a b",
            "-rw-r--r-- 1 a user the domain users 3 Nov 21 2025 a b",
            "-rw-r--r--    1 1000     2 users            3 Nov 21 11:39 a b", "-rw-r--r--+   1 root 3 Nov 21 11:39 a b",
        ] {
            #expect(try names(before + line + after) == ["before 5", "a b 3", "after 6"], "\(line)")
        }
    }

    @Test("devices, pipes, sockets and links are passed over")
    func devices() throws {
        for line in [
            "crw-r--r--    1 root     root       1,   3 Nov 21 11:39 null", "prw-r--r--    1 root root 0 Nov 21 11:39 fifo",
            "srw-r--r--    1 root root 0 Nov 21 11:39 socket", "lrwxrwxrwx    1 root root 4 Nov 21 11:39 link -> null",
            "brw-rw----    1 root disk 8, 0 Nov 21 11:39 sda", "drwxr-xr-x    1 root disk 8 Nov 21 11:39 ..",
        ] {
            #expect(try names(before + line + after) == ["before 5", "after 6"], "\(line)")
        }
    }

    @Test("one odd line costs itself, and the name that it may be the rest of")
    func odd() throws {
        #expect(
            try names(before + "-rw-r--r--    1 root root what Nov 21 11:39 x" + after) == ["before 5", "unusable", "after 6"])
        #expect(try names("-rw-r--r--    1 root     root            5 Nov 21 11:39 b\nc" + after) == ["unusable", "after 6"])
        #expect(
            try names(before + "-rw-r--r--    1 root     root            5 Nov 21 11:39 \u{FFFD}" + after).contains("unusable"))
    }

    @Test("MLSD: exact times, types in any letters, and what is no file")
    func machine() throws {
        let text = """
            Type=cdir;Modify=20261121163907; .\r
            type=pdir; ..\r
            modify=20261121163907.123;perm=adfr;size=5;type=file;UNIX.mode=0644; a; b=c .txt\r
            type=dir;sizd=4096;modify=20261121163907; [x]\r
            type=OS.unix=slink:/x;size=5; link\r
            type=file;size=0; .in.upload\r

            """
        let time = try Timestamp(wire: "20261121163907")
        #expect(
            try ListingFormatTests.read(text, MachineListing()) == [
                .entry(ListedEntry(name: "a; b=c .txt", isFolder: false, size: 5, modified: time)),
                .entry(ListedEntry(name: "[x]", isFolder: true, size: nil, modified: time)),
            ])
        #expect(try names("type=file;size=1; a\nnonsense\n", MachineListing()) == ["a 1", "unusable"])
        #expect(throws: ListingError.self) { try names("nonsense\n", MachineListing()) }
        #expect(try names("", MachineListing()) == [])
    }
}
